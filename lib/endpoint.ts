// Targets that are given as a plain endpoint, without an SDK: which object is meant as one, and
// whether it can be.

import { types } from "node:util";

import { MultiplexerError } from "./errors.js";
import { isPlain, kindOf } from "./given.js";
import type { Endpoint } from "./types/index.js";

/** As the openai SDK's. */
export const defaultTimeoutMs = 600_000;
export const defaultMaxRetries = 2;

/** An endpoint as it was when it was checked: what is done to the program's object later has no effect. */
export class CheckedEndpoint implements Endpoint {
  readonly baseURL: string;
  readonly apiKey: Endpoint["apiKey"];
  readonly headers: Readonly<Record<string, string>>;
  readonly #isOne = true;

  /**
   * @throws {MultiplexerError} naming the field and what is expected; never a key, nor what may be
   * one in the wrong place
   */
  constructor(given: unknown) {
    const endpoint = given as { [Name in keyof Endpoint]: unknown };
    const unknown = Object.keys(endpoint).find((name) => !members.includes(name));
    if (unknown !== undefined) {
      throw new MultiplexerError(
        `An endpoint has no member "${unknown}"; it has ${members.join(", ")}.`,
      );
    }
    const { baseURL, apiKey, headers } = endpoint;
    checkBaseUrl(baseURL);
    if (typeof apiKey !== "function") checkKey(apiKey);
    this.baseURL = baseURL;
    this.apiKey = apiKey as Endpoint["apiKey"];
    this.headers = checkHeaders(headers);
  }

  static is(value: object): value is CheckedEndpoint {
    return #isOne in value;
  }
}

/** An endpoint whose key is known. */
export interface KeyedEndpoint {
  readonly baseURL: string;
  readonly apiKey: string;
  readonly headers: Readonly<Record<string, string>>;
}

const members = ["baseURL", "apiKey", "headers"];

/** True for a target's client that is an endpoint. */
export function isEndpoint(client: object): client is CheckedEndpoint {
  return CheckedEndpoint.is(client);
}

/** What calls are made with: a client has one of them at least. */
const ofClients = ["chat", "embeddings", "responses", "post", "get", "delete"];

/**
 * True for what was given as an endpoint, be it a wrong one. A Proxy may be a client that is made
 * when it is first used, and only then has members.
 */
export function isMeantAsEndpoint(given: object): boolean {
  if (ofClients.some((name) => name in given)) return false;
  if ("baseURL" in given || "apiKey" in given) return true;
  return isPlain(given) && !types.isProxy(given);
}

/** @throws {MultiplexerError} as the constructor of {@link CheckedEndpoint} */
export function checkEndpoint(endpoint: unknown): CheckedEndpoint {
  return new CheckedEndpoint(endpoint);
}

function checkBaseUrl(baseURL: unknown): asserts baseURL is string {
  if (typeof baseURL !== "string" || !/^https?:\/\//i.test(baseURL) || !URL.canParse(baseURL)) {
    throw new MultiplexerError(
      `baseURL must be an http or https URL such as "https://api.openai.com/v1", not ${tellUrl(baseURL)}.`,
    );
  }
  const { username, password } = new URL(baseURL);
  if (username !== "" || password !== "") {
    throw new MultiplexerError(
      "baseURL must not hold a user name or a password: give the key as apiKey, anything else in headers.",
    );
  }
}

/** What was given for a URL: no more than its scheme and host, for the rest may be a secret. */
function tellUrl(given: unknown): string {
  if (typeof given !== "string") return kindOf(given);
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(given) ?? [];
  const host = scheme !== undefined && URL.canParse(given) ? new URL(given).host : "";
  return host === "" ? "a string that is none" : `one of "${scheme ?? ""}${host}"`;
}

/** @throws {MultiplexerError} if this cannot be a key, which the error does not tell */
export function checkKey(apiKey: unknown): asserts apiKey is string {
  if (typeof apiKey !== "string" || apiKey === "") {
    throw new MultiplexerError("apiKey must be a non-empty string.");
  }
  checkHeaderValue("apiKey", apiKey);
}

function checkHeaders(given: unknown): Record<string, string> {
  if (given === undefined) return {};
  if (!isHeaders(given) && !isPlain(given)) {
    const another = typeof given === "object" && given !== null && !Array.isArray(given);
    throw new MultiplexerError(
      `headers must be a plain object of strings or a Headers, not ${kindOf(given)}${another ? " of another kind" : ""}.`,
    );
  }
  const headers = isHeaders(given) ? Object.fromEntries(given) : { ...given };
  for (const [name, value] of Object.entries(headers)) {
    checkHeaderName(name);
    if (typeof value !== "string") {
      throw new MultiplexerError(`headers: the value of ${name} must be a string.`);
    }
    checkHeaderValue(`headers: the value of ${name}`, value);
  }
  return headers;
}

/** Also one of another realm, or of a package. */
function isHeaders(value: unknown): value is Headers {
  return Object.prototype.toString.call(value) === "[object Headers]";
}

/** @throws {MultiplexerError} if this cannot be the name of a header (RFC 9110 §5.1) */
export function checkHeaderName(name: string): void {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return;
  throw new MultiplexerError(`headers: ${JSON.stringify(name)} is not a valid header name.`);
}

/** @throws {MultiplexerError} if this cannot be the value of a header, which the error does not tell */
export function checkHeaderValue(what: string, value: string): void {
  // Tab, and all of Latin-1 that is not a control character (RFC 9110 §5.5).
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new MultiplexerError(
      `${what} must not contain line breaks, control characters or characters beyond Latin-1.`,
    );
  }
}
