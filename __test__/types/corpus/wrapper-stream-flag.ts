import { Multiplexer } from "@upstash/model-multiplexer";

export async function run(
  multiplexer: Multiplexer,
  prompt: string,
  stream: boolean,
): Promise<string> {
  const response = await multiplexer.chat.completions.create({
    model: "auto",
    messages: [{ role: "user", content: prompt }],
    stream,
  });
  if (!stream) return response.choices[0].message.content as string;
  let text = "";
  for await (const chunk of response) text += chunk.choices[0]?.delta?.content ?? "";
  return text;
}
