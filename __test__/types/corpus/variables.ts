import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";

const multiplexer = new Multiplexer();
const base = {
  model: "x",
  temperature: 0,
  stream: false,
} satisfies Partial<ChatCompletionCreateParams>;
const params: ChatCompletionCreateParams = { ...base, messages: [{ role: "user", content: "hi" }] };
const options: { signal?: AbortSignal; timeout?: number } = { timeout: 10 };

export const one = multiplexer.chat.completions.create(params, options);
export const two = multiplexer.chat.completions.create({ ...base, messages: [] }, undefined);
export const three: Promise<any> = multiplexer.chat.completions.create({ ...params, stream: true });
