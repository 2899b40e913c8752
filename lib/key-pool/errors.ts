// What a call of a pool fails with when nobody is left.

import { MultiplexerError } from "../errors.js";
import { ConfigurationError } from "../router/errors.js";
import type { KeyPoolAttempt } from "../types/index.js";

export { ConfigurationError };

/** Every key of every model of every provider in the call's order has failed, or rests. */
export class KeyPoolExhaustedError extends MultiplexerError {
  static {
    this.prototype.name = "KeyPoolExhaustedError";
  }

  readonly code = "key_pool_exhausted";
  /** What the handler threw, in order, as in an `AggregateError`. */
  readonly errors: readonly unknown[];

  /**
   * @param attempts every call of the handler; empty where all keys rest
   * @param retryAfterMs milliseconds until the first of all comes back; undefined where nobody rests
   * @param describe an attempt in words, without any key
   */
  constructor(
    readonly attempts: readonly KeyPoolAttempt[],
    readonly retryAfterMs: number | undefined,
    describe: (attempt: KeyPoolAttempt) => string,
  ) {
    const lines = attempts.map((attempt) => `\n  ${describe(attempt)}`);
    const end = attempts.at(-1);
    super(
      attempts.length === 0
        ? "All keys of all providers rest or are at capacity."
        : `All keys, models and providers have failed.${lines.join("")}`,
      end && { cause: end.error },
    );
    this.errors = attempts.map(({ error }) => error);
  }
}
