import assert from "node:assert/strict";
import { createRequire } from "node:module";
import Default, { Multiplexer } from "model-multiplexer";
import * as everything from "model-multiplexer";
import { withProvider } from "./provider.cjs";

const required = createRequire(import.meta.url)("model-multiplexer");
assert.equal(Default, Multiplexer);
assert.deepEqual(Object.keys(everything).sort(), Object.keys(required).sort());
for (const [name, value] of Object.entries(everything)) assert.equal(value, required[name], name);

const messages = [{ role: "user", content: "The capital of France?" }];

await withProvider(async (baseURL) => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel({ baseURL, apiKey: "key" }, 1, "atlas");
  const whole = await multiplexer.chat.completions.create({ model: "any", messages });
  const stream = await multiplexer.chat.completions.create({
    model: "any",
    messages,
    stream: true,
  });
  const parts = [];
  for await (const chunk of stream) parts.push(chunk.choices[0].delta.content ?? "");
  console.log(whole.choices[0].message.content, "|", parts.filter(Boolean).join());
  await multiplexer.close();
});
