// The errors that the package makes itself. A stock OpenAI client's calls fail with that SDK's
// own errors instead (sdk/form.ts).

import type { PartialToolCall } from "./types/index.js";

/** The base of every error that the package makes itself. */
export class MultiplexerError extends Error {
  static {
    this.prototype.name = "MultiplexerError";
  }
}

/** The multiplexer has no target that it could ask. */
export class ModelSelectionError extends MultiplexerError {
  static {
    this.prototype.name = "ModelSelectionError";
  }

  /** 429 when targets exist but all rest or are full; undefined when there are none. */
  readonly status: number | undefined;
  /** Why: there are no targets, all of them rest, or some are only full. */
  readonly code: "no_models" | "rate_limited" | "at_capacity";
  /** Milliseconds until the first target comes back; undefined when none rests. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: { code: ModelSelectionError["code"]; retryAfterMs?: number | undefined },
  ) {
    super(message);
    this.status = details.code === "no_models" ? undefined : 429;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * The call names something that only one account knows (a response, a file, an audio, …), and no
 * model of this account could be asked.
 */
export class AccountBoundError extends ModelSelectionError {
  static {
    this.prototype.name = "AccountBoundError";
  }

  /** The member of the request that names it, such as `previous_response_id`. */
  readonly field: string;
  /** The ids of the account's models; none if they were removed. */
  readonly targets: readonly string[];

  constructor(
    message: string,
    details: {
      code: ModelSelectionError["code"];
      retryAfterMs?: number | undefined;
      field: string;
      targets: readonly string[];
    },
  ) {
    super(message, details);
    this.field = details.field;
    this.targets = details.targets;
  }
}

/** A stream broke off after something of the answer had been given, under the policy `"resilient"`. */
export class StreamInterruptedError extends MultiplexerError {
  static {
    this.prototype.name = "StreamInterruptedError";
  }

  readonly code = "stream_interrupted";
  /** The text that has been given, of the first choice. */
  readonly text: string;
  /** The tool calls so far; the last may be incomplete. */
  readonly toolCalls: readonly PartialToolCall[];
  /** The usage, if it has come. */
  readonly usage: unknown;

  /** @param cause what the stream failed with, as the caller's SDK has it */
  constructor(
    cause: unknown,
    soFar: { text: string; toolCalls: readonly PartialToolCall[]; usage: unknown },
  ) {
    super("The stream broke off before the answer was finished.", { cause });
    this.text = soFar.text;
    this.toolCalls = soFar.toolCalls;
    this.usage = soFar.usage;
  }
}

/** What an `Endpoint` answered instead of a completion. */
export class APIError extends MultiplexerError {
  static {
    this.prototype.name = "APIError";
  }

  /** The HTTP status; undefined for an error within a stream and for a call without an answer. */
  readonly status: number | undefined;
  /** The response's headers, where there was a response. */
  readonly headers: Headers | undefined;
  /** The value of `error` in the response's body. */
  readonly error: unknown;
  /** `error.code` */
  readonly code: unknown;
  /** `error.param` */
  readonly param: unknown;
  /** `error.type` */
  readonly type: unknown;
  /** The response's `x-request-id`. */
  readonly requestID: string | null | undefined;

  constructor(
    status: number | undefined,
    error: unknown,
    message: string | undefined,
    headers: Headers | undefined,
    cause?: unknown,
  ) {
    super(describe(status, error, message), cause === undefined ? undefined : { cause });
    this.status = status;
    this.headers = headers;
    this.requestID = headers?.get("x-request-id");
    this.error = error;
    const fields: Record<string, unknown> = isObject(error) ? error : {};
    this.code = fields["code"];
    this.param = fields["param"];
    this.type = fields["type"];
  }
}

/** Status 400. */
export class BadRequestError extends APIError {}
/** Status 401. */
export class AuthenticationError extends APIError {}
/** Status 403. */
export class PermissionDeniedError extends APIError {}
/** Status 404. */
export class NotFoundError extends APIError {}
/** Status 409. */
export class ConflictError extends APIError {}
/** Status 422. */
export class UnprocessableEntityError extends APIError {}
/** Status 429. */
export class RateLimitError extends APIError {}
/** Status 500 and above. */
export class InternalServerError extends APIError {}
/** No answer: the server could not be reached, or the connection broke. `cause` says more. */
export class APIConnectionError extends APIError {}
/** No response headers within `timeout`. */
export class APIConnectionTimeoutError extends APIConnectionError {}
/** The call's signal was aborted, or the multiplexer was closed. */
export class APIUserAbortError extends APIError {}

const byStatus = new Map<number, typeof APIError>([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, UnprocessableEntityError],
  [429, RateLimitError],
]);

for (const [name, kind] of Object.entries({
  BadRequestError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  ConflictError,
  UnprocessableEntityError,
  RateLimitError,
  InternalServerError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError,
})) {
  kind.prototype.name = name;
}

/** The error for a status that is not 2xx, of the class that the openai SDK would choose. */
export function statusError(
  status: number,
  error: unknown,
  message: string | undefined,
  headers: Headers,
): APIError {
  const kind = byStatus.get(status) ?? (status >= 500 ? InternalServerError : APIError);
  return new kind(status, error, message, headers);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** As the openai SDK words its errors. */
function describe(status: number | undefined, error: unknown, message: string | undefined): string {
  const own = isObject(error) ? error["message"] : undefined;
  let text = message;
  if (typeof own === "string" && own !== "") text = own;
  else if (own !== undefined && own !== null && own !== "") text = JSON.stringify(own);
  else if (error !== undefined && error !== null) text = JSON.stringify(error);
  if (status === undefined) return text ?? "(no status code or body)";
  return text === undefined || text === ""
    ? `${status} status code (no body)`
    : `${status} ${text}`;
}
