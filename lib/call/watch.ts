// The events of one call, for those who listen. Made only where somebody does as the call begins.

import type { Events } from "../events.js";
import type { Target } from "../target.js";
import type {
  AttemptEndedEvent,
  AttemptEvent,
  CooldownEvent,
  FailureName,
} from "../types/index.js";

/** Targets that were sent to rest and have not answered since. */
const rested = new WeakSet<Target>();

/** A target rests from now on. */
export function noteRest(target: Target): void {
  rested.add(target);
}

/** Tells the events of one call. */
export class Watch {
  readonly #events: Events;
  readonly #call: number;

  constructor(events: Events, call: number) {
    this.#events = events;
    this.#call = call;
  }

  started(target: Target): void {
    if (this.#events.has("attemptStarted")) {
      this.#events.emit("attemptStarted", this.#of(target));
    }
  }

  ended(target: Target, toEnd: () => Omit<AttemptEndedEvent, keyof AttemptEvent>): void {
    if (this.#events.has("attemptEnded")) {
      this.#events.emit("attemptEnded", { ...this.#of(target), ...toEnd() });
    }
  }

  rests(target: Target, failure: FailureName, restMs: number, until: number): void {
    if (this.#events.has("cooldown")) {
      this.#events.emit("cooldown", {
        ...this.#of(target),
        failure,
        restMs,
        until,
      } satisfies CooldownEvent);
    }
  }

  /** A target has answered. */
  answered(target: Target): void {
    if (rested.delete(target) && this.#events.has("return")) {
      this.#events.emit("return", this.#of(target));
    }
  }

  hedged(target: Target, afterMs: number): void {
    if (this.#events.has("hedge")) this.#events.emit("hedge", { ...this.#of(target), afterMs });
  }

  waited(waitedMs: number, id: string | undefined): void {
    if (this.#events.has("wait")) this.#events.emit("wait", { call: this.#call, waitedMs, id });
  }

  #of({ id, modelName }: Target): AttemptEvent {
    return { call: this.#call, id, modelName };
  }
}
