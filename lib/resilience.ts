// How a multiplexer chooses and what it does when an attempt fails: its options, checked, with
// defaults put in.

import { MultiplexerError } from "./errors.js";
import type {
  CallOptions,
  MidStream,
  MultiplexerOptions,
  PolicyName,
  StrategyName,
} from "./types/index.js";

/** Choosing and failing over, with nothing left out. */
export interface Resilience {
  readonly policy: PolicyName;
  readonly strategy: StrategyName;
  readonly firstTokenMs: number;
  readonly stallMs: number;
  readonly totalMs: number;
  readonly maxWaitMs: number;
  readonly midStream: MidStream;
}

const policies = ["compat", "resilient"];
const midStreams = ["error", "recover"];
const strategies = ["weighted", "priority", "round-robin", "sticky", "latency", "least-busy"];

/** @throws {MultiplexerError} naming the option and what is expected */
export function checkResilience(options: MultiplexerOptions): Resilience {
  const {
    policy = "compat",
    strategy = "weighted",
    timeouts,
    maxWaitMs,
    midStream = "error",
  } = options;
  oneOf("options.policy", policy, policies);
  oneOf("options.strategy", strategy, strategies);
  oneOf("options.midStream", midStream, midStreams);
  checkTimeouts(timeouts);
  const resilience = {
    policy,
    strategy,
    firstTokenMs: milliseconds("options.timeouts.firstTokenMs", timeouts?.firstTokenMs, 0),
    stallMs: milliseconds("options.timeouts.stallMs", timeouts?.stallMs, 120_000),
    totalMs: milliseconds("options.timeouts.totalMs", timeouts?.totalMs, 0),
    maxWaitMs: milliseconds("options.maxWaitMs", maxWaitMs, 0),
    midStream,
  };
  const given = {
    timeouts,
    maxWaitMs: maxWaitMs === 0 ? undefined : maxWaitMs,
    midStream: options.midStream,
  };
  const needsResilience = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
  if (policy === "compat" && strategy === "latency") {
    // Only there is the time to the first token measured.
    throw new MultiplexerError('options.strategy "latency" needs policy: "resilient".');
  }
  if (policy === "compat" && needsResilience !== undefined) {
    throw new MultiplexerError(`options.${needsResilience} needs policy: "resilient".`);
  }
  return resilience;
}

function checkTimeouts(timeouts: unknown): void {
  if (timeouts === undefined) return;
  if (typeof timeouts !== "object" || timeouts === null) {
    throw new MultiplexerError(`options.timeouts must be an object, not ${show(timeouts)}.`);
  }
  const known = ["firstTokenMs", "stallMs", "totalMs"];
  const unknown = Object.keys(timeouts).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new MultiplexerError(
    `options.timeouts: there is no option "${unknown}"; there are ${known.join(", ")}.`,
  );
}

/** What a call has said of itself, checked. */
export function checkCallOptions(given: unknown): CallOptions | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null) {
    throw new MultiplexerError("options.multiplexer must be an object.");
  }
  const { session, require, maxWaitMs, midStream, ...others } = given as CallOptions;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new MultiplexerError(
      `options.multiplexer: there is no option "${unknown}"; there are session, require, maxWaitMs, midStream.`,
    );
  }
  if (session !== undefined && typeof session !== "string") {
    throw new MultiplexerError(
      `options.multiplexer.session must be a string, not ${show(session)}.`,
    );
  }
  if (require !== undefined) checkTags("options.multiplexer.require", require);
  milliseconds("options.multiplexer.maxWaitMs", maxWaitMs, 0);
  if (midStream !== undefined) oneOf("options.multiplexer.midStream", midStream, midStreams);
  return { session, require, maxWaitMs, midStream };
}

/** @throws {MultiplexerError} if these are not tags */
export function checkTags(what: string, tags: unknown): asserts tags is Record<string, string> {
  const isObject = typeof tags === "object" && tags !== null && !Array.isArray(tags);
  if (isObject && Object.values(tags).every((value) => typeof value === "string")) return;
  throw new MultiplexerError(`${what} must be an object of strings, such as { region: "eu" }.`);
}

function oneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new MultiplexerError(`${what} must be one of ${known.join(", ")}, not ${show(value)}.`);
}

function milliseconds(what: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new MultiplexerError(
    `${what} must be a number of milliseconds from 0, not ${show(value)}.`,
  );
}

/** A value as an error tells it. */
export function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
