// What instrumentation is told of an attempt that the engine makes.

import type { AnswerForm } from "../answer.js";
import { isWatched, Watched } from "../diagnostics.js";
import { MultiplexerError } from "../errors.js";
import type { Answer } from "../exchange.js";
import type { Operation } from "../operation.js";
import type { EventQueue } from "../stream/queue.js";
import type { Target } from "../target.js";

/** Tells of an attempt that is about to be made; undefined where nobody listens. */
export function watchAttempt(
  { id, operation, url }: { id: number; operation: Operation; url: string },
  { id: target, modelName }: Target,
): Watched | undefined {
  if (!isWatched()) return undefined;
  const [withoutQuery = ""] = url.split("?", 1);
  const method = operation.method.toUpperCase();
  return new Watched({ call: id, target, modelName, method, url: withoutQuery });
}

/** Tells what came of an attempt that was to go on with the stream of this queue. */
export function tellRecovery(
  watched: Watched,
  answer: Answer,
  queue: EventQueue,
  form: AnswerForm,
  url: string,
): void {
  if ("head" in answer) watched.headers(answer.head);
  if (answer.kind === "stream") {
    queue.onTold(() => {
      // Not here: mail may be being dealt out.
      queueMicrotask(() => {
        watched.end();
      });
    });
  } else if ("head" in answer) {
    watched.end();
  } else {
    watched.error(failureOf(answer, form, url));
  }
}

function failureOf(answer: Answer, form: AnswerForm, url: string): unknown {
  switch (answer.kind) {
    case "unreachable":
      return form.unreachable(answer.fault, url);
    case "broken":
      return answer.fault.timedOut ? form.timedOut() : form.brokenReply(answer.fault);
    case "timedOut":
      return form.timedOut();
    case "died":
      return answer.error();
    case "aborted":
      return form.aborted(undefined);
    default:
      return new MultiplexerError("It says something else than was given before.");
  }
}
