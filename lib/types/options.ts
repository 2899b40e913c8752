// What a `Multiplexer` is constructed with.

import type {
  OutcomeRules,
  PolicyName,
  RetryBudget,
  StrategyName,
  Timeouts,
} from "./resilience.js";

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
   * The rest in milliseconds after a refusal that names no time of its own.
   *
   * @default 60000
   */
  defaultMs?: number | undefined;
  /**
   * The shortest rest in milliseconds, however soon a server invites the next call.
   *
   * @default 1000
   */
  minMs?: number | undefined;
  /**
   * The longest rest in milliseconds, whatever a server asks for.
   *
   * @default 600000
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
  /** How many attempts may be repeated, under the policy `"resilient"`. */
  retryBudget?: RetryBudget | undefined;
  /**
   * For how many milliseconds a call may wait, under the policy `"resilient"`, when every target
   * rests or is at capacity. It is refused at once where none can be free in time.
   *
   * @default 0
   */
  maxWaitMs?: number | undefined;
}
