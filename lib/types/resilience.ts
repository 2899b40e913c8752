// How a multiplexer chooses, and what it does when an attempt fails.

import type { LimitStatus } from "./limits.js";

/**
 * `"compat"`: as `@upstash/model-multiplexer`: 429 and 529 go to the next target, anything else is
 * the caller's. `"resilient"`: every failure is judged by status, headers and body; what another
 * target may do better goes to another target; whom a failure concerns (target, key, account,
 * provider) rests, longer each time, and comes back by one probe; a stream is handed over at its
 * first token, and one that breaks off is an error.
 */
export type PolicyName = "compat" | "resilient";

/**
 * How a target is chosen among those that can be asked: `"weighted"` by chance, in proportion to
 * the weights; `"priority"` the first in the order of adding; `"round-robin"` each in its turn;
 * `"sticky"` calls of one `session` stay with one target; `"latency"` the sooner of two to give its
 * first token, as measured on streams under the policy `"resilient"`; `"least-busy"` the one with
 * the fewest calls under way; `"least-used"` the one of whose scarcest limit the largest part is
 * left.
 */
export type StrategyName =
  "weighted" | "priority" | "round-robin" | "sticky" | "latency" | "least-busy" | "least-used";

/**
 * What becomes of a chat completion's stream that breaks off after something of it was handed over.
 * `"error"`: a `StreamInterruptedError` with what came before. `"recover"`: another target goes on
 * with it. A target with a `prefill` is handed the text so far and answers what follows; any other
 * is asked the same anew, and its answer is withheld until it has said all that was given, letter for
 * letter. Where it says something else, or nobody can be asked, it is the `StreamInterruptedError`.
 * A tool call is handed over when it is complete.
 *
 * Not attempted after a complete tool call; for requests with `n` above 1, `logprobs`,
 * `response_format`, audio or signed thinking; for those that must not be sent twice (`store: true`,
 * tools that the provider runs); and where a client was called itself.
 */
export type MidStream = "error" | "recover";

/** In which form a target takes the beginning of its answer. */
export type PrefillForm = "prefix" | "continue_final_message" | "assistant";

/** Deadlines in milliseconds, under the policy `"resilient"`. 0 is none. */
export interface Timeouts {
  /**
   * To open a connection, with TLS and a proxy's tunnel; then the next target is asked. For requests
   * that the Rust core sends.
   *
   * @default 10000
   */
  connectMs?: number | undefined;
  /**
   * From the request to the first token of a stream; then the next target is asked. Without it, it is
   * learned for each target and size of prompt: three times what 95 % of the last answers took, and
   * a second at least; none before there were 50, and none for models that think before they answer
   * (`reasoning`).
   *
   * @default learned
   */
  firstTokenMs?: number | undefined;
  /**
   * From one event of a stream to the next; then the stream has broken off. Comments and bytes that
   * make no event do not count. In a JSON answer, from one piece of its body to the next; then the
   * next target is asked.
   *
   * @default 120000
   */
  stallMs?: number | undefined;
  /**
   * Of the whole call, with its waits and all its attempts, to the end of the answer.
   *
   * @default 0
   */
  totalMs?: number | undefined;
}

/**
 * How many attempts may be repeated after which work may have begun (5xx, time-outs, broken
 * connections), over the last ten seconds, so that retries do not bury providers that are down.
 */
export interface RetryBudget {
  /**
   * Retries for each call.
   *
   * @default 0.2
   */
  share?: number | undefined;
  /**
   * Retries a second that are always allowed.
   *
   * @default 10
   */
  minPerSecond?: number | undefined;
}

/** When a second target is asked beside one that is late. */
export interface HedgeOptions {
  /**
   * At most this share of the calls of the last ten seconds, from 0 to 1. Each counts against the
   * `retryBudget` as well.
   *
   * @default 0.05
   */
  share?: number | undefined;
}

/** A failure of an attempt, in the words of `getReport()`. */
export type FailureName = Exclude<OutcomeName, "success" | "aborted">;

/**
 * What is done after a failure: `"giveUp"`: it is the caller's; `"failOver"`: the other targets are
 * asked, once each; `"retry"`: the same target once more after a moment, then the others.
 */
export type OutcomeRules = {
  [Failure in FailureName]?:
    | (Failure extends "unavailable" | "timed_out" | "truncated"
        ? "giveUp" | "failOver" | "retry"
        : "giveUp" | "failOver")
    | undefined;
};

/** What one call asks of its targets. It reaches no client and no wire. */
export interface CallOptions {
  /** What the call belongs to, for the strategy `"sticky"`. */
  session?: string | undefined;
  /** Only targets that have all of these tags are asked. */
  require?: Record<string, string> | undefined;
  /** As the multiplexer's `maxWaitMs`, for this call. */
  maxWaitMs?: number | undefined;
  /** As the multiplexer's `timeouts.totalMs`, for this call: milliseconds above 0. */
  deadlineMs?: number | undefined;
  /**
   * Among calls that wait, those with the higher number go first. A whole number.
   *
   * @default 0
   */
  priority?: number | undefined;
  /** As the multiplexer's `midStream`, for this call. */
  midStream?: MidStream | undefined;
}

/** A tool call as far as it has come. */
export interface PartialToolCall {
  /** Its id, once it has come. */
  id: string | undefined;
  /** The function's name. */
  name: string;
  /** The beginning of its arguments' JSON. */
  arguments: string;
}

/** What an attempt came to. */
export type OutcomeName =
  | "success"
  | "rate_limited"
  | "overloaded"
  | "quota_used_up"
  | "unavailable"
  | "timed_out"
  | "bad_credentials"
  | "model_not_found"
  | "context_too_long"
  | "content_refused"
  | "bad_request"
  | "aborted"
  | "truncated";

/** Milliseconds, of late. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** What has become of a target's calls, and what it is doing. */
export interface TargetReport {
  /** The target's id. */
  id: string;
  /** `probing`: one call finds out whether it is back. `ramping`: its share grows again. */
  state: "ready" | "resting" | "probing" | "ramping" | "at_capacity";
  /** Until when it rests, in milliseconds since the Unix epoch; undefined if it does not. */
  restsUntil: number | undefined;
  /** Calls under way. */
  inFlight: number;
  /** Attempts by what they came to, under either policy; those that have not occurred are not there. */
  outcomes: Partial<Record<OutcomeName, number>>;
  /** Times to the first token, under the policy `"resilient"`; undefined while there are none. */
  firstTokenMs: Percentiles | undefined;
  /** What whole attempts took, under the policy `"resilient"`; undefined while there are none. */
  durationMs: Percentiles | undefined;
  /** Tokens of its attempts, under the policy `"resilient"`. */
  tokens: {
    /** As the provider has told them. */
    reported: TokenCount;
    /** Of attempts whose tokens were not told, as far as they had come: see `reportOf()`. */
    estimated: TokenCount;
  };
  /** What is left of its limits, and of those that it shares. */
  limits: LimitStatus[];
}

/** Tokens of prompts and of answers. */
export interface TokenCount {
  input: number;
  output: number;
}
