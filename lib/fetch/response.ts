// Answers of `multiplexer.fetch`: each tells the SDK above not to try again, for that has been done
// below; and failures that never had a response get one in the shape of the OpenAI API's errors.

import { asCause } from "../answer.js";
import type { AnswerForm } from "../answer.js";
import { endpointForm } from "../endpoint/form.js";
import { ModelSelectionError, MultiplexerError } from "../errors.js";

/** The failure of a call to which a server answered with a status that is not 2xx. */
class Refusal extends MultiplexerError {
  constructor(
    cause: Error,
    readonly response: Response,
  ) {
    super(cause.message, { cause });
  }
}

/** Answers as `fetch` gives them: a status that is not 2xx is a response as well. */
export const fetchForm: AnswerForm = {
  ...endpointForm,
  events: (opened, of) => ({
    ...endpointForm.events(opened, of),
    broken: (fault) => new TypeError("terminated", { cause: asCause(fault) }),
  }),
  statusError: (head, body) =>
    new Refusal(endpointForm.statusError(head, body) as Error, head.toResponse(body, head.url)),
};

/** A response that can be read like any, but after which no SDK tries again. */
export function finalResponse(response: Response): Response {
  const isOwn = response instanceof Response;
  // openai 4 has responses of node-fetch, whose bodies are Node's own streams.
  const body = response.body as ReadableStream | null;
  const headers = new Headers([...response.headers]);
  headers.set("x-should-retry", "false");
  const { status, statusText } = response;
  if (!isOwn) headers.delete("content-encoding");
  const final = new Response(isBodyless(status) ? null : body, { status, statusText, headers });
  Object.defineProperty(final, "url", { value: response.url, configurable: true });
  return final;
}

function isBodyless(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** A failure in the words of the OpenAI API. */
export function errorResponse(
  status: number,
  error: { message: string; type: string; code: string | null },
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { error: { ...error, param: null } },
    { status, headers: { ...headers, "x-should-retry": "false" } },
  );
}

/** The response for what a call failed with. */
export function failureResponse(error: unknown): Response {
  if (error instanceof Refusal) return finalResponse(error.response);
  if (error instanceof ModelSelectionError) return selectionResponse(error);
  const { status, message, name, code } = (error ?? {}) as Record<string, unknown>;
  if (typeof status === "number" && status >= 400 && status <= 599) return told(status, error);
  const text = typeof message === "string" ? message : String(error);
  const failed = (status: number, type: string): Response =>
    errorResponse(status, { message: text, type, code: typeof code === "string" ? code : null });
  if (name === "APIConnectionTimeoutError" || nameOfClass(error) === "APIConnectionTimeoutError") {
    return failed(504, "timeout_error");
  }
  if (name === "APIConnectionError" || nameOfClass(error) === "APIConnectionError") {
    return failed(502, "connection_error");
  }
  return failed(500, "server_error");
}

/** The openai SDK's errors have the name `Error`. */
function nameOfClass(error: unknown): string | undefined {
  return (error as { constructor?: { name?: string } } | null | undefined)?.constructor?.name;
}

function selectionResponse({ message, code, status, retryAfterMs }: ModelSelectionError): Response {
  const type = code === "no_models" ? "server_error" : "rate_limit_error";
  const headers: Record<string, string> = {};
  if (retryAfterMs !== undefined) {
    headers["retry-after-ms"] = String(Math.ceil(retryAfterMs));
    headers["retry-after"] = String(Math.ceil(retryAfterMs / 1000));
  }
  return errorResponse(status ?? 503, { message, type, code }, headers);
}

/** What a client that was called itself has made of a response, as a response again. */
function told(status: number, error: unknown): Response {
  const { error: body, headers, message } = error as Record<string, unknown>;
  const pairs = isHeaders(headers) ? [...headers] : Object.entries(headers ?? {});
  const kept = pairs.filter((pair): pair is [string, string] => {
    const [name, value] = pair as [string, unknown];
    return typeof value === "string" && !/^content-|^transfer-/i.test(name);
  });
  return Response.json(
    { error: body ?? { message, type: "api_error", param: null, code: null } },
    { status, headers: [...kept, ["x-should-retry", "false"]] },
  );
}

function isHeaders(headers: unknown): headers is Headers {
  return typeof (headers as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === "function";
}
