// How a multiplexer chooses and what it does when an attempt fails: its options, checked, with
// defaults put in.

import { MultiplexerError } from "./errors.js";
import { kindOf } from "./given.js";
import type { ResilienceDto } from "../native.js";
import type {
  CallOptions,
  HedgeOptions,
  MidStream,
  MultiplexerOptions,
  OutcomeRules,
  PolicyName,
  RetryBudget,
  StrategyName,
} from "./types/index.js";

/** Choosing and failing over, with nothing left out. */
export interface Resilience {
  readonly policy: PolicyName;
  readonly strategy: StrategyName;
  /** Undefined for the default. */
  readonly connectMs: number | undefined;
  /** Undefined for what is learned. */
  readonly firstTokenMs: number | undefined;
  readonly stallMs: number;
  readonly totalMs: number;
  readonly maxWaitMs: number;
  readonly midStream: MidStream;
  readonly retryBudget: { readonly share: number; readonly minPerSecond: number };
  readonly outcomes: OutcomeRules;
  /** Undefined where no second target is asked. */
  readonly hedgeShare: number | undefined;
}

const policies = ["compat", "resilient"];
const midStreams = ["error", "recover"];
const strategies = [
  "weighted",
  "priority",
  "round-robin",
  "sticky",
  "latency",
  "least-busy",
  "least-used",
];

/** @throws {MultiplexerError} naming the option and what is expected */
export function checkResilience(options: MultiplexerOptions): Resilience {
  const { policy = "compat", strategy = "weighted", timeouts, maxWaitMs, outcomes } = options;
  const { midStream = "error" } = options;
  oneOf("options.policy", policy, policies);
  oneOf("options.strategy", strategy, strategies);
  oneOf("options.midStream", midStream, midStreams);
  checkMembers("options.timeouts", timeouts, ["connectMs", "firstTokenMs", "stallMs", "totalMs"]);
  const resilience = {
    policy,
    strategy,
    connectMs: optional("options.timeouts.connectMs", timeouts?.connectMs),
    firstTokenMs: optional("options.timeouts.firstTokenMs", timeouts?.firstTokenMs),
    stallMs: milliseconds("options.timeouts.stallMs", timeouts?.stallMs, 120_000),
    totalMs: milliseconds("options.timeouts.totalMs", timeouts?.totalMs, 0),
    maxWaitMs: milliseconds("options.maxWaitMs", maxWaitMs, 0),
    midStream,
    retryBudget: checkRetryBudget(options.retryBudget),
    outcomes: checkOutcomes(outcomes),
    hedgeShare: checkHedge(options.hedge),
  };
  if (policy === "compat" && strategy === "latency") {
    // Only there is the time to the first token measured.
    throw new MultiplexerError('options.strategy "latency" needs policy: "resilient".');
  }
  const needing = ofResilient.find((name) => !usual.has(options[name]));
  if (policy === "compat" && needing !== undefined) {
    throw new MultiplexerError(`options.${needing} needs policy: "resilient".`);
  }
  return resilience;
}

/** What they are where nothing is said. */
const usual: ReadonlySet<unknown> = new Set([undefined, 0, false, "error"]);

/** Options that mean nothing under the policy `"compat"`. */
const ofResilient = [
  "timeouts",
  "maxWaitMs",
  "midStream",
  "retryBudget",
  "outcomes",
  "hedge",
] as const;

/** The same for the engine. */
export function toEngine(resilience: Resilience): ResilienceDto {
  const { firstTokenMs, stallMs, totalMs, retryBudget, outcomes, hedgeShare } = resilience;
  return {
    deadlines: {
      ...(firstTokenMs === undefined ? undefined : { firstToken: firstTokenMs }),
      stall: stallMs,
      total: totalMs,
    },
    retryShare: retryBudget.share,
    retriesPerSecond: retryBudget.minPerSecond,
    outcomes: outcomes as Record<string, string>,
    ...(hedgeShare === undefined ? undefined : { hedgeShare }),
  };
}

function checkRetryBudget(given: unknown): Resilience["retryBudget"] {
  const what = "options.retryBudget";
  checkMembers(what, given, ["share", "minPerSecond"]);
  const { share = 0.2, minPerSecond = 10 } = (given ?? {}) as RetryBudget;
  if (typeof share !== "number" || !(share >= 0 && share <= 1_000)) {
    throw new MultiplexerError(
      `${what}.share must be a number of retries for each call, from 0 to 1000, not ${show(share)}.`,
    );
  }
  if (!Number.isInteger(minPerSecond) || minPerSecond < 0 || minPerSecond > 0xffff_ffff) {
    throw new MultiplexerError(
      `${what}.minPerSecond must be a whole number of retries from 0 to 4294967295, not ${show(minPerSecond)}.`,
    );
  }
  return { share, minPerSecond };
}

