import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";

export class Relay {
  constructor(private readonly multiplexer: Multiplexer) {}

  async collect(prompt: string): Promise<string> {
    const stream: AsyncIterable<ChatCompletionChunk> =
      await this.multiplexer.chat.completions.create({
        model: "any",
        messages: [{ role: "user", content: prompt }],
        stream: true,
      });
    let text = "";
    for await (const part of stream) {
      text += part.choices[0]?.delta.content ?? "";
      if (text.length > 1000) break;
    }
    return text;
  }
}
