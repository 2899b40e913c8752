// Where a stock client's requests go and with which headers: what its own `buildRequest` says,
// kept until something that it reads has changed.

import { proxyFor } from "../connection.js";
import type { Connection } from "../connection.js";
import { hub } from "../hub.js";
import type { Operation } from "../operation.js";
import type { BuiltRequest, SdkClient } from "./client.js";
import { Inputs } from "./inputs.js";
import { lastInspection, whyNeverNative } from "./stock.js";
import type { Inspection } from "./stock.js";

/** A profile that the engine knows, until it is forgotten and no call is about to use it. */
export class Profile {
  /** Its number in the engine. */
  readonly id: number;
  /** Where its requests go. */
  readonly url: string;
  #uses = 0;
  #forgotten = false;

  constructor(id: number, url: string) {
    this.id = id;
    this.url = url;
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

/** A request that only the client itself can send as it would. */
export class Declined {
  constructor(readonly reason: string) {}

  /** As of a profile: there is nothing to be kept. */
  forget(): this {
    return this;
  }
}

interface Cached {
  readonly inputs: Inputs;
  readonly byOptions: Map<string, Profile | Declined>;
}

/** How many sets of paths, per-call headers and the like are kept for a client and model. */
const mostKept = 32;
/** A retry number that no header has by accident. */
const sentinel = 907_316;

/** By what a client was found to be, and then by model. */
const cache = new WeakMap<Inspection, Map<string, Cached>>();
const forgotten = new FinalizationRegistry<Map<string, Cached>>((models) => {
  for (const cached of models.values()) forget(cached);
});

function forget(cached: Cached): void {
  for (const profile of cached.byOptions.values()) profile.forget();
  cached.byOptions.clear();
}

/** A target, as far as a profile depends on it. */
export interface Asked {
  readonly modelName: string;
  readonly connection: Connection;
}

/** The profile for a call if it is at hand, else undefined: then it has to be built. */
export function knownProfile(
  client: SdkClient,
  operation: Operation,
  { modelName, connection }: Asked,
  options: Record<string, unknown> | undefined,
): Profile | Declined | undefined {
  const key = keyOf(operation, options);
  const cached = cache.get(lastInspection(client))?.get(connection.key + modelName);
  if (key === undefined || cached === undefined) return undefined;
  return cached.inputs.areOf(client) ? cached.byOptions.get(key) : undefined;
}

/** Builds a profile by asking the client; the caller releases it. Fails as the client fails. */
export async function buildProfile(
  client: SdkClient,
  operation: Operation,
  { modelName: model, connection }: Asked,
  params: unknown,
  options: Record<string, unknown> | undefined,
): Promise<Profile | Declined> {
  const never = whyNeverNative(client);
  if (never !== undefined) return new Declined(never);
  const before = new Inputs(client);
  const inspection = lastInspection(client);
  const isShaped = inspection.shaped;
  // Azure's path holds the model; the body itself is the engine's matter, but where a method of the
  // program's own may look at it.
  const hasBody = operation.method === "post" && operation.hasNoBody !== true;
  const body = isShaped ? { ...(params as object), model } : { model };
  const request: Record<string, unknown> = {
    method: operation.method,
    path: operation.path,
    ...(hasBody ? { body } : undefined),
    ...options,
    stream: false,
    __security: { bearerAuth: true },
  };
  await client.prepareOptions(request);
  const built = await client.buildRequest(request, { retryCount: sentinel });
  const profile = toProfile(client, operation, built, hasBody ? body : undefined, connection);
  const key = keyOf(operation, options);
  if (profile instanceof Profile) profile.keep();
  const isStable = !isShaped && !hasAsyncKey(client) && before.areOf(client);
  if (key === undefined || !isStable) return profile.forget();
  remember(client, inspection, connection.key + model, before, key, profile);
  return profile;
}

/** What the engine is told, if it can send the request just as the client would. */
function toProfile(
  client: SdkClient,
  operation: Operation,
  { url, req }: BuiltRequest,
  body: object | undefined,
  connection: Connection,
): Profile | Declined {
  const isOld = "httpAgent" in client;
  if (body !== undefined && req.body !== JSON.stringify(body, null, isOld ? 2 : 0)) {
    return new Declined("its body is not sent as plain JSON");
  }
  // node-fetch, which openai 4 uses, escapes more than URLs are made with.
  if (isOld && /[\^`{|}']/.test(url)) return new Declined("its URL is escaped anew");
  const headers: string[] = [];
  const missing = new Set(body === undefined ? ofFetchWithoutBody : ofFetch);
  let countsRetries = false;
  for (const [name, value] of entries(req.headers)) {
    const lower = name.toLowerCase();
    if (lower === "content-length") continue;
    missing.delete(lower);
    if (lower === "x-stainless-retry-count" && value === String(sentinel)) {
      countsRetries = true;
      headers.push(name, "0");
    } else if (lower === "accept" && value === "application/json") {
      headers.push(name, operation.accept ?? value);
    } else {
      headers.push(name, value);
    }
  }
  if (missing.size > 0) return new Declined(`fetch adds ${[...missing].join(" and ")}`);
  try {
    const method = operation.method.toUpperCase();
    const proxy = proxyFor(url, connection);
    const { http2, connectMs } = connection;
    return new Profile(
      hub.native.addProfile(method, url, headers, countsRetries, proxy, http2, connectMs),
      url,
    );
  } catch (error) {
    return new Declined((error as Error).message);
  }
}

/** Headers that fetch and node-fetch add, each in its way, to a request without them. */
const ofFetch = ["accept", "content-type", "user-agent"];
const ofFetchWithoutBody = ["accept", "user-agent"];

/** A key that is asked for anew before each request. */
function hasAsyncKey(client: SdkClient): boolean {
  return (
    typeof client._options["apiKey"] === "function" || client._azureADTokenProvider !== undefined
  );
}

function remember(
  client: SdkClient,
  inspection: Inspection,
  model: string,
  before: Inputs,
  key: string,
  profile: Profile | Declined,
): void {
  let models = cache.get(inspection);
  if (models === undefined) {
    models = new Map();
    cache.set(inspection, models);
    forgotten.register(inspection, models);
  }
  let cached = models.get(model);
  if (cached?.inputs.areOf(client) !== true) {
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

const noOptions = "";

/** What a call's operation and its own options change, as a key; undefined if that cannot be told. */
function keyOf(
  { profileKey }: Operation,
  options: Record<string, unknown> | null | undefined,
): string | undefined {
  const key = optionsKey(options);
  return key === undefined ? undefined : profileKey + key;
}

/** What a call's own options change, as a key; undefined if that cannot be told. */
function optionsKey(options: Record<string, unknown> | null | undefined): string | undefined {
  if (options === undefined || options === null) return noOptions;
  const { headers, query, path, timeout, idempotencyKey, __metadata: metadata } = options;
  // A timeout of undefined is refused by the client, unlike none.
  const hasTimeout = "timeout" in options;
  if (
    headers === undefined &&
    query === undefined &&
    path === undefined &&
    !hasTimeout &&
    idempotencyKey === undefined &&
    metadata === undefined
  ) {
    return noOptions;
  }
  if (hasTimeout && typeof timeout !== "number") return undefined;
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
