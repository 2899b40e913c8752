// What a multiplexer tells as it happens: `multiplexer.on()`.

import type { AttemptTokens, CallAttempt } from "./report.js";
import type { FailureName } from "./resilience.js";

/** One attempt of one call. */
export interface AttemptEvent {
  /** The call's number: the same in all its events, and used again only after four billion calls. */
  call: number;
  /** The id of the target. */
  id: string;
  /** The `model` that it is asked for. */
  modelName: string;
}

/** An attempt is over: with the answer, with the end of a stream, or with a failure. */
export interface AttemptEndedEvent extends AttemptEvent {
  /** As in `reportOf()`. `interrupted`: its stream broke off after it had been handed over. */
  outcome: Exclude<CallAttempt["outcome"], "pending"> | "interrupted";
  /** What the failure was judged to be, under the policy `"resilient"`. */
  failure: FailureName | undefined;
  /** The HTTP status where it is known. */
  status: number | undefined;
  /** Milliseconds from its beginning, for a stream to its end. */
  durationMs: number;
  /** Milliseconds to the first token of a stream, under the policy `"resilient"`. */
  firstTokenMs: number | undefined;
  /** Under the policy `"resilient"`. */
  tokens: AttemptTokens | undefined;
}

/** A target rests, and with it all that share what the failure concerns. */
export interface CooldownEvent extends AttemptEvent {
  /** Why; `rate_limited` under the policy `"compat"`. */
  failure: FailureName;
  /** For how many milliseconds. */
  restMs: number;
  /** Until when, in milliseconds since the Unix epoch. */
  until: number;
}

/** A call has waited for a target: because all rested, or were at capacity. */
export interface WaitEvent {
  /** The call's number. */
  call: number;
  /** For how many milliseconds. */
  waitedMs: number;
  /** The id of the target that came free; undefined if none did in time, or the call was left. */
  id: string | undefined;
}

/** A second target is asked beside one that is late. The other events of both have the same call. */
export interface HedgeEvent extends AttemptEvent {
  /** Milliseconds since the first one was asked. */
  afterMs: number;
}

/** The events of a multiplexer, by name. */
export interface MultiplexerEvents {
  /** A target is asked. */
  attemptStarted: AttemptEvent;
  attemptEnded: AttemptEndedEvent;
  cooldown: CooldownEvent;
  /** A target that was sent to rest has answered again. */
  return: AttemptEvent;
  wait: WaitEvent;
  hedge: HedgeEvent;
}

/** The name of an event. */
export type EventName = keyof MultiplexerEvents;

/** Is called with what has happened. What it throws, or rejects with, goes to the logger. */
export type EventListener<Name extends EventName> = (event: MultiplexerEvents[Name]) => unknown;
