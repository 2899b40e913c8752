// Where a stock client's requests go and with which headers: what its own `buildRequest` says,
// kept until something that it reads has changed.

import { hub } from "../hub.js";
import type { Operation } from "../operation.js";
import type { SdkClient } from "./client.js";

/** A profile that the engine knows, until it is forgotten and no call is about to use it. */
export class Profile {
  /** Its number in the engine. */
  readonly id: number;
  #uses = 0;
  #forgotten = false;

  constructor(id: number) {
    this.id = id;
  }

  /** Somebody will use it later. */
  keep(): this {
    this.#uses++;
    return this;
  }

  /** They have. */
  release(): void {
    this.#uses--;
    this.#dropIfUnused();
  }

  /** It will not be handed out again. */
  forget(): this {
    this.#forgotten = true;
    this.#dropIfUnused();
    return this;
  }

  #dropIfUnused(): void {
    if (this.#forgotten && this.#uses === 0) hub.native.dropProfile(this.id);
  }
}

interface Cached {
  readonly inputs: Inputs;
  readonly byOptions: Map<string, Profile>;
}

/** How many sets of paths, per-call headers and the like are kept for a client and model. */
const mostKept = 32;
/** A retry number that no header has by accident. */
const sentinel = 907_316;

const cache = new WeakMap<object, Map<string, Cached>>();
const forgotten = new FinalizationRegistry<Map<string, Cached>>((models) => {
  for (const cached of models.values()) forget(cached);
});

function forget(cached: Cached): void {
  for (const profile of cached.byOptions.values()) profile.forget();
  cached.byOptions.clear();
}

/** The profile for a call if it is at hand, else undefined: then it has to be built. */
export function knownProfile(
  client: SdkClient,
  operation: Operation,
  model: string,
  options: Record<string, unknown> | undefined,
): Profile | undefined {
  const key = keyOf(operation, options);
  const cached = cache.get(client)?.get(model);
  if (key === undefined || cached === undefined) return undefined;
  return isCurrent(cached, client) ? cached.byOptions.get(key) : undefined;
}

/** Builds a profile by asking the client; the caller releases it. Fails as the client fails. */
export async function buildProfile(
  client: SdkClient,
  operation: Operation,
  model: string,
  options: Record<string, unknown> | undefined,
): Promise<Profile> {
  const before = inputs(client);
  const hasBody = operation.method === "post" && operation.hasNoBody !== true;
  const request: Record<string, unknown> = {
    method: operation.method,
    path: operation.path,
    // Azure's path holds the model; the body itself is the engine's matter.
    ...(hasBody ? { body: { model } } : undefined),
    ...options,
    stream: false,
    __security: { bearerAuth: true },
  };
  await client.prepareOptions(request);
  const { url, req } = await client.buildRequest(request, { retryCount: sentinel });
  const headers: string[] = [];
  let countsRetries = false;
  for (const [name, value] of entries(req.headers)) {
    const lower = name.toLowerCase();
    if (lower === "content-length") continue;
    if (lower === "x-stainless-retry-count" && value === String(sentinel)) {
      countsRetries = true;
      headers.push(name, "0");
    } else if (lower === "accept" && value === "application/json") {
      headers.push(name, operation.accept ?? value);
    } else {
      headers.push(name, value);
    }
  }
  const profile = new Profile(
    hub.native.addProfile(operation.method.toUpperCase(), url, headers, countsRetries),
  ).keep();
  const key = keyOf(operation, options);
  if (key === undefined || hasAsyncKey(client)) return profile.forget();
  remember(client, model, before, key, profile);
  return profile;
}

/** A key that is asked for anew before each request. */
function hasAsyncKey(client: SdkClient): boolean {
  return (
    typeof client._options["apiKey"] === "function" || client._azureADTokenProvider !== undefined
  );
}

function remember(
  client: SdkClient,
  model: string,
  before: Inputs,
  key: string,
  profile: Profile,
): void {
  let models = cache.get(client);
  if (models === undefined) {
    models = new Map();
    cache.set(client, models);
    forgotten.register(client, models);
  }
  let cached = models.get(model);
  if (cached === undefined || !isCurrent(cached, client)) {
    if (cached !== undefined) forget(cached);
    cached = { inputs: before, byOptions: new Map() };
    models.set(model, cached);
  }
  cached.byOptions.get(key)?.forget();
  cached.byOptions.set(key, profile);
  const [oldest] = cached.byOptions.keys();
  if (cached.byOptions.size > mostKept && oldest !== undefined) {
    cached.byOptions.get(oldest)?.forget();
    cached.byOptions.delete(oldest);
  }
}

/** The client's own values that `buildRequest` reads. */
const fields = [
  "apiKey",
  "organization",
  "project",
  "baseURL",
  "timeout",
  "deploymentName",
  "apiVersion",
  "adminAPIKey",
] as const;

/** All that `buildRequest` reads of a client. */
interface Inputs {
  readonly values: readonly unknown[];
  readonly headers: unknown;
  readonly query: unknown;
}

function inputs(client: SdkClient): Inputs {
  const { defaultHeaders, defaultQuery } = client._options;
  return {
    values: fields.map((field) => client[field]),
    headers: contents(defaultHeaders),
    query: contents(defaultQuery),
  };
}

/** Compares in place: this is asked before each request. */
function isCurrent({ inputs: { values, headers, query } }: Cached, client: SdkClient): boolean {
  for (let index = 0; index < fields.length; index++) {
    if (client[fields[index] as (typeof fields)[number]] !== values[index]) return false;
  }
  const { defaultHeaders, defaultQuery } = client._options;
  return contents(defaultHeaders) === headers && contents(defaultQuery) === query;
}

/** What an object of headers or query parameters holds, as one value. */
function contents(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Symbol.iterator in value) return JSON.stringify([...(value as Iterable<unknown>)]);
  // The newer SDKs' merged headers: values in a Headers, removals in a Set.
  if ("values" in value && value.values instanceof Headers) {
    const { nulls } = value as { nulls?: Iterable<string> };
    return JSON.stringify([[...value.values], [...(nulls ?? [])]]);
  }
  return JSON.stringify(value);
}

const noOptions = "";

/** What a call's operation and its own options change, as a key; undefined if that cannot be told. */
function keyOf(
  { profileKey }: Operation,
  options: Record<string, unknown> | undefined,
): string | undefined {
  const key = optionsKey(options);
  return key === undefined ? undefined : profileKey + key;
}

/** What a call's own options change, as a key; undefined if that cannot be told. */
function optionsKey(options: Record<string, unknown> | undefined): string | undefined {
  if (options === undefined) return noOptions;
  const { headers, query, path, timeout, idempotencyKey, __metadata: metadata } = options;
  if (
    headers === undefined &&
    query === undefined &&
    path === undefined &&
    timeout === undefined &&
    idempotencyKey === undefined &&
    metadata === undefined
  ) {
    return noOptions;
  }
  if (headers !== undefined && headers !== null && !isPlain(headers)) return undefined;
  if (query !== undefined && query !== null && !isPlain(query)) return undefined;
  if (metadata !== undefined && metadata !== null && !isPlain(metadata)) return undefined;
  return JSON.stringify([headers, query, path, timeout, idempotencyKey, metadata]);
}

function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((item) => typeof item !== "object" || item === null);
}

function* entries(headers: Headers | Record<string, string>): Generator<[string, string]> {
  if (typeof (headers as Headers).entries === "function") {
    yield* (headers as Headers).entries();
  } else {
    yield* Object.entries(headers as Record<string, string>);
  }
}
