// The events of one call, for those who listen. Made only where somebody does as the call begins.

import { hostNow } from "../clock.js";
import type { Events } from "../events.js";
import type { NativeFleet } from "../../native.js";
import type { Target } from "../target.js";
import type {
  AttemptEndedEvent,
  AttemptEvent,
  CooldownEvent,
  FailureName,
} from "../types/index.js";

/** Tells the events of one call. */
export class Watch {
  readonly #events: Events;
  readonly #call: number;
  readonly #fleet: NativeFleet;

  constructor({ events, fleet }: { events: Events; fleet: NativeFleet }, call: number) {
    this.#events = events;
    this.#fleet = fleet;
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

  /** A stream has broken off, after which the engine has let its target rest. */
  brokeOff(target: Target): void {
    if (!this.#events.has("cooldown")) return;
    const now = hostNow();
    const report = this.#fleet.report(now).find(({ id }) => id === target.id);
    const until = report?.restsUntil ?? 0;
    const restMs = until - (Number.isNaN(now) ? Date.now() : now);
    if (restMs > 0) this.rests(target, "truncated", restMs, until);
  }

  /** A target has answered that was sent to rest. */
  returned(target: Target): void {
    if (this.#events.has("return")) this.#events.emit("return", this.#of(target));
  }

  recovered(target: Target): void {
    if (this.#events.has("recovery")) this.#events.emit("recovery", this.#of(target));
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
