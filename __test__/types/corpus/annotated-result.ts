import { Multiplexer } from "@upstash/model-multiplexer";
import type OpenAI from "openai";

export async function whole(
  multiplexer: Multiplexer,
  params: OpenAI.Chat.Completions.ChatCompletionCreateParams,
): Promise<OpenAI.Chat.Completions.ChatCompletion> {
  const first: OpenAI.Chat.Completions.ChatCompletion = await multiplexer.chat.completions.create({
    model: "x",
    messages: params.messages,
  });
  const second = (await multiplexer.chat.completions.create(
    params,
  )) as OpenAI.Chat.Completions.ChatCompletion;
  return first.usage ? first : second;
}

type Completion = { choices: { message: { content: string | null } }[] };
export const minimal = async (multiplexer: Multiplexer): Promise<Completion> =>
  multiplexer.chat.completions.create({ model: "x", messages: [] });
