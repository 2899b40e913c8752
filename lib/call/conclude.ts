// What the engine's answer means for a call, and what the caller gets of it.

import type { AnswerForm } from "../answer.js";
import type { Watched } from "../diagnostics.js";
import type { Answer } from "../exchange.js";
import type { Head } from "../head.js";
import { isEndpoint } from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import { listen, unlisten } from "../signals.js";
import { byteStream } from "../stream/bytes.js";
import type { EventQueue } from "../stream/queue.js";
import type { Target } from "../target.js";
import { remember } from "./origin.js";
import type { Outcome } from "./outcome.js";
import type { Call } from "./run.js";

/**
 * What the engine's answer means for the call; undefined if the client has to be called itself
 * after all. Settles the lease but for a refusal.
 */
export function conclude(call: Call, target: Target, answer: Answer): Outcome | undefined {
  if (answer.kind === "declined") return declined(call, target, answer.reason);
  const signal = call.options?.signal;
  if (call.onAbort !== undefined && signal) {
    unlisten(signal, call.onAbort);
    call.onAbort = undefined;
  }
  try {
    const outcome = judge(call, target, call.form as AnswerForm, answer);
    if (call.watched !== undefined) tell(call, call.watched, answer, outcome);
    return outcome;
  } catch (error) {
    call.watched?.error(error);
    // The reply could not be read: the caller's to know, as from the SDK.
    call.fail();
    return { kind: "failed", status: call.head?.status, error, isOwn: true };
  }
}

/** Tells instrumentation what came, but for the end of a stream. */
function tell(call: Call, watched: Watched, answer: Answer, outcome: Outcome): void {
  if ("head" in answer) {
    watched.headers(answer.head);
    // A body that the caller reads as a response is not looked at here.
    if (answer.kind !== "stream" || call.wantsResponse) watched.end();
  } else if (outcome.kind === "failed" || outcome.kind === "aborted") {
    watched.error(outcome.error);
  }
}

function declined(call: Call, { transport }: Target, reason: string): Outcome | undefined {
  if (transport !== "native") return undefined;
  leave(call);
  const error = new MultiplexerError(`transport "native" cannot be: ${reason}.`);
  return { kind: "failed", status: undefined, error, isOwn: true };
}

/** Ends the call, which counts nowhere: its target was not asked. */
function leave({ id }: Call): void {
  hub.native.passOver(id);
  hub.native.close(id);
}

function judge(
  call: Call,
  target: Target,
  form: AnswerForm,
  answer: Exclude<Answer, { kind: "declined" }>,
): Outcome {
  switch (answer.kind) {
    case "reply":
      call.head = answer.head;
      call.body = answer.body;
      return { kind: "success", status: answer.head.status, value: replyOf(call, form, answer) };
    case "stream":
      call.trail.opens();
      call.head = answer.head;
      call.opened.head = answer.head;
      return {
        kind: "success",
        status: answer.head.status,
        value: call.wantsResponse
          ? openResponse(call, answer.head, answer.queue)
          : openStream(call, form, answer.queue, answer.head),
      };
    case "rate_limited":
      return {
        kind: "rate_limited",
        status: answer.head.status,
        retryAfterMs: answer.head.get("retry-after-ms"),
        retryAfter: answer.head.get("retry-after"),
        error: () => form.statusError(answer.head, answer.body),
      };
    case "refused":
      return failed(form.statusError(answer.head, answer.body), answer.head.status);
    case "unreachable":
      return failed(form.unreachable(answer.fault, call.url));
    case "broken":
      // A deadline of the policy.
      if (call.isResilient && answer.fault.timedOut) return failed(form.timedOut());
      return failed(form.brokenReply(answer.fault));
    case "timedOut":
      return failed(form.timedOut());
    case "died":
      return failed(answer.error());
    case "leased":
    case "diverged":
      throw new Error("nobody was asked for this");
    case "aborted":
      return { kind: "aborted", status: undefined, error: form.aborted(call.options?.signal) };
    case "noKey":
      if (!call.isResilient) leave(call);
      return failed(answer.error);
    case "notSent":
      // Under "compat", a client's calls are counted as `@upstash/model-multiplexer` counts them.
      if (call.isResilient || isEndpoint(target.client)) leave(call);
      else hub.native.failed(call.id);
      return { kind: "failed", status: undefined, error: answer.error, isOwn: true };
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
  remember(around, operation.idOf?.(reply), key);
  return reply;
}

/** The response for its reader, tied to the call's signal. */
function openResponse(call: Call, head: Head, queue: EventQueue): Response {
  const signal = call.options?.signal ?? undefined;
  return head.toResponse(byteStream(queue, signal), call.url);
}

/** The stream for its reader, tied to the call's signal. */
function openStream(call: Call, form: AnswerForm, queue: EventQueue, head: Head): object {
  const controller = new AbortController();
  const signal = call.options?.signal;
  const { watched } = call;
  const abort = (): void => {
    controller.abort();
  };
  if (signal) listen(signal, abort);
  if (signal || watched !== undefined) {
    queue.onTold(() => {
      if (signal) unlisten(signal, abort);
      // Not here: mail may be being dealt out.
      if (watched !== undefined) {
        queueMicrotask(() => {
          watched.end();
        });
      }
    });
  }
  const { soFar } = call.opened;
  if (soFar !== undefined) {
    queue.onValue((event) => {
      soFar.add(event);
    });
  }
  queue.onFailure((reason) => {
    watched?.error(reason);
    controller.abort();
  });
  controller.signal.addEventListener(
    "abort",
    () => {
      queue.leave();
    },
    { once: true },
  );
  return form.stream(queue, controller, head);
}
