// The entry: everything that programs import.

export { reportOf } from "./call/report.js";
export { Multiplexer, Multiplexer as default } from "./multiplexer.js";
export {
  AccountBoundError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  ModelSelectionError,
  MultiplexerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  StreamInterruptedError,
  UnprocessableEntityError,
} from "./errors.js";
export type * from "./types/index.js";
