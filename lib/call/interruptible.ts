// What a stream fails with that breaks off after something of it was handed over.

import type { Opened } from "../answer.js";
import { StreamInterruptedError } from "../errors.js";
import type { StreamForm } from "../exchange.js";
import { SoFar } from "./so-far.js";

/** Failures of a stream that has begun tell what came before them. */
export function interruptible(opened: Opened, events: StreamForm): StreamForm {
  const soFar = (opened.soFar ??= new SoFar());
  const interrupted = (cause: unknown): unknown =>
    opened.head === undefined ? cause : new StreamInterruptedError(cause, soFar);
  return {
    ...events,
    errorEvent: (name, data) => interrupted(events.errorEvent(name, data)),
    unparsed: (data) => {
      const cause = events.unparsed(data);
      return cause === undefined ? undefined : interrupted(cause);
    },
    broken: (fault) => interrupted(events.broken(fault)),
  };
}
