// Asking a target through the engine: its body, and what the engine is told to make of the answer.

import type { AnswerForm, EventsOf } from "../answer.js";
import { isEndpoint } from "../endpoint.js";
import { hub } from "../hub.js";
import type { Answer, StreamForm } from "../exchange.js";
import { Mode } from "../mail.js";
import { Declined } from "../sdk/profile.js";
import { whyCallNotNative, whyNotNative } from "../sdk/stock.js";
import { listen } from "../signals.js";
import type { Target } from "../target.js";
import { traceHeaders } from "../trace-context.js";
import { interruptible } from "./interruptible.js";
import { NoKey, withoutKey } from "./no-key.js";
import { remember } from "./origin.js";
import { prepareLater, prepareNow } from "./prepare.js";
import type { Prepared } from "./prepare.js";
import { Recovery } from "./recovery.js";
import { watchAttempt } from "./watched.js";
import type { Call } from "./run.js";

/**
 * Asks the target through the engine, at once where all is at hand. Never fails: what could not
 * be sent is an answer as well.
 */
export function ask(call: Call, target: Target): Promise<Answer> {
  try {
    const why = target.transport === "native" ? whyNotAsMade(call, target) : undefined;
    if (why !== undefined) return Promise.resolve({ kind: "declined", reason: why });
    const prepared = prepareNow(call, target);
    if (prepared === undefined) return askLater(call, target);
    return call.wantsResponse || !call.streams()
      ? sendOrNot(call, target, prepared)
      : sendSoon(call, target, prepared);
  } catch (error) {
    return Promise.resolve({ kind: "notSent", error });
  }
}

async function askLater(call: Call, target: Target): Promise<Answer> {
  try {
    const prepared = await prepareLater(call, target);
    if (prepared instanceof NoKey) return withoutKey(call.id, prepared, requestText(call));
    return await sendOrNot(call, target, prepared);
  } catch (error) {
    return { kind: "notSent", error };
  }
}

/** A stream is sent once the caller has had its turn to ask for the response instead. */
async function sendSoon(
  call: Call,
  target: Target,
  prepared: Prepared | Declined,
): Promise<Answer> {
  try {
    await Promise.resolve();
    return await sendOrNot(call, target, prepared);
  } catch (error) {
    return { kind: "notSent", error };
  }
}

/** Why a call whose target is the engine's by hand cannot be: it would not be the one that was made. */
function whyNotAsMade(
  { operation, params, options }: Call,
  { client }: Target,
): string | undefined {
  if (isEndpoint(client)) return undefined;
  // What it says does not count, but it looks at the client where that has changed.
  whyNotNative(client, operation.resource);
  return whyCallNotNative(params, options);
}

function sendOrNot(call: Call, target: Target, prepared: Prepared | Declined): Promise<Answer> {
  if (!(prepared instanceof Declined)) return send(call, target, prepared);
  return Promise.resolve({ kind: "declined", reason: prepared.reason });
}

/** The body as JSON, with a `model` in it for the engine to replace. openai 4 indents it by two. */
function serialise(params: unknown, indent: number): string {
  const { model, toJSON } = (params ?? {}) as { model?: unknown; toJSON?: unknown };
  const asItIs = typeof model === "string" && toJSON === undefined;
  const copy = (): object => ({ ...(params as object), model: "" });
  if (!asItIs) return JSON.stringify(copy(), null, indent);
  try {
    return JSON.stringify(params, null, indent);
  } catch {
    // Fails once more, as the client fails, which is given a copy.
    return JSON.stringify(copy(), null, indent);
  }
}

/** What is asked for, as JSON, for its tokens to be counted; empty where that fails. */
export function requestText({ text, params }: Call): string {
  if (text !== undefined) return text;
  try {
    return JSON.stringify(params);
  } catch {
    return "";
  }
}

/** What of a call goes on the wire; null for a request without a body, and where the engine has it. */
function bodyOf(call: Call, target: Target): string | null {
  const { method, hasNoBody } = call.operation;
  if (call.bodySent || method !== "post" || hasNoBody === true) return null;
  if (call.text !== undefined) return call.text;
  const indent = "httpAgent" in target.client ? 2 : 0;
  const written = call.written;
  call.written = undefined;
  return indent === 0 && written !== undefined ? written : write(call, indent);
}

function write({ operation: { body }, params }: Call, indent: number): string {
  return serialise(body === undefined ? params : body(params as object), indent);
}

/** The body of a call as JSON, for the engine to read before anybody is asked; it is kept. */
export function bodyAsText(call: Call): string | undefined {
  const { method, hasNoBody } = call.operation;
  if (method !== "post" || hasNoBody === true) return undefined;
  if (call.text !== undefined) return call.text;
  try {
    return (call.written = write(call, 0));
  } catch {
    // As the caller will be told where it is sent.
    return undefined;
  }
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
  call.url = profile.url;
  call.watched = watchAttempt(call, target);
  try {
    if (signal?.aborted === true || call.around.closed) {
      hub.native.abortUnsent(call.id);
      hub.end(call.id);
      return Promise.resolve({ kind: "aborted" });
    }
    const mode = modeOf(call);
    const answer = hub.send(call.id, call.around, {
      target,
      profile: profile.id,
      body: bodyOf(call, target),
      timeoutMs: prepared.timeoutMs,
      // The policy decides who is asked again.
      maxRetries: call.isResilient ? 0 : prepared.maxRetries,
      mode,
      form: streamForm(call, target, form, mode),
      headers: traceHeaders(),
      bill: call.trail,
    });
    call.bodySent = true;
    if (call.onLate !== undefined) hub.whenLate(call.id, call.onLate);
    if (signal) endOnAbort(call, signal);
    return answer;
  } finally {
    profile.release();
  }
}

function streamForm(call: Call, target: Target, form: AnswerForm, mode: Mode): StreamForm | null {
  if (mode === Mode.Reply) return null;
  const events = form.events(call.opened, eventsOf(call));
  // Nothing in bytes tells that they are not all.
  if (mode === Mode.Bytes) return { ...events, cut: terminated };
  if (!call.isResilient) return events;
  const told = interruptible(call.opened, events);
  if (!call.recovers) return told;
  const recovery = (call.recovery ??= new Recovery(call));
  return recovery.form(told, target);
}

/** As `fetch` reports it. */
function terminated(): Error {
  return new TypeError("terminated");
}

/** What the events of a call's stream mean beyond themselves. They must not keep the call alive. */
function eventsOf({ operation, around, key }: Call): EventsOf {
  const { idOf, hasChunks } = operation;
  return {
    hasChunks: hasChunks === true,
    seen:
      idOf &&
      ((event) => {
        remember(around, idOf(event), key);
      }),
  };
}

/** Ends the call when its signal is aborted. */
export function endOnAbort(call: Call, signal: AbortSignal): void {
  call.onAbort = () => {
    hub.end(call.id);
  };
  listen(signal, call.onAbort);
}
