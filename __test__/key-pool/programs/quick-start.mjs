// The quick start of ai-key-pool's README: a handler with no SDK in it.

import { KeyPool } from "model-multiplexer";

const pool = new KeyPool({
  cooldownMs: 30000,
  providers: [
    { name: "gemini", keys: ["geminiApiKey"], models: ["gemini-2.5-flash"] },
    { name: "openai", keys: ["key1", "key2"], models: ["gpt-4o", "gpt-4o-mini"] },
  ],
});

const result = await pool.executeWithFallback(["openai", "gemini"], async ({ apiKey, model }) => {
  return `${apiKey} ${model}`;
});
console.log(result);
