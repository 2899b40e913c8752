// All public types that are not classes.

export type {
  Endpoint,
  ModelClient,
  ModelDefinition,
  ModelOptions,
  ModelStats,
  ModelsUpdate,
  TransportDecision,
} from "./client.js";
export type { ChatCompletionsCreate, ChatCompletionStream, MultiplexerPromise } from "./create.js";
export type { CooldownOptions, Logger, MultiplexerOptions } from "./options.js";
export type { HeadersLike, HeaderValue, NullableHeaders, RequestOptions } from "./request.js";
export type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessage,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from "./sdk.js";
