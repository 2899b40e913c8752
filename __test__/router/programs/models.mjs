// The models and the generic names that free-tier-router's README lists, each asked for once.

import { createRouter } from "model-multiplexer";

const router = createRouter({
  providers: [
    { type: "groq", apiKey: process.env.GROQ_API_KEY },
    { type: "cerebras", apiKey: process.env.CEREBRAS_API_KEY },
  ],
});

const models = ["llama-3.3-70b", "qwen-3-32b", "llama-3.1-8b"];
const generic = ["best", "best-large", "best-medium", "best-small", "fast"];
for (const model of [...models, ...generic]) {
  const { metadata } = await router.createCompletion({
    model,
    messages: [{ role: "user", content: "Hi there" }],
  });
  console.log(`${model}: ${metadata.model}`);
}
