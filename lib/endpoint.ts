// Targets that are given as a plain endpoint, without an SDK: checking what was given, and
// answers in our own classes.

import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  MultiplexerError,
  statusError,
} from "./errors.js";
import { abortMessage, asCause, eachEvent, parseJson, saysJson, withRequestId } from "./answer.js";
import type { AnswerForm } from "./answer.js";
import { proxyFor } from "./connection.js";
import type { Connection } from "./connection.js";
import type { Fault, StreamForm } from "./exchange.js";
import { hub } from "./hub.js";
import type { Operation } from "./operation.js";
import { Reader } from "./stream/reader.js";
import { Stream } from "./stream/stream.js";
import type { EventQueue } from "./stream/queue.js";
import type { Endpoint, RequestOptions } from "./types/index.js";

/** As the openai SDK's. */
export const defaultTimeoutMs = 600_000;
export const defaultMaxRetries = 2;

/** True for something that was meant as an endpoint rather than as a client. */
export function isEndpoint(candidate: unknown): candidate is Endpoint {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    !("chat" in candidate) &&
    ("baseURL" in candidate || "apiKey" in candidate)
  );
}

/**
 * Checks an endpoint's fields.
 *
 * @throws {MultiplexerError} naming the field, what was given (never a key), and what is expected
 */
export function checkEndpoint(endpoint: Endpoint): void {
  const { baseURL, apiKey, headers } = endpoint as { [Key in keyof Endpoint]: unknown };
  if (typeof baseURL !== "string" || !/^https?:\/\//i.test(baseURL) || !URL.canParse(baseURL)) {
    throw new MultiplexerError(
      `baseURL must be an http or https URL such as "https://api.openai.com/v1", not ${show(baseURL)}.`,
    );
  }
  if (typeof apiKey !== "function") checkKey(apiKey);
  if (headers === undefined) return;
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw new MultiplexerError("headers must be an object of strings.");
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new MultiplexerError(`headers: ${show(name)} is not a valid header name.`);
    }
    if (typeof value !== "string") {
      throw new MultiplexerError(`headers: the value of ${name} must be a string.`);
    }
    checkHeader(`headers: the value of ${name}`, value);
  }
}

/** @throws {MultiplexerError} if this cannot be a key, which the error does not tell */
export function checkKey(apiKey: unknown): asserts apiKey is string {
  if (typeof apiKey !== "string" || apiKey === "") {
    throw new MultiplexerError("apiKey must be a non-empty string.");
  }
  checkHeader("apiKey", apiKey);
}

function checkHeader(what: string, value: string): void {
  // Tab, and all of Latin-1 that is not a control character (RFC 9110 §5.5).
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new MultiplexerError(
      `${what} must not contain line breaks, control characters or characters beyond Latin-1.`,
    );
  }
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** An endpoint whose key is known. */
export interface KeyedEndpoint extends Endpoint {
  apiKey: string;
}

