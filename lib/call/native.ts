// Asking a target through the engine: its body, and what the engine is told to make of the answer.

import type { AnswerForm, EventsOf } from "../answer.js";
import { hub } from "../hub.js";
import type { Answer, StreamForm } from "../exchange.js";
import { Mode } from "../mail.js";
import { listen } from "../signals.js";
import type { Target } from "../target.js";
import { prepareLater, prepareNow } from "./prepare.js";
import type { Prepared } from "./prepare.js";
import type { Call } from "./run.js";

/**
 * Asks the target through the engine, at once where all is at hand. Never fails: what could not
 * be sent is an answer as well.
 */
export function ask(call: Call, target: Target): Promise<Answer> {
  try {
    const prepared = prepareNow(call, target);
    if (prepared === undefined) return askLater(call, target);
    return call.wantsResponse || !call.streams()
      ? send(call, target, prepared)
      : sendSoon(call, target, prepared);
  } catch (error) {
    return Promise.resolve({ kind: "notSent", error });
  }
}

async function askLater(call: Call, target: Target): Promise<Answer> {
  try {
    return await send(call, target, await prepareLater(call, target));
  } catch (error) {
    return { kind: "notSent", error };
  }
}

/** A stream is sent once the caller has had its turn to ask for the response instead. */
async function sendSoon(call: Call, target: Target, prepared: Prepared): Promise<Answer> {
  try {
    await Promise.resolve();
    return await send(call, target, prepared);
  } catch (error) {
    return { kind: "notSent", error };
  }
}

/** The body as JSON, with a `model` in it for the engine to replace. openai 4 indents it by two. */
function serialise(params: unknown, indent: number): string {
  const { model, toJSON } = (params ?? {}) as { model?: unknown; toJSON?: unknown };
  const asItIs = typeof model === "string" && toJSON === undefined;
  return JSON.stringify(asItIs ? params : { ...(params as object), model: "" }, null, indent);
}

/** What of a call goes on the wire; null for a request without a body, and where the engine has it. */
function bodyOf(call: Call, target: Target): string | null {
  const { method, hasNoBody } = call.operation;
  if (call.bodySent || method !== "post" || hasNoBody === true) return null;
  if (call.text !== undefined) return call.text;
  const { params } = call;
  const { body } = call.operation;
  const indent = "httpAgent" in target.client ? 2 : 0;
  return serialise(body === undefined ? params : body(params as object), indent);
}

function modeOf(call: Call): Mode {
  if (call.wantsResponse) return Mode.Bytes;
  return call.streams() ? Mode.Events : Mode.Reply;
}

function send(call: Call, target: Target, prepared: Prepared): Promise<Answer> {
  const { profile } = prepared;
  const form = call.ownForm ?? prepared.form;
  const signal = call.options?.signal;
  call.form = form;
  call.sending();
  try {
    if (signal?.aborted === true || call.around.closed) {
      hub.end(call.id);
      return Promise.resolve({ kind: "aborted" });
    }
    const mode = modeOf(call);
    const answer = hub.send(
      call.id,
      call.around,
      profile.id,
      target.modelName,
      bodyOf(call, target),
      prepared.timeoutMs,
      prepared.maxRetries,
      mode,
      streamForm(call, form, mode),
    );
    call.bodySent = true;
    if (signal) endOnAbort(call, signal);
    return answer;
  } finally {
    profile.release();
  }
}

function streamForm(call: Call, form: AnswerForm, mode: Mode): StreamForm | null {
  if (mode === Mode.Reply) return null;
  const events = form.events(call.opened, eventsOf(call));
  // Nothing in bytes tells that they are not all.
  return mode === Mode.Bytes ? { ...events, cut: terminated } : events;
}

/** As `fetch` reports it. */
function terminated(): Error {
  return new TypeError("terminated");
}

/** What the events of a call's stream mean beyond themselves. They must not keep the call alive. */
function eventsOf({ operation, around: { places }, key }: Call): EventsOf {
  const { idOf, hasChunks } = operation;
  return {
    hasChunks: hasChunks === true,
    seen:
      idOf &&
      ((event) => {
        places.put(idOf(event), key);
      }),
  };
}

function endOnAbort(call: Call, signal: AbortSignal): void {
  call.onAbort = () => {
    hub.end(call.id);
  };
  listen(signal, call.onAbort);
}
