// Asking a target through the engine: the profile of the request, its body, and what the answer
// becomes.

import type { AnswerForm } from "../answer.js";
import {
  addEndpointProfile,
  defaultMaxRetries,
  defaultTimeoutMs,
  endpointForm,
  isEndpoint,
} from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import type { Answer } from "../hub.js";
import type { Head } from "../head.js";
import { listen, unlisten } from "../signals.js";
import type { SdkClient } from "../sdk/client.js";
import { knownForm, learnForm } from "../sdk/form.js";
import { buildProfile, knownProfile, Profile } from "../sdk/profile.js";
import type { EventQueue } from "../stream/queue.js";
import type { Target } from "../target.js";
import type { Endpoint, RequestOptions } from "../types/index.js";
import type { Call, Outcome } from "./run.js";

/** Sends the call to the target. Settles the lease but for a refusal, which the caller settles. */
export async function exchange(call: Call, target: Target): Promise<Outcome> {
  let prepared: Prepared | undefined;
  try {
    prepared = prepareNow(call, target) ?? (await prepareLater(call, target));
    if (call.request.options?.signal?.aborted === true) return abort(call, prepared.form);
    return await send(call, target, prepared);
  } catch (error) {
    // What could not be sent, or could not be read: the caller's to know, as from the SDK.
    call.fail();
    return { kind: "failed", error };
  } finally {
    prepared?.profile.release();
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
  const { options } = call.request;
  if (isEndpoint(client)) {
    const profile = endpointProfileOf(client, options);
    const timeoutMs = wholeNumber("timeout", options?.timeout) ?? defaultTimeoutMs;
    const maxRetries = wholeNumber("maxRetries", options?.maxRetries) ?? defaultMaxRetries;
    return { profile, form: endpointForm, timeoutMs, maxRetries };
  }
  const sdk = client as unknown as SdkClient;
  const form = knownForm(sdk);
  const profile = form && knownProfile(sdk, modelName, options as Record<string, unknown>);
  return profile && form && { profile: profile.keep(), form, ...limits(sdk, options) };
}

/** After asking the client how it would send this. */
async function prepareLater(call: Call, { client, modelName }: Target): Promise<Prepared> {
  const { options } = call.request;
  const sdk = client as unknown as SdkClient;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === undefined) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
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

const endpointProfiles = new WeakMap<Endpoint, Profile>();
const droppedEndpoints = new FinalizationRegistry<Profile>((profile) => {
  profile.forget();
});

function endpointProfileOf(endpoint: Endpoint, options: RequestOptions | undefined): Profile {
  const { headers, query, path } = options ?? {};
  if (headers !== undefined || query !== undefined || path !== undefined) {
    return new Profile(addEndpointProfile(endpoint, options)).keep().forget();
  }
  let profile = endpointProfiles.get(endpoint);
  if (profile === undefined) {
    profile = new Profile(addEndpointProfile(endpoint, undefined));
    endpointProfiles.set(endpoint, profile);
    droppedEndpoints.register(endpoint, profile);
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

async function send(call: Call, target: Target, prepared: Prepared): Promise<Outcome> {
  const { params, options } = call.request;
  const { profile, form, timeoutMs, maxRetries } = prepared;
  const streams = (params as { stream?: unknown } | null | undefined)?.stream === true;
  let head: Head | undefined;
  const events = streams ? form.events(() => head as Head) : null;
  const indent = "httpAgent" in target.client ? 2 : 0;
  const body = call.bodySent ? null : serialise(params, indent);
  const pending = hub.send(call.id, {
    profile: profile.id,
    model: target.modelName,
    body,
    timeoutMs,
    maxRetries,
    form: events,
  });
  call.bodySent = true;
  const answer = await untilAborted(call, options?.signal, pending);
  if (answer.kind === "stream") {
    ({ head } = answer);
    call.received = { head, body: null };
    return { kind: "answered", value: openStream(call, form, answer.queue, options?.signal) };
  }
  return judge(call, form, answer);
}

/** The answer, or an abort as soon as the signal says so or the multiplexer is closed. */
async function untilAborted(
  call: Call,
  signal: AbortSignal | null | undefined,
  pending: Promise<Answer>,
): Promise<Answer> {
  const end = (): void => {
    hub.end(call.id);
  };
  const { open } = call.around;
  open.add(end);
  if (signal) listen(signal, end);
  try {
    return await pending;
  } finally {
    open.delete(end);
    if (signal) unlisten(signal, end);
  }
}

function judge(call: Call, form: AnswerForm, answer: Exclude<Answer, { kind: "stream" }>): Outcome {
  switch (answer.kind) {
    case "reply":
      call.received = answer;
      return { kind: "answered", value: form.reply(answer.head, answer.body) };
    case "rateLimited":
      return {
        kind: "rateLimited",
        retryAfterMs: answer.head.get("retry-after-ms"),
        retryAfter: answer.head.get("retry-after"),
        error: () => form.statusError(answer.head, answer.body),
      };
    case "refused":
      return { kind: "failed", error: form.statusError(answer.head, answer.body) };
    case "unreachable":
      return { kind: "failed", error: form.unreachable(answer.fault) };
    case "broken":
      return { kind: "failed", error: form.brokenReply(answer.fault) };
    case "timedOut":
      return { kind: "failed", error: form.timedOut() };
    case "aborted":
      return { kind: "aborted", error: form.aborted() };
  }
}

function abort(call: Call, form: AnswerForm): Outcome {
  hub.native.close(call.id);
  return { kind: "aborted", error: form.aborted() };
}

/** The stream for its reader, tied to the call's signal and the multiplexer's end. */
function openStream(
  call: Call,
  form: AnswerForm,
  queue: EventQueue,
  signal: AbortSignal | null | undefined,
): object {
  const controller = new AbortController();
  const { open } = call.around;
  const leave = (): void => {
    queue.leave();
  };
  const abortAll = (): void => {
    controller.abort();
  };
  open.add(leave);
  if (signal) listen(signal, abortAll);
  queue.onOver(() => {
    open.delete(leave);
    if (signal) unlisten(signal, abortAll);
  });
  controller.signal.addEventListener("abort", leave, { once: true });
  return form.stream(queue, controller);
}
