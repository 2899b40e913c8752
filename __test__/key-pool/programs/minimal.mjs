// The smallest example of ai-key-pool's README.

import OpenAI from "openai";
import { KeyPool } from "model-multiplexer";

const pool = new KeyPool({
  cooldownMs: 30000,
  providers: [{ name: "openai", keys: process.env.OPENAI_KEYS.split(","), models: ["gpt-4o"] }],
});

const result = await pool.executeWithFallback(["openai"], async ({ apiKey, model }) => {
  const client = new OpenAI({ apiKey });

  return client.chat.completions.create({
    model,
    messages: [{ role: "user", content: "Hi there" }],
  });
});

console.log(result.choices[0].message.content);
