// Whose types the members beside `chat.completions.create` speak: as sdk.ts decides for chat. Each
// module is asked for itself, since older versions of openai 4 lack some.

// @ts-ignore openai is optional
import type * as Chat from "openai/resources/chat/completions";
// @ts-ignore openai is optional
import type * as BetaChat from "openai/resources/beta/chat/completions";
// @ts-ignore openai is optional
import type * as Sdk from "openai/resources/embeddings";
// @ts-ignore openai is optional
import type * as SdkResponses from "openai/resources/responses/responses";
import type * as Own from "./own-responses.js";
import type * as OwnEmbeddings from "./own-embeddings.js";

// As in sdk.ts: what is not installed is an interface without members.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
interface EmbeddingProbe extends Sdk.Embedding {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
interface ResponseProbe extends SdkResponses.Response {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
interface ChatProbe extends Chat.Completions {}
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
interface BetaChatProbe extends BetaChat.Completions {}

type Unless<Probe, FromSdk, FromHere> = [keyof Probe] extends [never] ? FromHere : FromSdk;

/** The body of a request for embeddings. */
export type EmbeddingCreateParams = Unless<
  EmbeddingProbe,
  Sdk.EmbeddingCreateParams,
  OwnEmbeddings.EmbeddingCreateParams
>;

/** Embeddings, as your version of `openai` types them. */
export type CreateEmbeddingResponse = Unless<
  EmbeddingProbe,
  Sdk.CreateEmbeddingResponse,
  OwnEmbeddings.CreateEmbeddingResponse
>;

/** The body of a request for a whole response. */
export type ResponseCreateParamsNonStreaming = Unless<
  ResponseProbe,
  SdkResponses.ResponseCreateParamsNonStreaming,
  Own.ResponseCreateParamsNonStreaming
>;

/** The body of a request for a response as a stream. */
export type ResponseCreateParamsStreaming = Unless<
  ResponseProbe,
  SdkResponses.ResponseCreateParamsStreaming,
  Own.ResponseCreateParamsStreaming
>;

/** The body of a request for a response, with or without `stream`. */
export type ResponseCreateParams = Unless<
  ResponseProbe,
  SdkResponses.ResponseCreateParams,
  Own.ResponseCreateParams
>;

/** A response of the Responses API, as your version of `openai` types it. */
export type ModelResponse = Unless<ResponseProbe, SdkResponses.Response, Own.ModelResponse>;

/** One event of a streamed response, as your version of `openai` types it. */
export type ResponseStreamEvent = Unless<
  ResponseProbe,
  SdkResponses.ResponseStreamEvent,
  Own.ResponseStreamEvent
>;

/** What stands for a helper of an SDK that is not installed: it can be given nothing. */
type NeedsSdk = (needsTheOpenaiPackage: never) => never;

/** A helper, from where your version of `openai` has it. */
type Helper<Name extends string> = Name extends keyof ChatProbe
  ? ChatProbe[Name]
  : Name extends keyof BetaChatProbe
    ? BetaChatProbe[Name]
    : NeedsSdk;

/**
 * The openai SDK's own helpers over this multiplexer's `create`: each of their requests goes to one
 * of the targets. They are those of the first model that was added with an OpenAI client.
 *
 * @throws {MultiplexerError} if there is no such model
 */
export interface ChatCompletionsHelpers {
  /** A completion whose content and tool arguments are parsed, as `zodResponseFormat` says. */
  readonly parse: Helper<"parse">;
  /** A stream with events and a final completion. */
  readonly stream: Helper<"stream">;
  /** Runs the tools that the model calls, and asks on until it answers. */
  readonly runTools: Helper<"runTools">;
}
