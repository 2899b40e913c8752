// What a program gave `fetch`, in whichever of its forms, read whole.

import { isSignal, kindOf } from "../given.js";

/** A request as it was given. */
export interface Given {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Empty if there is no body. */
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws {TypeError} for a URL or a signal that is none, as `fetch` does; and what reading a body
 * fails with
 */
export async function readRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<Given> {
  const request = isRequest(input) ? input : undefined;
  const method = init?.method ?? request?.method ?? "GET";
  return {
    method: method.toUpperCase(),
    url: new URL(typeof input === "object" && "url" in input ? input.url : input),
    headers: new Headers(init?.headers ?? request?.headers),
    signal: checkSignal(init?.signal ?? request?.signal ?? undefined),
    body: await readBody(request, init?.body),
  };
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || isSignal(signal)) return signal;
  throw new TypeError(`signal must be an AbortSignal, not ${kindOf(signal)}.`);
}

/** Also a `Request` of another realm or of a package. */
function isRequest(input: string | URL | Request): input is Request {
  return typeof input === "object" && "method" in input && "url" in input;
}

async function readBody(
  request: Request | undefined,
  body: RequestInit["body"] | undefined,
): Promise<string> {
  if (typeof body === "string") return body;
  if (body !== undefined && body !== null) return new Response(body).text();
  return request === undefined || request.body === null ? "" : request.text();
}
