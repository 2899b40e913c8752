// Decides whose chat types the package speaks: those of the `openai` package the program has
// installed, whatever its major version, or the package's own where there is none.
// It does not decide what a call returns: see `create.ts`.

// @ts-ignore openai is optional
import type * as Sdk from "openai/resources/chat/completions";
import type * as Own from "./chat.js";

/**
 * Without `openai` every name above is an unresolved type, which a conditional type cannot tell
 * from a real one; an interface that extends it merely ends up without members.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
interface SdkProbe extends Sdk.ChatCompletion {}

type WhenInstalled<FromSdk, FromHere> = [keyof SdkProbe] extends [never] ? FromHere : FromSdk;

/** A finished chat completion, as your version of `openai` types it. */
export type ChatCompletion = WhenInstalled<Sdk.ChatCompletion, Own.ChatCompletion>;

/** One event of a streamed chat completion, as your version of `openai` types it. */
export type ChatCompletionChunk = WhenInstalled<Sdk.ChatCompletionChunk, Own.ChatCompletionChunk>;

/** The body of a request that asks for a whole completion. */
export type ChatCompletionCreateParamsNonStreaming = WhenInstalled<
  Sdk.ChatCompletionCreateParamsNonStreaming,
  Own.ChatCompletionCreateParamsNonStreaming
>;

/** The body of a request that asks for a stream. */
export type ChatCompletionCreateParamsStreaming = WhenInstalled<
  Sdk.ChatCompletionCreateParamsStreaming,
  Own.ChatCompletionCreateParamsStreaming
>;

/** The body of a request, with or without `stream`. */
export type ChatCompletionCreateParams = WhenInstalled<
  Sdk.ChatCompletionCreateParams,
  Own.ChatCompletionCreateParams
>;

/** A message of the conversation that a request carries. */
export type ChatCompletionMessageParam = WhenInstalled<
  Sdk.ChatCompletionMessageParam,
  Own.ChatCompletionMessageParam
>;

/** A message that a model has written. */
export type ChatCompletionMessage = WhenInstalled<
  Sdk.ChatCompletionMessage,
  Own.ChatCompletionMessage
>;

/** A tool that a model may call. */
export type ChatCompletionTool = WhenInstalled<Sdk.ChatCompletionTool, Own.ChatCompletionTool>;
