// What must not compile, with and without openai: were a type `any`, an expectation would go unmet.
import {
  type ChatCompletion,
  type ChatCompletionChunk,
  type ModelClient,
  Multiplexer,
} from "model-multiplexer";

declare const multiplexer: Multiplexer;
declare const client: ModelClient;
const messages = [{ role: "user" as const, content: "hi" }];

// @ts-expect-error a weight is a number
multiplexer.addModel(client, "3", "gpt-4o");
// @ts-expect-error a weight is needed
multiplexer.addModel(client, "gpt-4o");
// @ts-expect-error the model's name is needed
multiplexer.addModel(client, 1);
// @ts-expect-error a fallback's weight is a number, too
multiplexer.addFallbackModel(client, null, "gpt-4o");
// @ts-expect-error not a client
multiplexer.addModel({ completions: {} }, 1, "gpt-4o");
// @ts-expect-error an endpoint has a key
multiplexer.addModel({ baseURL: "https://api.openai.com/v1" }, 1, "gpt-4o");
// @ts-expect-error an unknown option
multiplexer.addModel(client, 1, "gpt-4o", { maxConcurrency: 3 });
// @ts-expect-error an unknown transport
multiplexer.addModel(client, 1, "gpt-4o", { transport: "http" });
// @ts-expect-error a limit is a number
multiplexer.addModel(client, 1, "gpt-4o", { maxConcurrent: "3" });
// @ts-expect-error an unknown option of the multiplexer
new Multiplexer({ cooldownMs: 3 });
// @ts-expect-error milliseconds are a number
new Multiplexer({ cooldown: { defaultMs: "60s" } });
// @ts-expect-error true is not a logger
new Multiplexer({ logger: true });
// @ts-expect-error models are needed
multiplexer.updateModels({ fallbackModels: [] });
// @ts-expect-error a definition has a client
multiplexer.updateModels({ models: [{ weight: 1, modelName: "gpt-4o" }] });
// @ts-expect-error an id is a string
multiplexer.removeModel(3);
// @ts-expect-error statistics are not a Map
multiplexer.getStats().get("gpt-4o");

const { create } = multiplexer.chat.completions;
// @ts-expect-error a body has messages
void create({ model: "x" });
// @ts-expect-error a message has a known role
void create({ model: "x", messages: [{ role: "robot", content: "hi" }] });
// @ts-expect-error a temperature is a number
void create({ model: "x", messages, temperature: "hot" });
// @ts-expect-error an unknown option of a call
void create({ model: "x", messages }, { retries: 3 });
// @ts-expect-error milliseconds are a number
void create({ model: "x", messages }, { timeout: "10s" });
// @ts-expect-error a signal is an AbortSignal
void create({ model: "x", messages }, { signal: new AbortController() });

export async function results() {
  const completion = await multiplexer.chat.completions.create({ model: "x", messages });
  // @ts-expect-error a completion is not a number
  const number: number = completion;
  // @ts-expect-error content may be null
  const content: string = completion.choices[0]!.message.content;
  // @ts-expect-error no such field
  console.log(number, content, completion.choice);
  // @ts-expect-error a completion is no stream
  for await (const chunk of completion) console.log(chunk);

  const stream = await multiplexer.chat.completions.create({ model: "x", messages, stream: true });
  // @ts-expect-error a stream has no choices
  console.log(stream.choices);
  for await (const chunk of stream) {
    // @ts-expect-error a chunk is not a number
    const wrong: number = chunk;
    // @ts-expect-error a chunk has a delta
    console.log(wrong, chunk.choices[0]?.message);
  }
}

export function named(completion: ChatCompletion, chunk: ChatCompletionChunk) {
  // @ts-expect-error a completion is not a number
  const one: number = completion;
  // @ts-expect-error a chunk is not a number
  const two: number = chunk;
  // @ts-expect-error a chunk is not a completion
  const three: ChatCompletion = chunk;
  return [one, two, three];
}
