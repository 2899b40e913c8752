// Which of the SDK's methods lie on a request's way, and whether a client still has the SDK's own.
// A method that the engine replaces must be; one that only shapes a request may be a subclass's.

import type { SdkClass, SdkClient } from "./client.js";

/**
 * The methods whose work the engine does, or would not notice; and what the source of each
 * mentions in every version, also when minified: property names survive, and a wrapper has no
 * reason to mention them.
 */
const replaced: Readonly<Record<string, readonly string[]>> = {
  post: ["methodRequest"],
  methodRequest: [".request("],
  request: ["makeRequest"],
  makeRequest: ["buildRequest", "shouldRetry"],
  buildRequest: ["buildURL", "timeout"],
  buildBody: ["body"],
  calculateContentLength: ["length"],
  prepareOptions: [],
  prepareRequest: [],
  fetchWithAuth: ["fetchWithTimeout"],
  fetchWithTimeout: ["signal", "fetch"],
  shouldRetry: ["x-should-retry"],
  retryRequest: ["retry-after-ms"],
  calculateDefaultRetryTimeoutMillis: ["random"],
  responsePromise: ["withResponse"],
  parseResponseWithTimeout: ["timeout"],
};

/** The methods that `buildRequest` asks for headers and URL. */
const shaping: Readonly<Record<string, readonly string[]>> = {
  authHeaders: [],
  bearerAuth: [],
  adminAPIKeyAuth: [],
  defaultHeaders: [],
  defaultQuery: ["_options"],
  validateHeaders: [],
  buildHeaders: ["eaders"],
  buildURL: ["baseURL"],
  stringifyQuery: [],
  getUserAgent: ["/JS "],
  _callApiKey: ["apiKey"],
};

/** What was found of a client's methods. */
export interface Methods {
  /** A method that the engine would bypass although it is not the SDK's own. */
  readonly bypassed: string | undefined;
  /** Whether a method that shapes requests is not the SDK's own, so that each request is asked for. */
  readonly shaped: boolean;
}

/** Looks at all methods of a client whose class the SDK itself defines as `base`. */
export function inspectMethods(client: SdkClient, base: SdkClass): Methods {
  const isOwn = (all: typeof replaced, name: string): boolean =>
    isSdkMethod(client, base, name, all[name] as readonly string[]);
  return {
    bypassed: Object.keys(replaced).find((name) => !isOwn(replaced, name)),
    shaped: Object.keys(shaping).some((name) => !isOwn(shaping, name)),
  };
}

const genuine = new WeakMap<object, boolean>();

/** True for a method of a class, not a wrapper, that mentions all of these. Remembered. */
export function isGenuine(method: unknown, name: string, mentions: readonly string[]): boolean {
  if (typeof method !== "function") return false;
  let verdict = genuine.get(method);
  if (verdict === undefined) {
    const text = Function.prototype.toString.call(method);
    const isMethod = text.startsWith(`${name}(`) || text.startsWith(`async ${name}(`);
    verdict = isMethod && mentions.every((mentioned) => text.includes(mentioned));
    genuine.set(method, verdict);
  }
  return verdict;
}

/** True if the client's method is absent, or the one that the SDK's own classes define. */
function isSdkMethod(
  client: SdkClient,
  base: SdkClass,
  name: string,
  mentions: readonly string[],
): boolean {
  const owner = ownerOf(client, name);
  // Not every version has every method.
  if (owner === undefined) return true;
  const method = (client as unknown as Record<string, unknown>)[name];
  const { prototype } = base as unknown as { prototype: object };
  if (owner === prototype || Object.prototype.isPrototypeOf.call(owner, prototype)) {
    return isGenuine(method, name, mentions);
  }
  return isAzure(owner, prototype) && isGenuine(method, name, []);
}

/** True for the prototype of the SDK's own client for Azure, which shapes requests in its own way. */
function isAzure(owner: object, prototype: object): boolean {
  if (Object.getPrototypeOf(owner) !== prototype) return false;
  const { constructor } = owner;
  return Function.prototype.toString.call(constructor).includes("AZURE_OPENAI_ENDPOINT");
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
