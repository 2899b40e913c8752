// What a `Multiplexer` is constructed with.

import type {
  HedgeOptions,
  MidStream,
  OutcomeRules,
  PolicyName,
  RetryBudget,
  StrategyName,
  Timeouts,
} from "./resilience.js";
import type { StateOptions } from "./state.js";

/** Where messages go. `console` fits, and so do pino, winston and others that take a message first. */
export interface Logger {
  /** A target rests, or has come back. */
  log?(message: string): void;
  /** A target was rate limited, or was registered twice. */
  warn?(message: string, ...rest: unknown[]): void;
  /** A call failed; the failure follows the message. */
  error?(message: string, ...rest: unknown[]): void;
}

/** How long a rate-limited target rests. */
export interface CooldownOptions {
  /**
   * The rest in milliseconds after a refusal that names no time of its own, from `minMs` to `maxMs`.
   *
   * @default 60000, or the nearer of `minMs` and `maxMs`
   */
  defaultMs?: number | undefined;
  /**
   * The first rest in milliseconds after any other failure that names no time of its own, under the
   * policy `"resilient"`: overload, 5xx, broken connections, time-outs, broken streams. Each
   * failure in a row doubles it, to at most a minute or this, if this is longer.
   *
   * @default 1000
   */
  failureMs?: number | undefined;
  /**
   * The shortest rest in milliseconds, however soon a server invites the next call.
   *
   * @default 1000, under the policy `"resilient"` 250, or `defaultMs` where that is shorter
   */
  minMs?: number | undefined;
  /**
   * The longest rest in milliseconds, whatever a server asks for.
   *
   * @default 600000, under the policy `"resilient"` 86400000, or `defaultMs` where that is longer
   */
  maxMs?: number | undefined;
}

/** How connections are made for requests that the Rust core sends. */
export interface ConnectionOptions {
  /**
   * The http(s) URL of a proxy, which may hold a name and a password for it; it is asked for a
   * tunnel (`CONNECT`). `false` for none. Without it, `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
   * count where `NODE_USE_ENV_PROXY=1` says so, as in Node.js.
   *
   * @default undefined
   */
  proxy?: string | false | undefined;
  /**
   * `true`: HTTP/2 over TLS with servers that offer it, else HTTP/1.1. `"prior-knowledge"`: HTTP/2
   * without asking, over plain TCP as well. `false`: HTTP/1.1.
   *
   * @default false
   */
  http2?: boolean | "prior-knowledge" | undefined;
}

/** Options of `new Multiplexer()`. */
export interface MultiplexerOptions extends ConnectionOptions {
  /**
   * Where messages go; `false` for nowhere.
   *
   * @default console
   */
  logger?: Logger | false | undefined;
  /** How long a rate-limited target rests. Under `"resilient"` from 250 ms to 24 h. */
  cooldown?: CooldownOptions | undefined;
  /**
   * What is done when an attempt fails.
   *
   * @default "compat"
   */
  policy?: PolicyName | undefined;
  /**
   * How a target is chosen.
   *
   * @default "weighted"
   */
  strategy?: StrategyName | undefined;
  /** Deadlines, under the policy `"resilient"`. */
  timeouts?: Timeouts | undefined;
  /** What is done after a failure where it is not what the policy `"resilient"` does. */
  outcomes?: OutcomeRules | undefined;
  /**
   * Asks a second target beside one that is later than 95 % of its last answers to prompts of the
   * size, under the policy `"resilient"`: one that shares no `key`, `account` or `provider` with it.
   * Whichever answers first is the call's; the other is cancelled, and what it has cost is billed.
   * Not for requests that must not be executed twice, nor for what is read as a `Response`.
   *
   * @default false
   */
  hedge?: boolean | HedgeOptions | undefined;
  /** How many attempts may be repeated, under the policy `"resilient"`. */
  retryBudget?: RetryBudget | undefined;
  /**
   * For how many milliseconds a call may wait, under the policy `"resilient"`, when every target
   * rests or is at capacity. It is refused at once where none can be free in time.
   *
   * @default 0
   */
  maxWaitMs?: number | undefined;
  /**
   * What becomes of a chat completion's stream that breaks off, under the policy `"resilient"`.
   *
   * @default "error"
   */
  midStream?: MidStream | undefined;
  /**
   * Where what is left of limits, rests and latencies are kept: in this process, in a file that
   * outlives it, or in Redis for any number of processes.
   *
   * @default "memory"
   */
  state?: StateOptions | undefined;
  /**
   * A name: multiplexers of this process that have the same one, in whatever worker thread, share
   * limits and rests. For `state: "memory"`.
   */
  share?: string | undefined;
}
