// The keys of endpoints that tell theirs by a function. It keeps the last one, so that a key that
// stays costs nothing but the question.

import { checkKey } from "./endpoint.js";
import type { CheckedEndpoint, KeyedEndpoint } from "./endpoint.js";

/** By the endpoint as it was registered: the same with the key that was told last. */
const told = new WeakMap<CheckedEndpoint, KeyedEndpoint>();

/** The endpoint with its key, if no function has to be asked for it. */
export function keyedNow(endpoint: CheckedEndpoint): KeyedEndpoint | undefined {
  return typeof endpoint.apiKey === "string" ? (endpoint as KeyedEndpoint) : undefined;
}

/**
 * Asks an endpoint for its key.
 *
 * @throws what its function throws, or {MultiplexerError} for what is no key
 */
export async function askKey(
  endpoint: CheckedEndpoint,
): Promise<{ endpoint: KeyedEndpoint; isNew: boolean }> {
  const known = keyedNow(endpoint);
  if (known !== undefined) return { endpoint: known, isNew: false };
  const apiKey: unknown = await (endpoint.apiKey as () => unknown)();
  checkKey(apiKey);
  const last = told.get(endpoint);
  if (last?.apiKey === apiKey) return { endpoint: last, isNew: false };
  const { baseURL, headers } = endpoint;
  const keyed = { baseURL, apiKey, headers };
  told.set(endpoint, keyed);
  return { endpoint: keyed, isNew: last !== undefined };
}
