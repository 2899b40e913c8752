import { Multiplexer } from "@upstash/model-multiplexer";

export async function answer(multiplexer: Multiplexer): Promise<string> {
  const completion = await multiplexer.chat.completions.create({
    model: "x",
    messages: [{ role: "user", content: "hi" }],
  });
  return completion.choices[0].message.content;
}
