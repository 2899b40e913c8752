// The second argument of `chat.completions.create()`.

import type { CallOptions } from "./resilience.js";

/** One header's value. `null` takes away a header that the client would send. */
export type HeaderValue = string | null | undefined;

/** Headers as the SDK's own helpers hand them on (SDK 5 and later): those to set, and the names to remove. */
export interface NullableHeaders {
  readonly values: Headers;
  readonly nulls: ReadonlySet<string>;
}

/** Headers in any form that `fetch` or an OpenAI SDK takes. */
export type HeadersLike =
  | Headers
  | NullableHeaders
  | readonly (readonly HeaderValue[])[]
  | { readonly [name: string]: HeaderValue | readonly HeaderValue[] };

/**
 * Options of one call. The names are those of the OpenAI SDK and of `@upstash/model-multiplexer`;
 * `RequestOptions` of every supported SDK version can be passed as they are.
 */
export interface RequestOptions {
  /** What this call asks of its targets. It reaches no client and no wire. */
  multiplexer?: CallOptions | undefined;
  /** Ends the call, and a stream that it has opened. An aborted call rejects and counts nowhere. */
  signal?: AbortSignal | null | undefined;
  /**
   * The milliseconds that one attempt may take until the response's headers are there.
   *
   * @default the client's `timeout`, 600000 in the SDK
   */
  timeout?: number | undefined;
  /**
   * How many times one target is tried again after a connection failure or a status 408, 409 or
   * 5xx. A 429 or 529 goes to the next target at once.
   *
   * @default the client's `maxRetries`, 2 in the SDK
   */
  maxRetries?: number | undefined;
  /** Headers of this call, over the client's own. `null` takes a header away. */
  headers?: HeadersLike | null | undefined;
  /** An object whose members are added to the URL's query, over the client's own. */
  query?: unknown;
  /** The path below the base URL, in place of `/chat/completions`. */
  path?: string | undefined;
  /** The HTTP method, in place of `post`. */
  method?: "get" | "post" | "put" | "patch" | "delete" | undefined;
  /** The body, in place of the first argument. */
  body?: unknown;
  /** Sent as `Idempotency-Key` by clients that know one. */
  idempotencyKey?: string | undefined;
  /** The base URL for a client that was given none itself (SDK 5 and later). */
  defaultBaseURL?: string | undefined;
  /** Passed to `fetch` by the client (SDK 5 and later). A call that carries it is made by the client itself. */
  fetchOptions?: object | undefined;
  /** The agent that the client uses (SDK 4). A call that carries it is made by the client itself. */
  httpAgent?: unknown;
  /** Passed on to the client. To open a stream, set `stream` in the body. */
  stream?: boolean | undefined;
  /** Passed on to the client. To set headers of this call, use `headers`. */
  defaultHeaders?: Record<string, string> | undefined;
  /** Passed on to the client. To set the query of this call, use `query`. */
  defaultQuery?: Record<string, string> | undefined;
  /** Passed on to the client. To choose the format, set `response_format` in the body. */
  responseFormat?: "json" | "text" | undefined;
  /** Passed on to the client, which takes its base URL from its own construction. */
  baseURL?: string | undefined;
}
