// Asking a target through the engine: the profile of the request, its body, and what the answer
// becomes.

import type { AnswerForm, EventsOf } from "../answer.js";
import {
  addEndpointProfile,
  defaultMaxRetries,
  defaultTimeoutMs,
  endpointForm,
  isEndpoint,
} from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import { hub, Mode } from "../hub.js";
import type { Answer, StreamForm } from "../exchange.js";
import type { Operation } from "../operation.js";
import type { Head } from "../head.js";
import { listen, unlisten } from "../signals.js";
import type { SdkClient } from "../sdk/client.js";
import { knownForm, learnForm } from "../sdk/form.js";
import { buildProfile, knownProfile, Profile } from "../sdk/profile.js";
import { byteStream } from "../stream/bytes.js";
import type { EventQueue } from "../stream/queue.js";
import type { Target } from "../target.js";
import type { Endpoint, RequestOptions } from "../types/index.js";
import type { Call, Outcome } from "./run.js";

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

/** What a request needs besides its body. */
interface Prepared {
  /** To be released after use. */
  profile: Profile;
  form: AnswerForm;
  timeoutMs: number;
  maxRetries: number;
}

/** At once, where the client's profile is at hand. */
function prepareNow(call: Call, { client, modelName }: Target): Prepared | undefined {
  const { operation, options } = call;
  if (isEndpoint(client)) {
    const profile = endpointProfileOf(client, operation, options);
    const timeoutMs = wholeNumber("timeout", options?.timeout) ?? defaultTimeoutMs;
    const maxRetries = wholeNumber("maxRetries", options?.maxRetries) ?? defaultMaxRetries;
    return { profile, form: endpointForm, timeoutMs, maxRetries };
  }
  const sdk = client as unknown as SdkClient;
  const form = knownForm(sdk);
  if (form === undefined) return undefined;
  const profile = knownProfile(
    sdk,
    operation,
    modelName,
    options as Record<string, unknown> | undefined,
  );
  return profile && { profile: profile.keep(), form, ...limits(sdk, options) };
}

/** After asking the client how it would send this. */
async function prepareLater(call: Call, { client, modelName }: Target): Promise<Prepared> {
  const { operation, options } = call;
  const sdk = client as unknown as SdkClient;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === undefined) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
    operation,
    modelName,
    options as Record<string, unknown> | undefined,
  );
  return { profile, form, ...limits(sdk, options) };
}

function limits(
  client: SdkClient,
  options: RequestOptions | undefined,
): { timeoutMs: number; maxRetries: number } {
  return {
    timeoutMs: options?.timeout ?? client.timeout,
    maxRetries: options?.maxRetries ?? client.maxRetries,
  };
}

/** By endpoint and by the operation's key: those of calls without headers or the like of their own. */
const endpointProfiles = new WeakMap<Endpoint, Map<string, Profile>>();
/** How many paths are kept for an endpoint. */
const mostPaths = 32;
const droppedEndpoints = new FinalizationRegistry<Map<string, Profile>>((profiles) => {
  for (const profile of profiles.values()) profile.forget();
});

function endpointProfileOf(
  endpoint: Endpoint,
  operation: Operation,
  options: RequestOptions | undefined,
): Profile {
  const { headers, query, path } = options ?? {};
  if (headers !== undefined || query !== undefined || path !== undefined) {
    return new Profile(addEndpointProfile(endpoint, operation, options)).keep().forget();
  }
  let profiles = endpointProfiles.get(endpoint);
  if (profiles === undefined) {
    profiles = new Map();
    endpointProfiles.set(endpoint, profiles);
    droppedEndpoints.register(endpoint, profiles);
  }
  let profile = profiles.get(operation.profileKey);
  if (profile === undefined) {
    profile = new Profile(addEndpointProfile(endpoint, operation, undefined));
    profiles.set(operation.profileKey, profile);
    const [oldest] = profiles.keys();
    if (profiles.size > mostPaths && oldest !== undefined) {
      profiles.get(oldest)?.forget();
      profiles.delete(oldest);
    }
  }
  return profile.keep();
}

function wholeNumber(name: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < 0) {
    throw new MultiplexerError(`${name} must be a non-negative integer, not ${value}.`);
  }
  return value;
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
