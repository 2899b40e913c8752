import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

export async function poem(multiplexer: Multiplexer) {
  const stream = (await multiplexer.chat.completions.create({
    model: "claude-sonnet-4-0",
    messages: [{ role: "user", content: "Write a poem about AI." }],
    stream: true,
  })) as AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>;

  for await (const chunk of stream) {
    process.stdout.write(chunk.choices[0]?.delta?.content || "");
  }
}
