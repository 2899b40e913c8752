// What became of a call: which targets were asked, with what outcome and for how long. Noted on
// the way, told only to whoever asks with `reportOf`.

import type { CallAttempt, CallReport } from "../types/index.js";
import type { Target } from "../target.js";

/** One target that was asked. */
interface Step {
  readonly target: Target;
  readonly startedAt: number;
  endedAt: number;
  outcome: CallAttempt["outcome"];
  status: number | undefined;
  usage: unknown;
}

/** The way of one call. It knows nothing of the call itself, which a kept answer would keep. */
export class Trail {
  readonly #startedAt = performance.now();
  /** The one that is being asked, or was asked last. */
  #step: Step | undefined;
  /** Those before it, which most calls do not have. */
  #before: Step[] | undefined;

  /** A target is asked. */
  begin(target: Target): void {
    const last = this.#step;
    if (last !== undefined) (this.#before ??= []).push(last);
    const startedAt = last === undefined ? this.#startedAt : performance.now();
    this.#step = {
      target,
      startedAt,
      endedAt: 0,
      outcome: "pending",
      status: undefined,
      usage: undefined,
    };
  }

  /** It has answered, or not. */
  end(outcome: CallAttempt["outcome"], status: number | undefined): void {
    const step = this.#step;
    if (step === undefined) return;
    step.endedAt = performance.now();
    step.outcome = outcome;
    step.status = status;
  }

  /** The stream of the one that answered has broken off. */
  interrupt(): void {
    if (this.#step !== undefined) this.#step.outcome = "interrupted";
  }

  /** What the one that was asked last says that it has cost. */
  bill(usage: unknown): void {
    if (this.#step !== undefined) this.#step.usage = usage;
  }

  report(): CallReport {
    const now = performance.now();
    const steps = this.#step === undefined ? [] : [...(this.#before ?? []), this.#step];
    const attempts = steps.map(({ target, startedAt, endedAt, outcome, status, usage }) => ({
      id: target.id,
      modelName: target.modelName,
      outcome,
      status,
      durationMs: (endedAt === 0 ? now : endedAt) - startedAt,
      usage,
    }));
    const answered = attempts.find(({ outcome }) => outcome === "answered");
    const endedAt = this.#step?.endedAt ?? now;
    return {
      id: answered?.id,
      modelName: answered?.modelName,
      attempts,
      durationMs: (endedAt === 0 ? now : endedAt) - this.#startedAt,
    };
  }
}

/** Lets a subclass put its private members on an object that is there already. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class
class Onto {
  constructor(value: object) {
    return value;
  }
}

/**
 * A trail on the answer or error of a call: a private member, which nothing but `of` can see. A
 * WeakMap would do the same at ten times the cost, which is measurable for each reply.
 */
class Mark extends Onto {
  #trail: Trail;

  constructor(value: object, trail: Trail) {
    super(value);
    this.#trail = trail;
  }

  static of(value: object): Trail | undefined {
    return #trail in value ? value.#trail : undefined;
  }

  static move(value: object, trail: Trail): void {
    if (#trail in value) value.#trail = trail;
    else new Mark(value, trail);
  }
}

/** Notes the trail of a call on what came of it. */
export function mark(value: unknown, trail: Trail): void {
  if (typeof value === "object" && value !== null && Object.isExtensible(value)) {
    Mark.move(value, trail);
  }
}

/** The trail on a value; undefined if there is none. */
export function trailOf(value: unknown): Trail | undefined {
  return typeof value === "object" && value !== null ? Mark.of(value) : undefined;
}
