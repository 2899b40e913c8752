// What the channels of `node:diagnostics_channel` tell of a request that the engine makes.

/**
 * One attempt at one target, as `model-multiplexer:attempt:start`, `:headers`, `:end` and `:error`
 * tell it: the same object each time, with more in it. It holds no key and no body.
 */
export interface AttemptMessage {
  /** The call's number. Attempts of one call share it. */
  readonly call: number;
  /** The target's id. */
  readonly target: string;
  /** The `model` that is sent. */
  readonly modelName: string;
  /** The HTTP method, in capital letters. */
  readonly method: string;
  /** Where the request goes, without its query. */
  readonly url: string;
  /** The HTTP status, from `:headers` on. */
  status?: number;
  /** The response's headers, from `:headers` on. */
  responseHeaders?: Headers;
  /** Why the attempt failed, in `:error`. */
  error?: unknown;
}
