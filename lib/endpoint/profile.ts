// Where an endpoint's calls go and with which headers: its own, and those of the call.

import { proxyFor } from "../connection.js";
import type { Connection } from "../connection.js";
import { checkHeaderName, checkHeaderValue } from "../endpoint.js";
import type { KeyedEndpoint } from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import { kindOf } from "../given.js";
import { hub } from "../hub.js";
import type { Operation } from "../operation.js";
import type { RequestOptions } from "../types/index.js";

/** The profile of an endpoint's calls; a call's own headers and query make one of its own. */
export function endpointProfile(
  endpoint: KeyedEndpoint,
  operation: Operation,
  options: RequestOptions | undefined,
): { url: string; headers: string[] } {
  const url = urlBelow(endpoint.baseURL, options?.path ?? operation.path);
  for (const [name, value] of ownQuery(options)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const headers = new Headers({
    accept: operation.accept ?? "application/json",
    "content-type": "application/json",
    "user-agent": "model-multiplexer",
    authorization: `Bearer ${endpoint.apiKey}`,
  });
  for (const [name, value] of Object.entries(endpoint.headers)) headers.set(name, value);
  for (const [name, value] of ownHeaders(options)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return { url: url.href, headers: [...headers].flat() };
}

/** @throws {MultiplexerError} for a path by which the URL would leave the base URL, where the key is meant for */
function urlBelow(baseURL: string, given: unknown): URL {
  if (typeof given !== "string") {
    throw new MultiplexerError(`path must be a string, not ${kindOf(given)}.`);
  }
  const url = new URL(baseURL);
  const root = `${url.pathname.replace(/\/$/, "")}/`;
  const [path = "", query = ""] = given.split("?", 2);
  url.pathname = `${root}${path.replace(/^\//, "")}`;
  if (!url.pathname.startsWith(root)) {
    throw new MultiplexerError(
      `path must stay below the endpoint's base URL, which ${JSON.stringify(path)} does not.`,
    );
  }
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.append(name, value);
  return url;
}

function ownQuery(options: RequestOptions | undefined): [string, string | number | undefined][] {
  const { query } = options ?? {};
  if (query === undefined || query === null) return [];
  if (query instanceof URLSearchParams) return [...query];
  if (typeof query === "object" && !Array.isArray(query))
    return Object.entries(query) as [string, string][];
  throw new MultiplexerError(`query must be an object, not ${kindOf(query)}.`);
}

/** @throws {MultiplexerError} naming the header, never its value */
function ownHeaders(options: RequestOptions | undefined): [string, string | null][] {
  return given(options).flatMap(([name, value]): [string, string | null][] => {
    if (value === undefined) return [];
    checkHeaderName(name);
    if (value === null) return [[name, null]];
    const text = Array.isArray(value) ? value.join(", ") : value;
    if (typeof text === "object" || typeof text === "function" || typeof text === "symbol") {
      throw new MultiplexerError(
        `headers: the value of ${name} must be a string, an array of strings or null, not ${kindOf(value)}.`,
      );
    }
    const told = `${text as string | number}`;
    checkHeaderValue(`headers: the value of ${name}`, told);
    return [[name, told]];
  });
}

/** A call's headers in any form that `fetch` or an SDK takes, as pairs. */
function given(options: RequestOptions | undefined): [string, unknown][] {
  const { headers } = options ?? {};
  if (headers === undefined || headers === null) return [];
  if (isNullableHeaders(headers)) {
    return [...headers.values, ...[...headers.nulls].map((name): [string, null] => [name, null])];
  }
  if (!(Symbol.iterator in headers)) return Object.entries(headers);
  return [...(headers as Iterable<readonly unknown[]>)].map(([name, value]) => [
    String(name),
    value,
  ]);
}

/** What the newer SDKs merge headers into: values, and names that are to be removed. */
function isNullableHeaders(
  headers: object,
): headers is { values: Headers; nulls: Iterable<string> } {
  return "values" in headers && headers.values instanceof Headers && "nulls" in headers;
}

/**
 * Adds the endpoint's profile to the engine.
 *
 * @throws {MultiplexerError} for what cannot be sent
 */
export function addEndpointProfile(
  endpoint: KeyedEndpoint,
  operation: Operation,
  options: RequestOptions | undefined,
  connection: Connection,
): { id: number; url: string } {
  const { url, headers } = endpointProfile(endpoint, operation, options);
  const method = operation.method.toUpperCase();
  const proxy = proxyFor(url, connection);
  const { http2, connectMs } = connection;
  try {
    const id = hub.native.addProfile(method, url, headers, false, proxy, http2, connectMs);
    return { id, url };
  } catch (error) {
    throw new MultiplexerError(`The request cannot be sent: ${(error as Error).message}.`);
  }
}
