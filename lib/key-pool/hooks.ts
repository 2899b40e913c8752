// What a pool tells the program's own functions. None of it can change what becomes of a call.

import type { KeyPoolFailure, KeyPoolHook, Logger } from "../types/index.js";

/** Calls a hook. What it throws or rejects with is nobody's concern. */
export function tell(hook: KeyPoolHook | undefined, failure: KeyPoolFailure): void {
  if (hook === undefined) return;
  try {
    const returned: unknown = hook(failure);
    if (returned instanceof Promise) returned.catch(() => undefined);
  } catch {
    // A hook watches; it does not take part.
  }
}

/** A logger that is told no errors: what handlers throw may hold what is not for logs. */
export function withoutErrors(logger: Logger | false | undefined): Logger | false {
  if (logger === undefined || logger === false) return false;
  return {
    log: (message) => logger.log?.(message),
    warn: (message) => logger.warn?.(message),
  };
}
