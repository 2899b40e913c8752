// The package's types are those of the openai that is installed.
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionCreateParams,
  type ChatCompletionMessageParam,
  type ChatCompletionStream,
  type ChatCompletionTool,
  Multiplexer,
  type RequestOptions,
} from "model-multiplexer";
import OpenAI from "openai";
import type { Stream } from "openai/streaming";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Sdk = typeof OpenAI extends never ? never : OpenAI;

export const same: [
  Same<ChatCompletion, OpenAI.Chat.Completions.ChatCompletion>,
  Same<ChatCompletionChunk, OpenAI.Chat.Completions.ChatCompletionChunk>,
  Same<ChatCompletionCreateParams, OpenAI.Chat.Completions.ChatCompletionCreateParams>,
  Same<ChatCompletionMessageParam, OpenAI.Chat.Completions.ChatCompletionMessageParam>,
  Same<ChatCompletionTool, OpenAI.Chat.Completions.ChatCompletionTool>,
] = [true, true, true, true, true];

const multiplexer = new Multiplexer();
const sdk: Sdk = new OpenAI({ apiKey: "k" });
multiplexer.addModel(sdk, 1, "gpt-4o", { transport: "auto" });

/** The SDK's stream can stand where the package's is asked for. */
export const stream = (
  from: Stream<OpenAI.Chat.Completions.ChatCompletionChunk>,
): ChatCompletionStream => from;

/** Code written for the SDK passes its own options on. */
export function forward(options: OpenAI.RequestOptions): RequestOptions {
  void multiplexer.chat.completions.create({ model: "x", messages: [] }, options);
  return options;
}

/** Code that only creates completions takes a multiplexer or an SDK client. */
interface Creates {
  chat: {
    completions: {
      create(
        params: OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming,
      ): PromiseLike<OpenAI.Chat.Completions.ChatCompletion>;
    };
  };
}
export const creators: Creates[] = [multiplexer, sdk];