function checkHedge(given: unknown): number | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return 0.05;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new MultiplexerError(
      `options.hedge must be true, false or an object such as { share: 0.05 }, not ${show(given)}.`,
    );
  }
  checkMembers("options.hedge", given, ["share"]);
  const { share = 0.05 } = given as HedgeOptions;
  if (typeof share === "number" && share >= 0 && share <= 1) return share;
  throw new MultiplexerError(
    `options.hedge.share must be a share of the calls from 0 to 1, not ${show(share)}.`,
  );
}

const rules = ["giveUp", "failOver"];
/** After these the same target may be asked again: the others say that it would answer the same. */
const retried = ["unavailable", "timed_out", "truncated"];
const failures = [
  ...["rate_limited", "overloaded", "quota_used_up", "bad_credentials", "model_not_found"],
  ...["context_too_long", "content_refused", "bad_request"],
  ...retried,
];

function checkOutcomes(given: unknown): OutcomeRules {
  checkMembers("options.outcomes", given, failures, "outcome");
  for (const [outcome, rule] of Object.entries(given ?? {})) {
    const allowed = retried.includes(outcome) ? [...rules, "retry"] : rules;
    if (rule !== undefined) oneOf(`options.outcomes.${outcome}`, rule as string, allowed);
  }
  return given ?? {};
}

/** @throws {MultiplexerError} if this is no object, or has a member that does not exist */
export function checkMembers(
  what: string,
  given: unknown,
  known: readonly string[],
  member = "option",
): void {
  if (given === undefined) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new MultiplexerError(`${what} must be an object, not ${show(given)}.`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new MultiplexerError(
    `${what}: there is no ${member} "${unknown}"; there are ${known.join(", ")}.`,
  );
}

/** What a call has said of itself, checked. */
export function checkCallOptions(given: unknown, policy: PolicyName): CallOptions | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new MultiplexerError(`options.multiplexer must be an object, not ${show(given)}.`);
  }
  const { session, require, maxWaitMs, deadlineMs, priority, midStream, ...others } =
    given as CallOptions;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new MultiplexerError(
      `options.multiplexer: there is no option "${unknown}"; there are session, require, ` +
        "maxWaitMs, deadlineMs, priority, midStream.",
    );
  }
  if (session !== undefined && typeof session !== "string") {
    throw new MultiplexerError(
      `options.multiplexer.session must be a string, not ${show(session)}.`,
    );
  }
  if (require !== undefined) checkTags("options.multiplexer.require", require);
  milliseconds("options.multiplexer.maxWaitMs", maxWaitMs, 0);
  checkDeadline(deadlineMs);
  checkPriority(priority);
  if (midStream !== undefined) oneOf("options.multiplexer.midStream", midStream, midStreams);
  const waits = { maxWaitMs, deadlineMs, priority, midStream };
  const needing = Object.entries(waits).find(([, value]) => !usual.has(value));
  if (policy === "compat" && needing !== undefined) {
    throw new MultiplexerError(`options.multiplexer.${needing[0]} needs policy: "resilient".`);
  }
  return { session, require, ...waits };
}

function checkDeadline(deadlineMs: unknown): void {
  if (deadlineMs === undefined) return;
  if (typeof deadlineMs === "number" && deadlineMs > 0 && Number.isFinite(deadlineMs)) return;
  throw new MultiplexerError(
    `options.multiplexer.deadlineMs must be a number of milliseconds above 0, not ${show(deadlineMs)}.`,
  );
}

function checkPriority(priority: unknown): void {
  if (
    priority === undefined ||
    (Number.isInteger(priority) && priority === Number(priority) >> 0)
  ) {
    return;
  }
  throw new MultiplexerError(
    `options.multiplexer.priority must be a whole number from -2147483648 to 2147483647, not ${show(priority)}.`,
  );
}

/** @throws {MultiplexerError} if these are not tags */
export function checkTags(what: string, tags: unknown): asserts tags is Record<string, string> {
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) {
    throw new MultiplexerError(
      `${what} must be an object of strings, such as { region: "eu" }, not ${show(tags)}.`,
    );
  }
  const wrong = Object.entries(tags).find(([, value]) => typeof value !== "string");
  if (wrong === undefined) return;
  throw new MultiplexerError(`${what}.${wrong[0]} must be a string, not ${show(wrong[1])}.`);
}

function oneOf(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new MultiplexerError(`${what} must be one of ${known.join(", ")}, not ${show(value)}.`);
}

/** A number of milliseconds; undefined for none given. */
function optional(what: string, value: unknown): number | undefined {
  return value === undefined ? undefined : milliseconds(what, value, 0);
}

function milliseconds(what: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new MultiplexerError(
    `${what} must be a number of milliseconds from 0, not ${show(value)}.`,
  );
}

/** A value as an error tells it; of what is no primitive, its kind. */
export function show(value: unknown): string {
  const isPrimitive = value === null || !["object", "function"].includes(typeof value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return isPrimitive ? String(value) : kindOf(value);
}
