// A call that ends when its signal does, whatever the handler does then.

import { listen, unlisten } from "../signals.js";

/**
 * What comes first: the run's end, or the signal's. A handler that goes on is not waited for.
 *
 * @throws the signal's reason once it is aborted, else what the run fails with
 */
export function orAborted<T>(run: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason as Error);
    };
    listen(signal, abort);
    run
      .then(resolve, (error: unknown) => {
        reject((signal.aborted ? signal.reason : error) as Error);
      })
      .finally(() => {
        unlisten(signal, abort);
      });
  });
}
