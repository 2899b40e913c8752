// What a request through the engine needs besides its body: where it goes and with which headers,
// for how long and how often it is tried, and how its answer looks.

import type { AnswerForm } from "../answer.js";
import {
  addEndpointProfile,
  defaultMaxRetries,
  defaultTimeoutMs,
  endpointForm,
  isEndpoint,
} from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import type { Operation } from "../operation.js";
import type { SdkClient } from "../sdk/client.js";
import { knownForm, learnForm } from "../sdk/form.js";
import { buildProfile, knownProfile, Profile } from "../sdk/profile.js";
import type { Target } from "../target.js";
import type { Endpoint, RequestOptions } from "../types/index.js";
import type { Call } from "./run.js";

/** What a request needs besides its body. */
export interface Prepared {
  /** To be released after use. */
  profile: Profile;
  form: AnswerForm;
  timeoutMs: number;
  maxRetries: number;
}

/** At once, where the client's profile is at hand. */
export function prepareNow(call: Call, { client, modelName }: Target): Prepared | undefined {
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
export async function prepareLater(call: Call, { client, modelName }: Target): Promise<Prepared> {
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
