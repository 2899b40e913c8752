import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";

const multiplexer = new Multiplexer();

export async function complete(params: ChatCompletionCreateParams): Promise<string> {
  const completion = await multiplexer.chat.completions.create(params);
  return completion.choices[0].message.content;
}

export const raw = (params: ChatCompletionCreateParams) =>
  multiplexer.chat.completions.create(params);

export async function flexible(params: ChatCompletionCreateParams, onText: (text: string) => void) {
  const result = await multiplexer.chat.completions.create(params, { timeout: 5000 });
  if (params.stream) {
    for await (const chunk of result) onText(chunk.choices[0].delta.content ?? "");
  } else {
    onText(result.choices[0].message.content);
  }
}
