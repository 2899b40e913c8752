// The values of a client that its requests are made of, by which it is seen that a profile is
// still right. Compared before each request, each by its own name, as in members.ts.

import type { SdkClient } from "./client.js";

/** All values that `buildRequest` reads of a client, as they were. */
export class Inputs {
  readonly apiKey: unknown;
  readonly organization: unknown;
  readonly project: unknown;
  readonly baseURL: unknown;
  readonly timeout: unknown;
  readonly deploymentName: unknown;
  readonly apiVersion: unknown;
  readonly adminAPIKey: unknown;
  readonly #headers: unknown;
  readonly #query: unknown;

  constructor(client: SdkClient) {
    this.apiKey = client.apiKey;
    this.organization = client.organization;
    this.project = client.project;
    this.baseURL = client.baseURL;
    this.timeout = client.timeout;
    this.deploymentName = client.deploymentName;
    this.apiVersion = client.apiVersion;
    this.adminAPIKey = client.adminAPIKey;
    const { defaultHeaders, defaultQuery } = client._options;
    this.#headers = contents(defaultHeaders);
    this.#query = contents(defaultQuery);
  }

  /** Whether they still are what they were. */
  areOf(client: SdkClient): boolean {
    const { defaultHeaders, defaultQuery } = client._options;
    return (
      client.apiKey === this.apiKey &&
      client.organization === this.organization &&
      client.project === this.project &&
      client.baseURL === this.baseURL &&
      client.timeout === this.timeout &&
      client.deploymentName === this.deploymentName &&
      client.apiVersion === this.apiVersion &&
      client.adminAPIKey === this.adminAPIKey &&
      contents(defaultHeaders) === this.#headers &&
      contents(defaultQuery) === this.#query
    );
  }
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
