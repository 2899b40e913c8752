import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";

export class Conversation {
  private readonly messages: ChatCompletionMessageParam[] = [];
  constructor(private readonly multiplexer: Multiplexer) {}

  async say(content: string): Promise<string> {
    this.messages.push({ role: "user", content });
    const { choices } = await this.multiplexer.chat.completions.create({
      model: "x",
      messages: this.messages,
    });
    const reply = choices[0].message;
    this.messages.push({ role: "assistant", content: reply.content });
    return reply.content ?? "";
  }
}
