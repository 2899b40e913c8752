// What `new KeyPool()` takes and tells.

import type { Endpoint } from "./client.js";
import type { Limits, SharedLimits } from "./limits.js";
import type { Logger } from "./options.js";
import type { OutcomeName } from "./resilience.js";
import type { StateOptions } from "./state.js";

/** A provider of a pool: every key is good for every model. */
export interface KeyPoolProvider {
  /** Its name in `executeWithFallback()`. */
  name: string;
  /** Its keys, or functions that tell them, in the order in which they are used. */
  keys: readonly Endpoint["apiKey"][];
  /** Its models, in the order in which they are used. */
  models: readonly string[];
  /** The limits of each model at each key. */
  limits?: Limits | undefined;
  /** The limits of each `key`, of each `model` whatever the key, and of the `provider`. */
  sharedLimits?: Omit<SharedLimits, "account" | "accountModel"> | undefined;
  /** How many calls each model may have under way at each key; none is without limit. */
  maxConcurrent?: number | undefined;
}

/** What a hook is told. The key is the secret itself, here and nowhere else. */
export interface KeyPoolFailure {
  /** The provider that failed. */
  provider: string;
  /** The key that failed last. */
  apiKey: string;
  /** What the handler threw. */
  error: unknown;
}

/** Called after something failed. What it throws, or rejects with, is not the call's concern. */
export type KeyPoolHook = (failure: KeyPoolFailure) => unknown;

/** Configuration of `new KeyPool()`. */
export interface KeyPoolConfig {
  /** At least one. */
  providers: readonly KeyPoolProvider[];
  /**
   * How many milliseconds a key rests after a failure that names no time of its own.
   *
   * @default 60000
   */
  cooldownMs?: number | undefined;
  /**
   * `"priority"`: each call begins with the first provider of its order. `"sticky"`: with the
   * provider and the model that have succeeded last. `"round-robin"`: with the next provider.
   *
   * @default "priority"
   */
  strategy?: "priority" | "sticky" | "round-robin" | undefined;
  /** A key has failed. */
  onKeyFailure?: KeyPoolHook | undefined;
  /** All keys have failed for a model: the provider's next one is tried. */
  onModelSwitch?: KeyPoolHook | undefined;
  /** A provider has failed: the next one is tried. */
  onProviderSwitch?: KeyPoolHook | undefined;
  /** As the multiplexer's: where limits, rests and latencies are kept. */
  state?: StateOptions | undefined;
  /** As the multiplexer's: pools of this process with the same name share limits and rests. */
  share?: string | undefined;
  /**
   * Where messages go. They hold no key.
   *
   * @default false
   */
  logger?: Logger | false | undefined;
}

/** What a handler is given. */
export interface KeyPoolContext {
  /** The key to call with. */
  apiKey: string;
  /** The provider's name. */
  provider: string;
  /** The model to call. */
  model: string;
  /** Aborted when the call is. Undefined where the call has no signal. */
  signal: AbortSignal | undefined;
}

/** Options of one call. */
export interface KeyPoolCallOptions {
  /** Ends the call: it rejects with the signal's reason, and nothing is counted. */
  signal?: AbortSignal | null | undefined;
}

/** One call of the handler that failed. */
export interface KeyPoolAttempt {
  /** The provider's name. */
  provider: string;
  /** The model. */
  model: string;
  /** The key's id: `openai/key-1` for the first. Never the key itself. */
  key: string;
  /** What the failure has been judged to be. */
  outcome: OutcomeName | undefined;
  /** The HTTP status, where the error tells one. */
  status: number | undefined;
  /** How long the handler took. */
  durationMs: number;
  /** What the handler threw. */
  error: unknown;
}
