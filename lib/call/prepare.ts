// What a request through the engine needs besides its body: where it goes and with which headers,
// for how long and how often it is tried, and how its answer looks.

import type { AnswerForm } from "../answer.js";
import type { Connection } from "../connection.js";
import { defaultMaxRetries, defaultTimeoutMs, isEndpoint } from "../endpoint.js";
import type { KeyedEndpoint } from "../endpoint.js";
import { endpointForm } from "../endpoint/form.js";
import { addEndpointProfile } from "../endpoint/profile.js";
import { MultiplexerError } from "../errors.js";
import { askKey, keyedNow } from "../keys.js";
import type { NativeFleet } from "../../native.js";
import type { Operation } from "../operation.js";
import type { SdkClient } from "../sdk/client.js";
import { knownForm, learnForm } from "../sdk/form.js";
import { buildProfile, Declined, knownProfile, Profile } from "../sdk/profile.js";
import type { Target } from "../target.js";
import type { RequestOptions } from "../types/index.js";
import { NoKey } from "./no-key.js";
import { mostRetries, wholeNumber } from "./options.js";

/** What a request needs besides its body. */
export interface Prepared {
  /** To be released after use. */
  profile: Profile;
  form: AnswerForm;
  timeoutMs: number;
  maxRetries: number;
}

/** What is asked for. */
export interface Asked {
  readonly operation: Operation;
  readonly params: unknown;
  readonly options: RequestOptions | undefined;
  readonly around: { readonly fleet: NativeFleet };
  /** The target's number. */
  readonly key: number;
}

/** At once, where the client's profile is at hand. */
export function prepareNow(call: Asked, target: Target): Prepared | Declined | undefined {
  const { operation, options } = call;
  const { client } = target;
  if (isEndpoint(client)) {
    const endpoint = keyedNow(client);
    return endpoint && prepareEndpoint(call, target, endpoint);
  }
  const sdk = client as unknown as SdkClient;
  const form = knownForm(sdk);
  if (form === undefined) return undefined;
  const profile = knownProfile(
    sdk,
    operation,
    target,
    options as Record<string, unknown> | undefined,
  );
  return profile && prepare(sdk, options, form, profile);
}

function prepareEndpoint(call: Asked, target: Target, endpoint: KeyedEndpoint): Prepared {
  const { operation, options } = call;
  const profile = endpointProfileOf(endpoint, operation, options, target.connection);
  const timeoutMs = wholeNumber("options.timeout", options?.timeout) ?? defaultTimeoutMs;
  const maxRetries =
    wholeNumber("options.maxRetries", options?.maxRetries, mostRetries) ?? defaultMaxRetries;
  return { profile, form: endpointForm, timeoutMs, maxRetries };
}

/** After asking the client how it would send this, or the endpoint for its key. */
export async function prepareLater(
  call: Asked,
  target: Target,
): Promise<Prepared | Declined | NoKey> {
  const { operation, params, options } = call;
  if (isEndpoint(target.client)) {
    const keyed = await askKey(target.client).catch((reason: unknown) => new NoKey(reason));
    if (keyed instanceof NoKey) return keyed;
    if (keyed.isNew) call.around.fleet.changeKey(call.key);
    return prepareEndpoint(call, target, keyed.endpoint);
  }
  const sdk = target.client as unknown as SdkClient;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === undefined) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
    operation,
    target,
    params,
    options as Record<string, unknown> | undefined,
  );
  const prepared = prepare(sdk, options, form, profile);
  if (profile instanceof Profile) profile.release();
  return prepared;
}

/** Keeps the profile, for who sends to release it. */
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

/** By endpoint and by the operation's key: those of calls without headers or the like of their own. */
const endpointProfiles = new WeakMap<KeyedEndpoint, Map<string, Profile>>();
/** How many paths are kept for an endpoint. */
const mostPaths = 32;
const droppedEndpoints = new FinalizationRegistry<Map<string, Profile>>((profiles) => {
  for (const profile of profiles.values()) profile.forget();
});

function endpointProfileOf(
  endpoint: KeyedEndpoint,
  operation: Operation,
  options: RequestOptions | undefined,
  connection: Connection,
): Profile {
  const { headers, query, path } = options ?? {};
  if (headers !== undefined || query !== undefined || path !== undefined) {
    return toProfile(addEndpointProfile(endpoint, operation, options, connection))
      .keep()
      .forget();
  }
  let profiles = endpointProfiles.get(endpoint);
  if (profiles === undefined) {
    profiles = new Map();
    endpointProfiles.set(endpoint, profiles);
    droppedEndpoints.register(endpoint, profiles);
  }
  let profile = profiles.get(operation.profileKey);
  if (profile === undefined) {
    profile = toProfile(addEndpointProfile(endpoint, operation, undefined, connection));
    profiles.set(operation.profileKey, profile);
    const [oldest] = profiles.keys();
    if (profiles.size > mostPaths && oldest !== undefined) {
      profiles.get(oldest)?.forget();
      profiles.delete(oldest);
    }
  }
  return profile.keep();
}

function toProfile({ id, url }: { id: number; url: string }): Profile {
  return new Profile(id, url);
}
