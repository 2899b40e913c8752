const assert = require("node:assert/strict");
const multiplexing = require("model-multiplexer");
const { withProvider } = require("./provider.cjs");

assert.equal(multiplexing.default, multiplexing.Multiplexer);
const messages = [{ role: "user", content: "The capital of France?" }];

void withProvider(async (baseURL) => {
  const multiplexer = new multiplexing.Multiplexer();
  multiplexer.addModel({ baseURL, apiKey: "key" }, 1, "atlas");
  const whole = await multiplexer.chat.completions.create({ model: "any", messages });
  const parts = [];
  for await (const chunk of await multiplexer.chat.completions.create({
    model: "any",
    messages,
    stream: true,
  })) {
    const { content } = chunk.choices[0].delta;
    if (content) parts.push(content);
  }
  console.log(whole.choices[0].message.content, "|", parts.join());
  assert.equal(multiplexer.getStats().atlas.success, 2);
  await multiplexer.close();
});
