// Whether a client is a stock OpenAI client: one whose requests the engine can make itself, with
// nobody noticing. Where in doubt it is not, and is called itself.

import { isPlain } from "../given.js";
import { baseClass } from "./client.js";
import type { SdkClient } from "./client.js";
import { fetchIsWatched, httpIsWatched, isNodeFetch } from "./environment.js";
import { Members } from "./members.js";
import { inspectMethods, isGenuine } from "./methods.js";
import type { ClientLike, Resource, ResourceLike } from "./resource.js";

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

/** What was found when a client was looked at. Another is made when the client has changed. */
export interface Inspection {
  /** Why it has to be called itself. */
  readonly reason: string | undefined;
  /** Whether methods of the program's own shape its requests: each of them is asked for. */
  readonly shaped: boolean;
  readonly members: Members;
}

const inspections = new WeakMap<object, Inspection>();

/**
 * Why a client has to be called itself; undefined if the engine can take its requests.
 *
 * @param resource the member that would be called
 */
export function whyNotNative(client: unknown, resource: Resource): string | undefined {
  if (typeof client !== "object" || client === null) return "it is not an OpenAI client";
  const sdk = client as SdkClient;
  const inBetween = "httpAgent" in sdk ? httpIsWatched() : fetchIsWatched();
  return inBetween ?? inspected(sdk).reason ?? replacedReason(sdk, resource);
}

/** What was found when a client was last looked at, which `whyNotNative` does where it has to. */
export function lastInspection(client: SdkClient): Inspection {
  return inspections.get(client) ?? inspected(client);
}

/** Why the engine cannot take a call as it is made, whatever the client; undefined if it can. */
export function whyCallNotNative(params: unknown, options: unknown): string | undefined {
  if (options !== undefined && options !== null) {
    if (!isPlain(options)) return "its options are no plain object";
    for (const name in options) {
      if (!knownOptions.has(name)) return `the option ${name} is the client's own`;
    }
  }
  const { stream, toJSON } = (params ?? {}) as { stream?: unknown; toJSON?: unknown };
  if (toJSON !== undefined) return "its body makes its own JSON";
  // What is neither yes nor no is read in different ways by the SDK's versions.
  if (stream !== true && Boolean(stream)) return "its stream is neither true nor false";
  return undefined;
}

function inspected(client: SdkClient): Inspection {
  const known = inspections.get(client);
  if (known?.members.areOf(client) === true) return known;
  const inspection = { ...inspect(client), members: new Members(client) };
  inspections.set(client, inspection);
  return inspection;
}

function inspect(client: SdkClient): { reason: string | undefined; shaped: boolean } {
  const base = baseClass(client);
  if (base === undefined || !("_options" in client)) {
    return { reason: "it is not an OpenAI client", shaped: false };
  }
  const { bypassed, shaped } = inspectMethods(client, base);
  const reason =
    (isProxyLike(client) ? "it is wrapped" : undefined) ??
    (bypassed === undefined ? undefined : `${bypassed} has been replaced`) ??
    settingsReason(client) ??
    transportReason(client, base);
  return { reason, shaped };
}

/** A resource as it was when it was looked at. */
interface Looked {
  readonly create: unknown;
  readonly client: unknown;
  readonly isOwn: boolean;
}

const looked = new WeakMap<ResourceLike, Looked>();

/** Why a resource is not the SDK's own for this client. */
function replacedReason(client: SdkClient, resource: Resource): string | undefined {
  const own = resource.on(client as unknown as ClientLike);
  // An SDK that is too old to have it is no reason: the request can be made all the same.
  if (own === undefined && !resource.isInEveryVersion) return undefined;
  if (own === undefined) return `${resource.name} has been replaced`;
  let known = looked.get(own);
  if (known === undefined || known.create !== own.create || known.client !== own._client) {
    const { create, _client } = own;
    const isOwn = !Object.hasOwn(own, "create") && isGenuine(create, "create", resource.mentions);
    known = { create, client: _client, isOwn };
    looked.set(own, known);
  }
  if (known.isOwn && known.client === client) return undefined;
  return `${resource.name}.create has been replaced`;
}

/** Why the engine could not even be told to take the client's requests; undefined if it could. */
export function whyNeverNative(client: SdkClient): string | undefined {
  if (client._provider !== undefined && client._provider !== null) return "it has a provider";
  if (client._workloadIdentityAuth !== undefined) return "it has a workload identity";
  if (client.idempotencyHeader !== undefined) return "it sends idempotency keys";
  return undefined;
}

/** What a client was told to do that the engine does not do. */
function settingsReason(client: SdkClient): string | undefined {
  const never = whyNeverNative(client);
  if (never !== undefined) return never;
  const logs = client.logLevel === "debug" || client.logLevel === "info";
  // openai 4 reads this at each request.
  const tells = "httpAgent" in client && process.env["DEBUG"] === "true";
  return logs || tells ? "it logs its requests" : undefined;
}

/** An `Object.create(client)` or a spread copy lacks the own properties of a client. */
function isProxyLike(client: SdkClient): boolean {
  return !Object.hasOwn(client, "baseURL") || !Object.hasOwn(client, "_options");
}

/** True for an OpenAI client of some version, whatever has been done to it. */
export function isSdkClient(client: unknown): client is SdkClient {
  if (typeof client !== "object" || client === null) return false;
  return "_options" in client && baseClass(client as SdkClient) !== undefined;
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
