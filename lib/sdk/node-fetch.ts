// The errors of node-fetch, which openai 4 makes its requests with and hands on.

import type { Fault } from "../exchange.js";
import type { SdkClient } from "./client.js";
import { asSystemError } from "./system-error.js";
import type { SystemError } from "./system-error.js";

type FetchErrorClass = new (message: string, type: string, systemError?: SystemError) => Error;

/** node-fetch's own class for its failures; a likeness where its module does not give it away. */
export function fetchErrorOf(client: SdkClient): FetchErrorClass {
  const { FetchError: own } = client.fetch as { FetchError?: unknown };
  return typeof own === "function" ? (own as FetchErrorClass) : FetchError;
}

class FetchError extends Error {
  readonly type: string;
  declare readonly errno?: string;
  declare readonly code?: string;

  constructor(message: string, type: string, systemError?: SystemError) {
    super(message);
    // As node-fetch has it: the message is an own, enumerable property.
    Object.defineProperty(this, "message", { value: message, enumerable: true });
    this.type = type;
    if (systemError?.code === undefined) return;
    Object.assign(this, { errno: systemError.code, code: systemError.code });
  }
}
Object.defineProperty(FetchError.prototype, "name", { value: "FetchError" });

/** A body that claims to be JSON and is not. */
export function invalidJson(client: SdkClient, url: string, error: Error): Error {
  const message = `invalid json response body at ${url} reason: ${error.message}`;
  return new (fetchErrorOf(client))(message, "invalid-json");
}

/** A server that cannot be reached, or that left before it answered. */
export function requestFailed(client: SdkClient, url: string, fault: Fault): Error {
  const cause = causeOf(fault, url);
  const message = `request to ${url} failed, reason: ${cause.message}`;
  return new (fetchErrorOf(client))(message, "system", cause);
}

/** A body that breaks off. */
export function prematureClose(): Error {
  return Object.assign(new Error("Premature close"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
}

/** What Node.js' own client fails with. */
function causeOf(fault: Fault, url: string): SystemError {
  // undici's code for what Node.js' own client calls a hang-up.
  if (fault.code !== "UND_ERR_SOCKET") return asSystemError(fault, url);
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}
