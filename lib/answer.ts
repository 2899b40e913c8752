// How the answers of one kind of target look to the caller: what a reply becomes, and which
// classes failures have. sdk/form.ts does it as the caller's openai SDK, endpoint.ts in our own.

import type { Fault, StreamForm } from "./exchange.js";
import type { SoFar } from "./call/so-far.js";
import type { Head } from "./head.js";
import type { EventQueue } from "./stream/queue.js";

/** A stream, whose head is there once it is open. */
export interface Opened {
  head?: Head;
  /** What its reader has been given, where somebody will ask. */
  soFar?: SoFar;
}

/** What is known of a stream's events beside their text. */
export interface EventsOf {
  /** They are chat completion chunks. */
  readonly hasChunks: boolean;
  /** Told of each event before it is read. */
  readonly seen: ((event: unknown) => void) | undefined;
}

/** The answers of one target. */
export interface AnswerForm {
  /** A reply that is not a stream. */
  reply(head: Head, body: string): unknown;
  /** What the events of a stream become. */
  events(stream: Opened, of: EventsOf): StreamForm;
  /** A stream for its reader; `controller` ends it. */
  stream(queue: EventQueue, controller: AbortController, head: Head): object;
  /** The error for a status that is not 2xx. */
  statusError(head: Head, body: string): unknown;
  /** The error for a server that cannot be reached at this URL. */
  unreachable(fault: Fault, url: string): unknown;
  /** The error for a reply whose body did not arrive. */
  brokenReply(fault: Fault): unknown;
  /** The error for no headers in time. */
  timedOut(): unknown;
  /** The error for a call whose signal was aborted, or whose multiplexer was closed. */
  aborted(signal: AbortSignal | null | undefined): unknown;
}

/** The message of every abort, as in `@upstash/model-multiplexer`. */
export const abortMessage = "Request aborted";

/** The value of a JSON text; undefined if it is not one. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True if a content type says JSON, as openai 7 decides it. */
export function saysJson(contentType: string | null): boolean {
  // What nearly all servers say.
  if (contentType === "application/json") return true;
  return saysJsonInLowerCase(contentType?.toLowerCase() ?? null);
}

/** The same as openai before 7 decides it, which does not know capital letters. */
export function saysJsonInLowerCase(contentType: string | null): boolean {
  if (contentType === "application/json") return true;
  const media = contentType?.split(";")[0]?.trim() ?? "";
  return media.includes("application/json") || media.endsWith("+json");
}

/** What is done with each event of a stream; undefined where that is nothing. */
export function eachEvent(
  change: ((event: unknown) => unknown) | undefined,
  seen: ((event: unknown) => void) | undefined,
): ((event: unknown) => unknown) | undefined {
  if (seen === undefined) return change;
  return (event) => {
    seen(event);
    return change === undefined ? event : change(event);
  };
}

/** Puts the SDK's hidden `_request_id` on a reply. */
export function withRequestId(value: unknown, head: Head): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.defineProperty(value, "_request_id", {
    value: head.get("x-request-id"),
    enumerable: false,
  });
}

/** What `fetch` would have failed with. */
export function asCause(fault: Fault): Error {
  const cause: Error & { code?: string } = new Error(fault.message);
  if (fault.code !== undefined) cause.code = fault.code;
  return cause;
}
