// The keys of endpoints that tell theirs by a function. It keeps the last one, so that a key that
// stays costs nothing but the question.

import { checkKey } from "./endpoint.js";
import type { KeyedEndpoint } from "./endpoint.js";
import type { Endpoint } from "./types/index.js";

/** By the endpoint as it was given: the same with the key that was told last. */
const told = new WeakMap<Endpoint, KeyedEndpoint>();

/** The endpoint with its key, if no function has to be asked for it. */
export function keyedNow(endpoint: Endpoint): KeyedEndpoint | undefined {
  return typeof endpoint.apiKey === "string" ? (endpoint as KeyedEndpoint) : undefined;
}

/**
 * Asks an endpoint for its key.
 *
 * @throws what its function throws, or {MultiplexerError} for what is no key
 */
export async function askKey(
  endpoint: Endpoint,
): Promise<{ endpoint: KeyedEndpoint; isNew: boolean }> {
  const known = keyedNow(endpoint);
  if (known !== undefined) return { endpoint: known, isNew: false };
  const apiKey: unknown = await (endpoint.apiKey as () => unknown)();
  checkKey(apiKey);
  const last = told.get(endpoint);
  if (last?.apiKey === apiKey) return { endpoint: last, isNew: false };
  const keyed = { ...endpoint, apiKey };
  told.set(endpoint, keyed);
  return { endpoint: keyed, isNew: last !== undefined };
}
