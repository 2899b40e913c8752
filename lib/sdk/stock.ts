// Whether a client is a stock OpenAI client: one whose requests the engine can make itself, with
// nobody noticing. Where in doubt it is not, and is called itself.

import { baseClass } from "./client.js";
import type { SdkClient } from "./client.js";
import { fetchIsWatched, httpIsWatched, isNodeFetch } from "./environment.js";
import type { ClientLike, Resource, ResourceLike } from "./resource.js";

/**
 * What the source of each of the SDK's methods on a request's way mentions, in every version and
 * also when minified: property names survive, and a wrapper has no reason to mention them.
 */
const methods: Readonly<Record<string, readonly string[]>> = {
  post: ["methodRequest"],
  methodRequest: [".request("],
  request: ["makeRequest"],
  makeRequest: ["buildRequest", "shouldRetry"],
  buildRequest: ["buildURL", "timeout"],
  fetchWithTimeout: ["signal", "fetch"],
  prepareOptions: [],
  prepareRequest: [],
  shouldRetry: ["x-should-retry"],
};

/** Options of one call that change how it is sent in ways the engine does not follow. */
const knownOptions: ReadonlySet<string> = new Set([
  "signal",
  "timeout",
  "maxRetries",
  "headers",
  "query",
  "path",
  "idempotencyKey",
  // How openai 7 says which of its helpers makes a call.
  "__metadata",
  // Without effect in the SDK, but part of what @upstash/model-multiplexer's type allows.
  "stream",
  "defaultHeaders",
  "defaultQuery",
  "responseFormat",
  "baseURL",
]);

const genuine = new WeakMap<object, boolean>();

/** Remembers a verdict for each function. */
function isGenuine(method: unknown, mentions: readonly string[]): boolean {
  if (typeof method !== "function") return false;
  let verdict = genuine.get(method);
  if (verdict === undefined) {
    const text = Function.prototype.toString.call(method);
    verdict =
      !text.includes("[native code]") && mentions.every((mentioned) => text.includes(mentioned));
    genuine.set(method, verdict);
  }
  return verdict;
}

/** By what it can be seen that a client is as it was. */
interface Seen {
  readonly prototype: unknown;
  readonly resource: ResourceLike | undefined;
  readonly client: unknown;
  readonly create: unknown;
  readonly values: readonly unknown[];
}

/** What was found when a client was looked at. */
interface Inspection {
  readonly reason: string | undefined;
  readonly seen: Seen;
}

const inspections = new WeakMap<Resource, WeakMap<object, Inspection>>();

function inspectionsOf(resource: Resource): WeakMap<object, Inspection> {
  let known = inspections.get(resource);
  if (known === undefined) inspections.set(resource, (known = new WeakMap()));
  return known;
}

/** Why the client has to be called itself; undefined if the engine can take its requests. */
export function whyNotNative(
  client: unknown,
  resource: Resource,
  options: object | undefined,
): string | undefined {
  if (typeof client !== "object" || client === null) return "it is not an OpenAI client";
  for (const name in options) {
    if (!knownOptions.has(name)) return `the option ${name} is the client's own`;
  }
  const sdk = client as SdkClient;
  const usesFetch = !("httpAgent" in sdk);
  const inBetween = usesFetch ? fetchIsWatched() : httpIsWatched();
  if (inBetween !== undefined) return inBetween;
  const inspected = inspectionsOf(resource);
  const known = inspected.get(client);
  if (known !== undefined && isUnchanged(sdk, resource, known.seen)) return known.reason;
  const seen = look(sdk, resource);
  const reason = inspect(sdk, resource);
  inspected.set(client, { reason, seen });
  return reason;
}

/** The own or inherited members that a patch or a changed setting would change. */
const watched = [
  "fetch",
  "httpAgent",
  "fetchOptions",
  "logLevel",
  "_provider",
  "_workloadIdentityAuth",
  ...Object.keys(methods),
] as const;

