import { Multiplexer } from "@upstash/model-multiplexer";
import type OpenAI from "openai";

type Params = Omit<OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming, "model">;
type AnyParams = Omit<OpenAI.Chat.Completions.ChatCompletionCreateParams, "model">;

export function completer(multiplexer: Multiplexer, model = "auto") {
  return {
    plain: (params: Params) => multiplexer.chat.completions.create({ ...params, model }),
    either: (params: AnyParams) => multiplexer.chat.completions.create({ ...params, model }),
  };
}
