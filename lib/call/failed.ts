// A call that has failed before any target could be asked.

import { CallPromise } from "./promise.js";
import { mark, Trail } from "./trail.js";

/** Rejects with the error, in all the ways in which a call can be asked. */
export function failedCall(error: unknown): CallPromise<never> {
  const trail = new Trail();
  mark(error, trail);
  // Whatever the call was refused for.
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const value: Promise<never> = Promise.reject(error);
  return new CallPromise({
    value,
    trail,
    response: () => value,
    preferResponse: () => undefined,
    asked: () => ({}),
  });
}
