import { Multiplexer } from "@upstash/model-multiplexer";

export async function* words(multiplexer: Multiplexer, prompt: string): AsyncGenerator<string> {
  const stream = await multiplexer.chat.completions.create({
    model: "gpt-4.1",
    messages: [{ role: "user", content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta?.content;
    if (piece) yield piece;
    if (chunk.usage) console.log(chunk.usage.total_tokens);
  }
}
