// The entry: everything that programs import.

export { reportOf } from "./call/report.js";
export { catalogue } from "./catalogue.js";
export { Multiplexer, Multiplexer as default } from "./multiplexer.js";
export {
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
export { createRouter } from "./router/router.js";
export type { Router } from "./router/router.js";
export {
  AllProvidersExhaustedError,
  ConfigurationError,
  ModelNotAvailableError,
} from "./router/errors.js";
