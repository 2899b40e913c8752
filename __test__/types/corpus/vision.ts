import { Multiplexer } from "@upstash/model-multiplexer";
import type {
  ChatCompletionContentPart,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";

export function describe(multiplexer: Multiplexer, urls: string[]) {
  const parts: ChatCompletionContentPart[] = [
    { type: "text", text: "What is this?" },
    ...urls.map((url): ChatCompletionContentPart => ({
      type: "image_url",
      image_url: { url, detail: "low" },
    })),
  ];
  const messages: ChatCompletionMessageParam[] = [{ role: "user", content: parts }];
  return multiplexer.chat.completions.create({ model: "x", messages });
}
