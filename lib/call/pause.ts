// Waiting before the same target is asked once more.

import { listen, unlisten } from "../signals.js";

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export function pause(ms: number, signal: AbortSignal | null | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      if (signal) unlisten(signal, done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal) listen(signal, done);
  });
}
