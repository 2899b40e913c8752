// Built from lib/ by scripts/build-js.mjs. Do not edit.
import commonJs from "./index.js";

export const APIConnectionError = commonJs.APIConnectionError;
export const APIConnectionTimeoutError = commonJs.APIConnectionTimeoutError;
export const APIError = commonJs.APIError;
export const APIUserAbortError = commonJs.APIUserAbortError;
export const AllProvidersExhaustedError = commonJs.AllProvidersExhaustedError;
export const AuthenticationError = commonJs.AuthenticationError;
export const BadRequestError = commonJs.BadRequestError;
export const ConfigurationError = commonJs.ConfigurationError;
export const ConflictError = commonJs.ConflictError;
export const InternalServerError = commonJs.InternalServerError;
export const ModelNotAvailableError = commonJs.ModelNotAvailableError;
export const ModelSelectionError = commonJs.ModelSelectionError;
export const Multiplexer = commonJs.Multiplexer;
export const MultiplexerError = commonJs.MultiplexerError;
export const NotFoundError = commonJs.NotFoundError;
export const PermissionDeniedError = commonJs.PermissionDeniedError;
export const RateLimitError = commonJs.RateLimitError;
export const StreamInterruptedError = commonJs.StreamInterruptedError;
export const UnprocessableEntityError = commonJs.UnprocessableEntityError;
export const catalogue = commonJs.catalogue;
export const createRouter = commonJs.createRouter;
export const reportOf = commonJs.reportOf;
export default commonJs.default;
