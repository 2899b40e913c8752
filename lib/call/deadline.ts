// When a client that is called itself must have answered: its signal is aborted then, and if it
// takes no notice, it is waited for no longer. What it has handed over is its reader's.

import type { Call } from "./run.js";

/** The deadline of one attempt. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #expired: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(afterMs: number) {
    this.#expired = new Promise((_, reject) => {
      this.#timer = setTimeout(() => {
        const reason = new DOMException("The call took too long.", "TimeoutError");
        this.#controller.abort(reason);
        reject(reason);
      }, afterMs);
    });
    // It is there to be raced against.
    this.#expired.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  /** The client's signal: aborted with the caller's own as well. */
  signal(own: AbortSignal | null | undefined): AbortSignal {
    const { signal } = this.#controller;
    if (!own) return signal;
    // Before Node.js 20.3 there is no way that would not keep the caller's signal busy for ever.
    return "any" in AbortSignal ? AbortSignal.any([own, signal]) : own;
  }

  /** What the client gives, if that is in time. */
  race(result: unknown): Promise<unknown> {
    return Promise.race([result, this.#expired]);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** The deadline for a call's next attempt; undefined if there is none. */
export function deadlineOf(call: Call): Deadline | undefined {
  if (!call.isResilient) return undefined;
  const { firstTokenMs = 0, totalMs } = call.around.resilience;
  const total = call.needs?.deadlineMs ?? totalMs;
  const first = call.streams() ? firstTokenMs : 0;
  const spans = [first, total > 0 ? Math.max(1, total - call.trail.elapsedMs + slackMs) : 0];
  const afterMs = Math.min(...spans.filter((span) => span > 0));
  return Number.isFinite(afterMs) ? new Deadline(Math.min(afterMs, longestTimer)) : undefined;
}

/** The engine, which began to count a little later, has to find that the time is over. */
const slackMs = 2;
/** What a timer takes at most. */
const longestTimer = 2 ** 31 - 1;
