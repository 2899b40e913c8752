// What the engine's answer means for a call, and what the caller gets of it.

import type { AnswerForm } from "../answer.js";
import type { Answer } from "../exchange.js";
import type { Head } from "../head.js";
import { hub } from "../hub.js";
import { listen, unlisten } from "../signals.js";
import { byteStream } from "../stream/bytes.js";
import type { EventQueue } from "../stream/queue.js";
import type { Call, Outcome } from "./run.js";

/** What the engine's answer means for the call. Settles the lease but for a refusal. */
export function conclude(call: Call, answer: Answer): Outcome {
  const signal = call.options?.signal;
  if (call.onAbort !== undefined && signal) {
    unlisten(signal, call.onAbort);
    call.onAbort = undefined;
  }
  try {
    return judge(call, call.form as AnswerForm, answer);
  } catch (error) {
    // The reply could not be read: the caller's to know, as from the SDK.
    call.fail();
    return failed(error, call.head?.status);
  }
}

function judge(call: Call, form: AnswerForm, answer: Answer): Outcome {
  switch (answer.kind) {
    case "reply":
      call.head = answer.head;
      call.body = answer.body;
      return { kind: "answered", status: answer.head.status, value: replyOf(call, form, answer) };
    case "stream":
      call.head = answer.head;
      call.opened.head = answer.head;
      return {
        kind: "answered",
        status: answer.head.status,
        value: call.wantsResponse
          ? openResponse(call, answer.head, answer.queue)
          : openStream(call, form, answer.queue),
      };
    case "rateLimited":
      return {
        kind: "rateLimited",
        status: answer.head.status,
        retryAfterMs: answer.head.get("retry-after-ms"),
        retryAfter: answer.head.get("retry-after"),
        error: () => form.statusError(answer.head, answer.body),
      };
    case "refused":
      return failed(form.statusError(answer.head, answer.body), answer.head.status);
    case "unreachable":
      return failed(form.unreachable(answer.fault));
    case "broken":
      return failed(form.brokenReply(answer.fault));
    case "timedOut":
      return failed(form.timedOut());
    case "aborted":
      return { kind: "aborted", status: undefined, error: form.aborted() };
    case "notSent":
      hub.native.failed(call.id);
      return failed(answer.error);
  }
}

function failed(error: unknown, status?: number): Outcome {
  return { kind: "failed", status, error };
}

function replyOf(
  { operation, around, key, params }: Call,
  form: AnswerForm,
  { head, body }: { head: Head; body: string },
): unknown {
  const value = form.reply(head, body);
  if (operation.reply === undefined) return value;
  const reply = operation.reply(value, params);
  around.places.put(operation.idOf?.(reply), key);
  return reply;
}

/** The response for its reader, tied to the call's signal. */
function openResponse(call: Call, head: Head, queue: EventQueue): Response {
  const signal = call.options?.signal ?? undefined;
  return head.toResponse(byteStream(queue, signal));
}

/** The stream for its reader, tied to the call's signal. */
function openStream(call: Call, form: AnswerForm, queue: EventQueue): object {
  const controller = new AbortController();
  const signal = call.options?.signal;
  if (signal) {
    const abort = (): void => {
      controller.abort();
    };
    listen(signal, abort);
    queue.onOver(() => {
      unlisten(signal, abort);
    });
  }
  controller.signal.addEventListener(
    "abort",
    () => {
      queue.leave();
    },
    { once: true },
  );
  return form.stream(queue, controller);
}
