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
import type { Head } from "../head.js";
import { hub } from "../hub.js";
import type { Answer } from "../exchange.js";
import { listen, unlisten } from "../signals.js";
import type { SdkClient } from "../sdk/client.js";
import { knownForm, learnForm } from "../sdk/form.js";
import { buildProfile, Declined, knownProfile, Profile } from "../sdk/profile.js";
import { whyCallNotNative, whyNotNative } from "../sdk/stock.js";
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
    const why = target.transport === "native" ? whyNotAsMade(call, target) : undefined;
    if (why !== undefined) return Promise.resolve({ kind: "declined", reason: why });
    const prepared = prepareNow(call, target);
    return prepared === undefined ? askLater(call, target) : sendOrNot(call, target, prepared);
  } catch (error) {
    return Promise.resolve({ kind: "notSent", error });
  }
}

async function askLater(call: Call, target: Target): Promise<Answer> {
  try {
    return await sendOrNot(call, target, await prepareLater(call, target));
  } catch (error) {
    return { kind: "notSent", error };
  }
}

/** Why a call whose target is the engine's by hand cannot be: it would not be the one that was made. */
function whyNotAsMade({ params, options }: Call, { client }: Target): string | undefined {
  if (isEndpoint(client)) return undefined;
  // What it says does not count, but it looks at the client where that has changed.
  whyNotNative(client);
  return whyCallNotNative(params, options);
}

function sendOrNot(call: Call, target: Target, prepared: Prepared | Declined): Promise<Answer> {
  if (!(prepared instanceof Declined)) return send(call, target, prepared);
  return Promise.resolve({ kind: "declined", reason: prepared.reason });
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
function prepareNow(call: Call, { client, modelName }: Target): Prepared | Declined | undefined {
  const { options } = call;
  if (isEndpoint(client)) {
    const profile = endpointProfileOf(client, options);
    const timeoutMs = wholeNumber("timeout", options?.timeout) ?? defaultTimeoutMs;
    const maxRetries = wholeNumber("maxRetries", options?.maxRetries) ?? defaultMaxRetries;
    return { profile, form: endpointForm, timeoutMs, maxRetries };
  }
  const sdk = client as unknown as SdkClient;
  const form = knownForm(sdk);
  if (form === undefined) return undefined;
  const profile = knownProfile(sdk, modelName, options as Record<string, unknown> | undefined);
  return profile && prepare(sdk, options, form, profile);
}

/** After asking the client how it would send this. */
async function prepareLater(
  call: Call,
  { client, modelName }: Target,
): Promise<Prepared | Declined> {
  const { params, options } = call;
  const sdk = client as unknown as SdkClient;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === undefined) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
    modelName,
    params,
    options as Record<string, unknown> | undefined,
  );
  const prepared = prepare(sdk, options, form, profile);
  if (profile instanceof Profile) profile.release();
  return prepared;
}

/** Keeps the profile, for `send` to release it. */
function prepare(
  client: SdkClient,
  options: RequestOptions | undefined,
  form: AnswerForm,
  profile: Profile | Declined,
): Prepared | Declined {
  if (profile instanceof Declined) return profile;
  const timeoutMs = options?.timeout ?? client.timeout;
  const maxRetries = options?.maxRetries ?? client.maxRetries;
  if (!(timeoutMs >= 0 && timeoutMs <= longestTimer)) return new Declined("its timeout is unusual");
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= mostRetries)) {
    return new Declined("its maxRetries is unusual");
  }
  return { profile: profile.keep(), form, timeoutMs, maxRetries };
}

/** What Node.js' timers take, in milliseconds. */
const longestTimer = 0x7fff_ffff;
/** What the engine counts to. */
const mostRetries = 0xffff_ffff;

const endpointProfiles = new WeakMap<Endpoint, Profile>();
const droppedEndpoints = new FinalizationRegistry<Profile>((profile) => {
  profile.forget();
});

