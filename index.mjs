// Built from lib/ by scripts/build-js.mjs. Do not edit.
import commonJs from "./index.js";

export const APIConnectionError = commonJs.APIConnectionError;
export const APIConnectionTimeoutError = commonJs.APIConnectionTimeoutError;
export const APIError = commonJs.APIError;
export const APIUserAbortError = commonJs.APIUserAbortError;
export const AccountBoundError = commonJs.AccountBoundError;
export const AuthenticationError = commonJs.AuthenticationError;
export const BadRequestError = commonJs.BadRequestError;
export const ConflictError = commonJs.ConflictError;
export const InternalServerError = commonJs.InternalServerError;
export const ModelSelectionError = commonJs.ModelSelectionError;
export const Multiplexer = commonJs.Multiplexer;
export const MultiplexerError = commonJs.MultiplexerError;
export const NotFoundError = commonJs.NotFoundError;
export const PermissionDeniedError = commonJs.PermissionDeniedError;
export const RateLimitError = commonJs.RateLimitError;
export const StreamInterruptedError = commonJs.StreamInterruptedError;
export const UnprocessableEntityError = commonJs.UnprocessableEntityError;
export const reportOf = commonJs.reportOf;
export default commonJs.default;
