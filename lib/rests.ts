// The ends of rests, for programs that wait for them by timers: a timer for each resting target,
// which does not hold the process. The engine itself goes by the clock.

import { AsyncResource } from "node:async_hooks";

import type { NativeFleet } from "../native.js";
import type { Log } from "./log.js";

/** Made as the package is loaded, so that a timer does not keep the store of some call alive. */
const outside = new AsyncResource("model-multiplexer");
/** What a timer takes at most. */
const longestTimer = 2 ** 31 - 1;

/** The timers of one multiplexer. */
export class Rests {
  readonly #fleet: NativeFleet;
  readonly #log: Log;
  readonly #timers = new Map<number, NodeJS.Timeout>();

  constructor(fleet: NativeFleet, log: Log) {
    this.#fleet = fleet;
    this.#log = log;
  }

  /** A target rests for `spanMs`, which ends at `until`. */
  begin(target: number, modelName: string, spanMs: number, until: number): void {
    clearTimeout(this.#timers.get(target));
    const timer = outside.runInAsyncScope(() =>
      setTimeout(
        () => {
          this.#timers.delete(target);
          this.#fleet.endRest(target, until);
          this.#log.returned(modelName);
        },
        Math.min(spanMs, longestTimer),
      ),
    );
    // Replaced timers may lack it.
    (timer as Partial<NodeJS.Timeout>).unref?.();
    this.#timers.set(target, timer);
  }

  /** A target is gone. */
  forget(target: number): void {
    clearTimeout(this.#timers.get(target));
    this.#timers.delete(target);
  }

  /** All targets are gone. */
  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
