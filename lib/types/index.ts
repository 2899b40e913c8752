// All public types that are not classes.

export type {
  Catalogue,
  CatalogueModel,
  CatalogueOffer,
  CatalogueOverrides,
  CatalogueProvider,
  PlanLimits,
} from "./catalogue.js";
export type {
  KeyPoolAttempt,
  KeyPoolCallOptions,
  KeyPoolConfig,
  KeyPoolContext,
  KeyPoolFailure,
  KeyPoolHook,
  KeyPoolProvider,
} from "./key-pool.js";
export type {
  CompletionMetadata,
  CompletionResult,
  CompletionStreamResult,
  QuotaOfLimit,
  QuotaStatus,
  RouterConfig,
  RouterModel,
  RouterProvider,
  RouterStateStore,
} from "./router.js";
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
export type { ConnectionOptions, CooldownOptions, Logger, MultiplexerOptions } from "./options.js";
export type { FileState, RedisState, StateOptions } from "./state.js";
export type {
  AttemptEndedEvent,
  AttemptEvent,
  CooldownEvent,
  EventListener,
  EventName,
  HedgeEvent,
  MultiplexerEvents,
  WaitEvent,
} from "./events.js";
export type { AttemptMessage } from "./diagnostics.js";
export type { AttemptTokens, CallAttempt, CallReport, PassedOver } from "./report.js";
export type {
  CallOptions,
  FailureName,
  HedgeOptions,
  MidStream,
  OutcomeName,
  OutcomeRules,
  PartialToolCall,
  Percentiles,
  PolicyName,
  PrefillForm,
  RetryBudget,
  StrategyName,
  TargetReport,
  TokenCount,
  Timeouts,
} from "./resilience.js";
export type { Limit, Limits, LimitStatus, LimitsTogether, SharedLimits } from "./limits.js";
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
export type {
  ChatCompletionsHelpers,
  CreateEmbeddingResponse,
  EmbeddingCreateParams,
  ModelResponse,
  ResponseCreateParams,
  ResponseCreateParamsNonStreaming,
  ResponseCreateParamsStreaming,
  ResponseStreamEvent,
} from "./sdk-surface.js";
export type {
  EmbeddingsCreate,
  ModelEntry,
  ModelsList,
  ModelsPage,
  Post,
  ResponseEventStream,
  ResponseRetrieveQuery,
  Responses,
} from "./surface.js";
