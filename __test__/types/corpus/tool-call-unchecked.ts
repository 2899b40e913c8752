import { Multiplexer } from "@upstash/model-multiplexer";

export async function firstArguments(multiplexer: Multiplexer): Promise<unknown> {
  const completion = await multiplexer.chat.completions.create({
    model: "x",
    messages: [{ role: "user", content: "Weather in Bergen?" }],
    tools: [{ type: "function", function: { name: "get_weather" } }],
  });
  const call = completion.choices[0].message.tool_calls?.[0];
  return call ? JSON.parse(call.function.arguments) : undefined;
}