/** Compares in place: this is asked before each request. */
function isUnchanged(
  client: SdkClient,
  watching: Resource,
  { prototype, resource, client: seenClient, create, values }: Seen,
): boolean {
  const loose = client as unknown as ClientLike;
  if (Object.getPrototypeOf(client) !== prototype) return false;
  const current = watching.on(loose);
  if (current !== resource || current?._client !== seenClient || current?.create !== create) {
    return false;
  }
  for (let index = 0; index < watched.length; index++) {
    if (loose[watched[index] as string] !== values[index]) return false;
  }
  return true;
}

function look(client: SdkClient, watching: Resource): Seen {
  const loose = client as unknown as ClientLike;
  const resource = watching.on(loose);
  return {
    prototype: Object.getPrototypeOf(client),
    resource,
    client: resource?._client,
    create: resource?.create,
    values: watched.map((name) => loose[name]),
  };
}

function inspect(client: SdkClient, watching: Resource): string | undefined {
  const base = baseClass(client);
  if (base === undefined || !("_options" in client)) return "it is not an OpenAI client";
  if (isProxyLike(client)) return "it is wrapped";
  const resource = watching.on(client as unknown as ClientLike);
  // An SDK that is too old to have it is no reason: the request can be made all the same.
  if (resource !== undefined && !isSdkResource(client, watching, resource)) {
    return `${watching.name}.create has been replaced`;
  }
  const patched = Object.keys(methods).find((name) => !isSdkMethod(client, base, name));
  if (patched !== undefined) return `${patched} has been replaced`;
  if (client._provider !== undefined && client._provider !== null) return "it has a provider";
  if (client._workloadIdentityAuth !== undefined) return "it has a workload identity";
  if (client.logLevel === "debug" || client.logLevel === "info") return "it logs its requests";
  return transportReason(client, base);
}

function isSdkResource(client: SdkClient, { mentions }: Resource, own: ResourceLike): boolean {
  return !Object.hasOwn(own, "create") && own._client === client && isGenuine(own.create, mentions);
}

/** An `Object.create(client)` or a spread copy lacks the own properties of a client. */
function isProxyLike(client: SdkClient): boolean {
  return !Object.hasOwn(client, "baseURL") || !Object.hasOwn(client, "_options");
}

/** True if the client's method is the one that the SDK's own classes define. */
function isSdkMethod(client: SdkClient, base: unknown, name: string): boolean {
  const { prototype } = base as { prototype: object };
  const owner = ownerOf(client, name);
  const inSdk =
    owner === prototype ||
    (owner !== undefined && Object.prototype.isPrototypeOf.call(owner, prototype));
  // Azure's client, a subclass in the SDK itself, has its own way to prepare and build requests.
  const azure =
    (name === "buildRequest" || name === "prepareOptions") &&
    "apiVersion" in client &&
    owner !== client;
  if (!inSdk && !azure) return false;
  return isGenuine(
    (client as unknown as Record<string, unknown>)[name],
    azure ? [] : (methods[name] ?? []),
  );
}

/** True for an OpenAI client of some version, whatever has been done to it. */
export function isSdkClient(client: unknown): boolean {
  if (typeof client !== "object" || client === null) return false;
  return "_options" in client && baseClass(client as SdkClient) !== undefined;
}

/** The object in the prototype chain that has the member itself. */
function ownerOf(object: object, name: string): object | undefined {
  let owner: unknown = object;
  while (typeof owner === "object" && owner !== null) {
    if (Object.hasOwn(owner, name)) return owner;
    owner = Object.getPrototypeOf(owner);
  }
  return undefined;
}

function transportReason(client: SdkClient, base: unknown): string | undefined {
  if ("httpAgent" in client) {
    if (client.httpAgent !== undefined) return "it has an httpAgent";
    return client.fetch === stockFetch(base) ? undefined : "it has its own fetch";
  }
  if (client.fetchOptions !== undefined) return "it has fetchOptions";
  return isNodeFetch(client.fetch) ? undefined : "it has its own fetch";
}

const stockFetches = new WeakMap<object, unknown>();

/** The fetch that openai 4 takes when it is given none: what a fresh client has. */
function stockFetch(base: unknown): unknown {
  const key = base as new (options: object) => SdkClient;
  if (!stockFetches.has(key)) {
    stockFetches.set(key, new key({ apiKey: "none", baseURL: "http://localhost" }).fetch);
  }
  return stockFetches.get(key);
}
