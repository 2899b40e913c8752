import { Multiplexer } from "@upstash/model-multiplexer";

export async function reasoning(multiplexer: Multiplexer) {
  const completion = await multiplexer.chat.completions.create({
    model: "deepseek-reasoner",
    messages: [{ role: "user", content: "hi" }],
  });
  const message: { reasoning_content?: string } & (typeof completion.choices)[0]["message"] =
    completion.choices[0].message;
  return message.reasoning_content;
}
