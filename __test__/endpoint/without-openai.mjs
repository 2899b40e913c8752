// A program in a place where openai cannot be resolved: speaks to an endpoint, and tells what it gets.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const [baseURL, apiKey] = process.argv.slice(2);
let openai = "absent";
try {
  require("openai");
  openai = "present";
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
}

const { Multiplexer, RateLimitError, BadRequestError } = require("./package/index.js");
const multiplexer = new Multiplexer({ logger: false });
multiplexer.addModel({ baseURL, apiKey }, 1, "gpt");
const body = { model: "any", messages: [{ role: "user", content: "hi" }] };
const { object } = await multiplexer.chat.completions.create(body);
let chunks = 0;
for await (const _ of await multiplexer.chat.completions.create({ ...body, stream: true }))
  chunks++;
const failWith = (status) => {
  const headers = { "x-simulate": JSON.stringify({ fault: { kind: "status", status } }) };
  return multiplexer.chat.completions
    .create(body, { headers, maxRetries: 0 })
    .catch((error) => error);
};
const bad = await failWith(400);
const limited = await failWith(429);
console.log(
  JSON.stringify({
    openai,
    object,
    streamed: chunks > 2,
    bad: bad instanceof BadRequestError,
    limited: limited instanceof RateLimitError,
    loaded: Object.keys(require.cache).filter((file) => /node_modules.openai/.test(file)),
  }),
);
