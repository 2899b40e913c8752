// The hooks of ai-key-pool's README, each with the fields that it names.

import OpenAI from "openai";
import { KeyPool } from "model-multiplexer";

const told = [];
const tell =
  (hook) =>
  ({ provider, apiKey, error }) =>
    told.push([hook, provider, apiKey, error.status]);

const pool = new KeyPool({
  cooldownMs: 1000, // In ms
  strategy: "sticky",
  providers: [
    { name: "one", keys: process.env.OPENAI_KEYS.split(","), models: ["gpt-4o", "gpt-4o-mini"] },
    { name: "two", keys: process.env.OPENROUTER_KEYS.split(","), models: ["gpt-4o"] },
  ],
  onKeyFailure: tell("key"),
  onModelSwitch: tell("model"),
  onProviderSwitch: tell("provider"),
});

await pool.executeWithFallback(["one", "two"], async ({ apiKey, model }) =>
  new OpenAI({ apiKey }).chat.completions.create({
    model,
    messages: [{ role: "user", content: "Hi there" }],
  }),
);
console.log(JSON.stringify(told));