/** The profile of an endpoint's calls; a call's own headers and query make one of its own. */
export function endpointProfile(
  endpoint: KeyedEndpoint,
  operation: Operation,
  options: RequestOptions | undefined,
): { url: string; headers: string[] } {
  const base = new URL(endpoint.baseURL);
  const [path = "", query = ""] = (options?.path ?? operation.path).split("?", 2);
  base.pathname = `${base.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`;
  for (const [name, value] of new URLSearchParams(query)) base.searchParams.append(name, value);
  for (const [name, value] of Object.entries(options?.query ?? {})) {
    if (value !== undefined) base.searchParams.set(name, String(value));
  }
  const headers = new Headers({
    accept: operation.accept ?? "application/json",
    "content-type": "application/json",
    "user-agent": "model-multiplexer",
    authorization: `Bearer ${endpoint.apiKey}`,
  });
  for (const [name, value] of Object.entries(endpoint.headers ?? {})) headers.set(name, value);
  for (const [name, value] of ownHeaders(options)) {
    checkHeader(`headers: the value of ${name}`, value ?? "");
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return { url: base.href, headers: [...headers].flat() };
}

function ownHeaders(options: RequestOptions | undefined): [string, string | null][] {
  const { headers } = options ?? {};
  if (headers === undefined || headers === null) return [];
  if (isNullableHeaders(headers)) {
    return [...headers.values, ...[...headers.nulls].map((name): [string, null] => [name, null])];
  }
  const pairs =
    headers instanceof Headers || Array.isArray(headers) ? [...headers] : Object.entries(headers);
  return pairs.flatMap((pair): [string, string | null][] => {
    const [name, value] = pair as [string, string | readonly string[] | null | undefined];
    if (value === undefined) return [];
    return [[name, typeof value === "string" || value === null ? value : value.join(", ")]];
  });
}

/** What the newer SDKs merge headers into: values, and names that are to be removed. */
function isNullableHeaders(
  headers: object,
): headers is { values: Headers; nulls: Iterable<string> } {
  return "values" in headers && headers.values instanceof Headers && "nulls" in headers;
}

/** Adds the endpoint's profile to the engine. */
export function addEndpointProfile(
  endpoint: KeyedEndpoint,
  operation: Operation,
  options: RequestOptions | undefined,
  connection: Connection,
): { id: number; url: string } {
  const { url, headers } = endpointProfile(endpoint, operation, options);
  const method = operation.method.toUpperCase();
  const proxy = proxyFor(url, connection);
  const { http2, connectMs } = connection;
  const id = hub.native.addProfile(method, url, headers, false, proxy, http2, connectMs);
  return { id, url };
}

/** Answers in our own classes, worded as the openai SDK words them. */
export const endpointForm: AnswerForm = {
  reply(head, body) {
    if (head.status === 204) return null;
    if (!saysJson(head.get("content-type"))) return body;
    if (body === "") return undefined;
    const value = parseJson(body);
    if (value === undefined) {
      throw new APIError(undefined, undefined, "The reply is not valid JSON.", head.headers);
    }
    return withRequestId(value, head);
  },

  events(opened, { seen }): StreamForm {
    const dead = (message: string, cause?: Error): APIError =>
      new APIConnectionError(undefined, undefined, message, opened.head?.headers, cause);
    return {
      normalise: eachEvent(undefined, seen),
      named: (_name, data) => JSON.parse(data) as unknown,
      errorEvent: (_name, data) => {
        const value = parseJson(data) as { error?: unknown } | undefined;
        return new APIError(undefined, value?.error ?? value, undefined, opened.head?.headers);
      },
      unparsed: () => dead("The stream holds an event that is not valid JSON."),
      broken: (fault) => dead("The connection broke within the stream.", asCause(fault)),
    };
  },

  stream(queue: EventQueue, controller: AbortController): object {
    const reader = new Reader(
      queue,
      () =>
        new MultiplexerError(
          "Cannot iterate over a consumed stream, use `.tee()` to split the stream.",
        ),
      () => {
        controller.abort();
      },
    );
    return new Stream(() => reader.iterate(), controller);
  },

  statusError(head, body) {
    const value = parseJson(body) as { error?: unknown } | null | undefined;
    return statusError(head.status, value?.error, body, head.headers);
  },

  unreachable: (fault: Fault) =>
    fault.timedOut
      ? new APIConnectionTimeoutError(
          undefined,
          undefined,
          "Request timed out.",
          undefined,
          asCause(fault),
        )
      : new APIConnectionError(
          undefined,
          undefined,
          "Connection error.",
          undefined,
          asCause(fault),
        ),

  brokenReply: (fault: Fault) =>
    new APIConnectionError(
      undefined,
      undefined,
      "The connection broke within the reply.",
      undefined,
      asCause(fault),
    ),

  timedOut: () =>
    new APIConnectionTimeoutError(undefined, undefined, "Request timed out.", undefined),

  aborted: () => new APIUserAbortError(undefined, undefined, abortMessage, undefined),
};
