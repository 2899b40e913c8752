import { Multiplexer } from "@upstash/model-multiplexer";

export async function cost(multiplexer: Multiplexer): Promise<number> {
  const completion = await multiplexer.chat.completions.create({
    model: "x",
    messages: [{ role: "user", content: "hi" }],
  });
  return completion.usage.total_tokens * 0.000002;
}
