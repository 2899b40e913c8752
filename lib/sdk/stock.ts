// Whether a client is a stock OpenAI client: one whose requests the engine can make itself, with
// nobody noticing. Where in doubt it is not, and is called itself.

import { baseClass } from "./client.js";
import type { SdkClient } from "./client.js";
import { fetchIsWatched, httpIsWatched, isNodeFetch } from "./environment.js";

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

/** What was found when a client was looked at, and by what that can be seen to be still so. */
interface Inspection {
  readonly reason: string | undefined;
  readonly seen: readonly unknown[];
}

const inspections = new WeakMap<object, Inspection>();

/** Why the client has to be called itself; undefined if the engine can take its requests. */
export function whyNotNative(client: unknown, options: object | undefined): string | undefined {
  if (typeof client !== "object" || client === null) return "it is not an OpenAI client";
  for (const name in options) {
    if (!knownOptions.has(name)) return `the option ${name} is the client's own`;
  }
  const sdk = client as SdkClient;
  const usesFetch = !("httpAgent" in sdk);
  const watched = usesFetch ? fetchIsWatched() : httpIsWatched();
  if (watched !== undefined) return watched;
  const known = inspections.get(client);
  if (known !== undefined && isUnchanged(sdk, known.seen)) return known.reason;
  const seen = witnesses(sdk);
  const reason = inspect(sdk);
  inspections.set(client, { reason, seen });
  return reason;
}

/** What a patch or a changed setting would change. */
function witnesses(client: SdkClient): unknown[] {
  const loose = client as unknown as Record<string, unknown>;
  const completions = (loose["chat"] as { completions?: Record<string, unknown> } | undefined)
    ?.completions;
  return [
    Object.getPrototypeOf(client),
    completions,
    completions?.["create"],
    completions?.["_client"],
    loose["fetch"],
    loose["httpAgent"],
    loose["fetchOptions"],
    loose["logLevel"],
    loose["post"],
    loose["methodRequest"],
    loose["request"],
    loose["makeRequest"],
    loose["buildRequest"],
    loose["fetchWithTimeout"],
    loose["prepareOptions"],
    loose["prepareRequest"],
    loose["shouldRetry"],
  ];
}

function isUnchanged(client: SdkClient, seen: readonly unknown[]): boolean {
  const now = witnesses(client);
  for (let index = 0; index < now.length; index++) {
    if (now[index] !== seen[index]) return false;
  }
  return true;
}

function inspect(client: SdkClient): string | undefined {
  const base = baseClass(client);
  if (base === undefined || !("_options" in client)) return "it is not an OpenAI client";
  if (isProxyLike(client)) return "it is wrapped";
  const { completions } = client.chat;
  if (
    Object.hasOwn(completions, "create") ||
    (completions as { _client?: unknown })._client !== client ||
    !isGenuine((completions as { create?: unknown }).create, ["/chat/completions", "post"])
  ) {
    return "chat.completions.create has been replaced";
  }
  const patched = Object.keys(methods).find((name) => !isSdkMethod(client, base, name));
  if (patched !== undefined) return `${patched} has been replaced`;
  if (client._provider !== undefined && client._provider !== null) return "it has a provider";
  if (client._workloadIdentityAuth !== undefined) return "it has a workload identity";
  if (client.logLevel === "debug" || client.logLevel === "info") return "it logs its requests";
  return transportReason(client, base);
}

/** An `Object.create(client)` or a spread copy lacks the own properties of a client. */
function isProxyLike(client: SdkClient): boolean {
  return !Object.hasOwn(client, "baseURL") || !Object.hasOwn(client, "_options");
}

/** True if the client's method is the one that the SDK's own classes define. */
function isSdkMethod(client: SdkClient, base: unknown, name: string): boolean {
  const { prototype } = base as { prototype: object };
  let owner: object | null = client;
  while (owner !== null && !Object.hasOwn(owner, name))
    owner = Object.getPrototypeOf(owner) as object;
  const inSdk =
    owner !== null &&
    (owner === prototype || Object.prototype.isPrototypeOf.call(owner, prototype));
  // Azure's client, a subclass in the SDK itself, has its own way to build requests.
  const azure = name === "buildRequest" && "apiVersion" in client;
  if (!inSdk && !azure) return false;
  return isGenuine(
    (client as unknown as Record<string, unknown>)[name],
    azure ? [] : (methods[name] ?? []),
  );
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