function endpointProfileOf(endpoint: Endpoint, options: RequestOptions | undefined): Profile {
  const { headers, query, path } = options ?? {};
  if (headers !== undefined || query !== undefined || path !== undefined) {
    return toProfile(addEndpointProfile(endpoint, options)).keep().forget();
  }
  let profile = endpointProfiles.get(endpoint);
  if (profile === undefined) {
    profile = toProfile(addEndpointProfile(endpoint, undefined));
    endpointProfiles.set(endpoint, profile);
    droppedEndpoints.register(endpoint, profile);
  }
  return profile.keep();
}

function toProfile({ id, url }: { id: number; url: string }): Profile {
  return new Profile(id, url);
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
  const copy = (): object => ({ ...(params as object), model: "" });
  if (!asItIs) return JSON.stringify(copy(), null, indent);
  try {
    return JSON.stringify(params, null, indent);
  } catch {
    // Fails once more, as the client fails, which is given a copy.
    return JSON.stringify(copy(), null, indent);
  }
}

function send(call: Call, target: Target, prepared: Prepared): Promise<Answer> {
  const { params, options } = call;
  const { profile, form } = prepared;
  const signal = options?.signal;
  call.form = form;
  call.url = profile.url;
  try {
    if (signal?.aborted === true) {
      hub.end(call.id);
      return Promise.resolve({ kind: "aborted" });
    }
    const streams = (params as { stream?: unknown } | null | undefined)?.stream === true;
    const indent = "httpAgent" in target.client ? 2 : 0;
    const answer = hub.send(
      call.id,
      call.around,
      profile.id,
      target.modelName,
      call.bodySent ? null : serialise(params, indent),
      prepared.timeoutMs,
      prepared.maxRetries,
      streams ? form.events(call.opened) : null,
    );
    call.bodySent = true;
    if (signal) endOnAbort(call, signal);
    return answer;
  } finally {
    profile.release();
  }
}

function endOnAbort(call: Call, signal: AbortSignal): void {
  call.onAbort = () => {
    hub.end(call.id);
  };
  listen(signal, call.onAbort);
}

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
    return judge(call, call.form as AnswerForm, answer);
  } catch (error) {
    // The reply could not be read: the caller's to know, as from the SDK.
    call.fail();
    return { kind: "failed", error };
  }
}

function declined(call: Call, { transport }: Target, reason: string): Outcome | undefined {
  if (transport !== "native") return undefined;
  hub.native.failed(call.id);
  return {
    kind: "failed",
    error: new MultiplexerError(`transport "native" cannot be: ${reason}.`),
  };
}

function judge(
  call: Call,
  form: AnswerForm,
  answer: Exclude<Answer, { kind: "declined" }>,
): Outcome {
  switch (answer.kind) {
    case "reply":
      call.head = answer.head;
      call.body = answer.body;
      return { kind: "answered", value: form.reply(answer.head, answer.body) };
    case "stream":
      call.head = answer.head;
      call.opened.head = answer.head;
      return { kind: "answered", value: openStream(call, form, answer.queue, answer.head) };
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
      return { kind: "failed", error: form.unreachable(answer.fault, call.url) };
    case "broken":
      return { kind: "failed", error: form.brokenReply(answer.fault) };
    case "timedOut":
      return { kind: "failed", error: form.timedOut() };
    case "aborted":
      return { kind: "aborted", error: form.aborted(call.options?.signal) };
    case "notSent":
      hub.native.failed(call.id);
      return { kind: "failed", error: answer.error };
  }
}

/** The stream for its reader, tied to the call's signal. */
function openStream(call: Call, form: AnswerForm, queue: EventQueue, head: Head): object {
  const controller = new AbortController();
  const signal = call.options?.signal;
  if (signal) {
    const abort = (): void => {
      controller.abort();
    };
    listen(signal, abort);
    queue.onTold(() => {
      unlisten(signal, abort);
    });
  }
  queue.onFailure(() => {
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
