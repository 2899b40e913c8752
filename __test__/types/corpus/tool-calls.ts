import { Multiplexer } from "@upstash/model-multiplexer";
import type OpenAI from "openai";

const tools: OpenAI.Chat.Completions.ChatCompletionTool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Current weather",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

export async function weather(multiplexer: Multiplexer) {
  const messages: OpenAI.Chat.Completions.ChatCompletionMessageParam[] = [
    { role: "user", content: "Weather in Bergen?" },
  ];
  const first = await multiplexer.chat.completions.create({
    model: "x",
    messages,
    tools,
    tool_choice: "auto",
    parallel_tool_calls: false,
  });
  const message = first.choices[0].message;
  messages.push(message);
  for (const call of message.tool_calls ?? []) {
    if (call.type !== "function") continue;
    const { city } = JSON.parse(call.function.arguments) as { city: string };
    messages.push({ role: "tool", tool_call_id: call.id, content: `12 degrees in ${city}` });
  }
  return multiplexer.chat.completions.create({ model: "x", messages });
}
