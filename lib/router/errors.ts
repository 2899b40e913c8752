// The errors that a router makes itself. What a provider answers is the provider's own error.

import { MultiplexerError } from "../errors.js";

/** The configuration is wrong. The message names the field, what was given and what is expected. */
export class ConfigurationError extends MultiplexerError {
  static {
    this.prototype.name = "ConfigurationError";
  }

  readonly code = "configuration";

  /** @param message what is wrong, after "Configuration error: " */
  constructor(message: string) {
    super(`Configuration error: ${message}`);
  }
}

/** No provider that is configured has the model, or nobody knows it. */
export class ModelNotAvailableError extends MultiplexerError {
  static {
    this.prototype.name = "ModelNotAvailableError";
  }

  readonly code = "model_not_found";
  readonly status = 404;

  /** @param model as it was asked for */
  constructor(
    readonly model: string,
    known: readonly string[],
  ) {
    super(
      `No configured provider has the model "${model}". There are ${known.join(", ") || "none"}.`,
    );
  }
}

/** Everybody who has the model was asked and failed, or rests, or has no quota left. */
export class AllProvidersExhaustedError extends MultiplexerError {
  static {
    this.prototype.name = "AllProvidersExhaustedError";
  }

  readonly code = "all_providers_exhausted";
  readonly status = 429;

  /**
   * @param attemptedProviders the types of those that were asked in this call, each once, in order
   * @param earliestResetTime when the first of all comes back; undefined where nobody rests
   * @param cause what the last of them failed with
   */
  constructor(
    readonly attemptedProviders: readonly string[],
    readonly earliestResetTime: Date | undefined,
    cause: unknown,
  ) {
    const attempted = attemptedProviders.join(", ") || "none";
    const reset =
      earliestResetTime === undefined ? "" : ` Earliest reset: ${earliestResetTime.toISOString()}`;
    super(`All providers exhausted. Attempted: ${attempted}.${reset}`, { cause });
  }

  /** Milliseconds from now until `earliestResetTime`; undefined where nobody rests. */
  get retryAfterMs(): number | undefined {
    if (this.earliestResetTime === undefined) return undefined;
    return Math.max(0, this.earliestResetTime.getTime() - Date.now());
  }
}
