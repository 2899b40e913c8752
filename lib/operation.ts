// What is asked of a target: where it goes, how it is asked of a client that is called itself, and
// what becomes of the answer. The operations themselves are in surface/.

import type { Resource } from "./sdk/resource.js";

/** One kind of call. There is one object for each, or for each path; calls only refer to it. */
export interface Operation {
  /** As programs call it, for messages: `embeddings.create`. */
  readonly name: string;
  readonly method: "get" | "post" | "delete";
  /** Below a target's base URL. */
  readonly path: string;
  /** What tells its request profiles from those of other operations; empty for chat completions. */
  readonly profileKey: string;
  /** Which member of an SDK's client has it; where that is not the SDK's own, the client is called. */
  readonly resource: Resource;
  /** It is sent without a body, though it is a POST. */
  readonly hasNoBody?: boolean;
  /** The media types that it accepts, if not just JSON. */
  readonly accept?: string;
  /** Chunks are chat completion chunks, which openai 7 completes. */
  readonly hasChunks?: boolean;
  /** True if the answer is a stream of events. */
  streams(params: unknown, options: object | undefined): boolean;
  /** The body that goes on the wire, if it is not the parameters as they are. */
  readonly body?: (params: object) => object;
  /** What a parsed reply becomes; may change it in place. `body` is what was sent. */
  readonly reply?: (value: unknown, params: unknown) => unknown;
  /**
   * What tells where later calls must go: the id of something that only this target has, in a
   * reply, in an event, or in a piece of a body that is not parsed here.
   */
  readonly idOf?: ((value: unknown) => string | undefined) | undefined;
  /** The same operation on a client that is called itself; undefined if the client lacks it. */
  call(client: object, params: object, options: object | undefined): Called | undefined;
}

/** What a client has been asked. */
export interface Called {
  /** What its method returned. */
  readonly result: unknown;
}

/** True for a body that asks for a stream. */
export function bodyStreams(params: unknown): boolean {
  return (params as { stream?: unknown } | null | undefined)?.stream === true;
}

/**
 * Calls `client[path[0]][path[1]]…(...args)`.
 *
 * @returns undefined if there is no such method
 */
export function callMember(
  client: object,
  path: readonly string[],
  args: readonly unknown[],
): Called | undefined {
  let owner: unknown = client;
  let method: unknown = client;
  for (const name of path) {
    owner = method;
    if (typeof owner !== "object" || owner === null) return undefined;
    method = (owner as Record<string, unknown>)[name];
  }
  if (typeof method !== "function") return undefined;
  return { result: Reflect.apply(method, owner, args) };
}
