// What became of a call: which targets were asked, with what outcome and for how long. Noted on
// the way, told only to whoever asks with `reportOf`.

import type {
  AttemptEndedEvent,
  AttemptEvent,
  CallAttempt,
  CallReport,
  FailureName,
  PassedOver,
} from "../types/index.js";
import type { PassedOverDto } from "../../native.js";
import type { Target } from "../target.js";
import type { Watch } from "./watch.js";

/** One target that was asked. */
interface Step {
  readonly target: Target;
  readonly startedAt: number;
  endedAt: number;
  outcome: CallAttempt["outcome"];
  status: number | undefined;
  /** What it has cost, as the engine tells it. */
  spent: string | undefined;
  /** Who was not asked in its place. */
  passedOver: readonly PassedOver[] | undefined;
  /** What has become of a stream. */
  stream: "open" | "success" | "interrupted" | "aborted" | undefined;
  /** What the failure was judged to be. */
  failure: FailureName | undefined;
  /** Listeners have been told of its end. */
  isTold: boolean;
}

/** The way of one call. It knows nothing of the call itself, which a kept answer would keep. */
export class Trail {
  /** Tells the call's events, where somebody listens. */
  readonly watch: Watch | undefined;
  /** Ids of targets that were sent to rest and have not answered since. */
  readonly #rested: Set<string> | undefined;
  readonly #startedAt = performance.now();
  /** The one that is being asked, or was asked last. */
  #step: Step | undefined;
  /** Those before it, which most calls do not have. */
  #before: Step[] | undefined;
  /** Who was not asked when there was nobody to ask, or is not for the one that follows. */
  #passedOver: readonly PassedOver[] | undefined;

  constructor(rested?: Set<string>, watch?: Watch) {
    this.#rested = rested;
    this.watch = watch;
  }

  /** Since the call began. */
  get elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

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
      spent: undefined,
      passedOver: this.#passedOver,
      stream: undefined,
      failure: undefined,
      isTold: false,
    };
    this.#passedOver = undefined;
    this.watch?.started(target);
  }

  /** Who is not asked, and why, in place of the target that is asked next. */
  passOver(targets: readonly PassedOver[]): void {
    this.#passedOver = targets;
  }

  /** What the target that was asked last has cost. */
  spend(spent: string): void {
    if (this.#step !== undefined) this.#step.spent = spent;
  }

  /** It has answered, or not. */
  end(outcome: CallAttempt["outcome"], status: number | undefined): void {
    const step = this.#step;
    if (step === undefined) return;
    step.endedAt = performance.now();
    step.outcome = outcome;
    step.status = status;
  }

  /** The stream of the one that answered has broken off, and is to go on elsewhere. */
  interrupt(): void {
    const step = this.#step;
    if (step === undefined) return;
    step.outcome = "interrupted";
    step.stream = "interrupted";
    this.#tell(step);
  }

  /** A stream is handed over. */
  opens(): void {
    if (this.#step !== undefined) this.#step.stream ??= "open";
  }

  /** It is over. */
  over(how: "success" | "interrupted" | "aborted"): void {
    const step = this.#step;
    if (step === undefined) return;
    step.stream = how;
    if (how === "interrupted") {
      this.#rested?.add(step.target.id);
      this.watch?.brokeOff(step.target);
    }
    if (step.endedAt !== 0) this.#tell(step);
  }

  /** The failure of the target that was asked last was judged, and lets it rest. */
  judged(failure: FailureName, restMs: number, until: number): void {
    const step = this.#step;
    if (step === undefined) return;
    step.failure = failure;
    if (restMs === 0) return;
    this.#rested?.add(step.target.id);
    this.watch?.rests(step.target, failure, restMs, until);
  }

  /** The target that was asked last goes on with a stream that had broken off. */
  recovered(): void {
    if (this.#step !== undefined) this.watch?.recovered(this.#step.target);
  }

  /** A second target is asked beside the one that was asked last, which is late. */
  hedges(second: Target, afterMs: number): void {
    this.watch?.hedged(second, afterMs);
  }

  /** The attempt at that second target is one of this call's, and if it has won, the last. */
  join(other: Trail, hasWon: boolean): void {
    const [last, before] = hasWon ? [other.#step, this.#step] : [this.#step, other.#step];
    if (before !== undefined) (this.#before ??= []).push(before);
    this.#step = last;
  }

  /** The call has waited. */
  waited(waitedMs: number, id: string | undefined): void {
    this.watch?.waited(waitedMs, id);
  }

  /** All is known of the attempt, but for the end of a stream. */
  tell(): void {
    const step = this.#step;
    if (step === undefined) return;
    const hasReturned = step.outcome === "success" && this.#rested?.delete(step.target.id);
    if (this.watch === undefined) return;
    if (hasReturned === true) this.watch.returned(step.target);
    if (step.stream !== "open") this.#tell(step);
  }

  #tell(step: Step): void {
    if (step.isTold) return;
    step.isTold = true;
    this.watch?.ended(step.target, () => toEnd(step));
  }

  report(): CallReport {
    const now = performance.now();
    const steps = this.#step === undefined ? [] : [...(this.#before ?? []), this.#step];
    steps.sort((one, other) => one.startedAt - other.startedAt);
    const attempts = steps.map((step) => toAttempt(step, now));
    const answered = attempts.find(({ outcome }) => outcome === "success");
    const endedAt = this.#step?.endedAt ?? now;
    return {
      id: answered?.id,
      modelName: answered?.modelName,
      attempts,
      passedOver: this.#passedOver ?? [],
      durationMs: (endedAt === 0 ? now : endedAt) - this.#startedAt,
    };
  }
}

/** An attempt that is over, for its event. */
function toEnd(step: Step): Omit<AttemptEndedEvent, keyof AttemptEvent> {
  const now = performance.now();
  const { outcome, status, durationMs, firstTokenMs, tokens } = toAttempt(step, now);
  const { stream, failure, startedAt } = step;
  return {
    outcome: (stream === undefined || stream === "open" ? outcome : stream) as "success",
    failure,
    status,
    durationMs: stream === undefined ? durationMs : now - startedAt,
    firstTokenMs,
    tokens,
  };
}

function toAttempt(step: Step, now: number): CallAttempt {
  const { target, startedAt, endedAt, outcome, status, spent, passedOver } = step;
  const [input = 0, output = 0, isReported = 0, micros = 0] = (spent ?? "").split(" ").map(Number);
  return {
    id: target.id,
    modelName: target.modelName,
    outcome,
    status,
    durationMs: (endedAt === 0 ? now : endedAt) - startedAt,
    firstTokenMs: micros > 0 ? micros / 1_000 : undefined,
    tokens: spent === undefined ? undefined : { input, output, isEstimated: isReported === 0 },
    passedOver: passedOver ?? [],
  };
}

/** The same with the targets' ids. */
export function toPassedOver(
  told: readonly PassedOverDto[],
  targets: ReadonlyMap<number, Target>,
): PassedOver[] {
  return told.flatMap(({ target, reason }) => {
    const id = targets.get(target)?.id;
    return id === undefined ? [] : [{ id, reason: reason as PassedOver["reason"] }];
  });
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
