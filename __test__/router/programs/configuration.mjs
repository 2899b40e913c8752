// Every option that free-tier-router's README names, with a call by an alias of the configuration.

import { createRouter } from "model-multiplexer";

const router = createRouter({
  providers: [
    { type: "groq", apiKey: process.env.GROQ_API_KEY, priority: 0, enabled: true },
    { type: "cerebras", apiKey: process.env.CEREBRAS_API_KEY, priority: 1 },
  ],
  strategy: "priority",
  timeoutMs: 60000,
  modelAliases: { "my-fast-model": "llama-3.1-8b" },
  retry: {
    maxRetries: 3,
    initialBackoffMs: 1000,
    maxBackoffMs: 30000,
    backoffMultiplier: 2,
  },
  stateStore: { type: "memory" },
});

const { metadata } = await router.createCompletion({
  model: "my-fast-model",
  messages: [{ role: "user", content: "Hi there" }],
});
console.log(`${metadata.provider} ${metadata.model}`);
