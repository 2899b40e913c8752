// What `chat.completions.create()` takes and returns.

import type { RequestOptions } from "./request.js";
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
} from "./sdk.js";

/** A promise of what a call answers, with two ways to the HTTP response behind it. */
export interface MultiplexerPromise<T> extends Promise<T> {
  /**
   * The HTTP response alone: its status and headers are there, its body is yours to read. That of a
   * stream has the server's bytes if it is asked for at once, as in `create(…).asResponse()`, and
   * the promise then gives the response, too; later, a stream is read as a stream, and its response
   * has no body.
   *
   * @throws what the call itself rejects with
   */
  asResponse(): Promise<Response>;
  /**
   * The answer together with the HTTP response and the server's `x-request-id`.
   *
   * @throws what the call itself rejects with
   */
  withResponse(): Promise<{ data: T; response: Response; request_id: string | null }>;
}

/**
 * A stream that can be read once. Leaving its loop early, `return()` of its iterator and
 * `controller.abort()` end the request. The SDK's own `Stream` fits this type.
 */
export interface ChatCompletionStream<Item = ChatCompletionChunk> extends AsyncIterable<Item> {
  /** Ends the request, and every branch that `tee()` has made. */
  controller: AbortController;
  /** Two streams of the same events, each read at its own pace. */
  tee(): [ChatCompletionStream<Item>, ChatCompletionStream<Item>];
  /** The events as a byte stream, one JSON text a line: what the SDK's `Stream.fromReadableStream()` reads. */
  toReadableStream(): ReadableStream;
}

/**
 * Sends a chat completion to one of the registered targets, and to the next while they are rate
 * limited. The body's `model` is replaced by the chosen target's name; the body itself is not changed.
 *
 * With `stream: true` the promise resolves when the response's headers are there.
 *
 * @throws {ModelSelectionError} when there is no target, or all of them rest or are full
 * @throws the last refusal (status 429 or 529), as its client threw it, when every target refused in this call
 * @throws any other failure of the chosen target, as its client threw it; `APIError` for an `Endpoint`
 */
export interface ChatCompletionsCreate {
  (
    params: ChatCompletionCreateParamsNonStreaming,
    options?: RequestOptions,
  ): MultiplexerPromise<ChatCompletion>;
  (
    params: ChatCompletionCreateParamsStreaming,
    options?: RequestOptions,
  ): MultiplexerPromise<ChatCompletionStream>;
  /**
   * Where the body's type does not say whether it streams, neither does the result's: `any`, as in
   * `@upstash/model-multiplexer`, so that wrappers written for it compile.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  (params: ChatCompletionCreateParams, options?: RequestOptions): MultiplexerPromise<any>;
  /**
   * No call gets here. It is what `Parameters`, `ReturnType`, and the spies of jest and vitest see,
   * which look at the last signature only: that of `@upstash/model-multiplexer`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  (params: ChatCompletionCreateParams, options?: RequestOptions): Promise<any>;
}
