import { Multiplexer } from "@upstash/model-multiplexer";

export async function reasoning(multiplexer: Multiplexer) {
  const completion = await multiplexer.chat.completions.create({
    model: "deepseek-reasoner",
    messages: [{ role: "user", content: "hi" }],
  });
  return completion.choices[0].message.reasoning_content;
}
