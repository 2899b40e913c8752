import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

const multiplexer = new Multiplexer();
multiplexer.addModel(new OpenAI({ apiKey: "x" }), 2, "gpt-4o");

const completion: OpenAI.Chat.Completions.ChatCompletion =
  await multiplexer.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content: "Hello" }],
  });
console.log(completion.choices[0]?.message.content);

const stream = (await multiplexer.chat.completions.create({
  model: "gpt-4o",
  messages: [{ role: "user", content: "Hello" }],
  stream: true,
})) as AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>;
for await (const chunk of stream) console.log(chunk.id);
