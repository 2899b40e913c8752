// The quick start of free-tier-router's README: both of its calls.

import { createRouter } from "model-multiplexer";

const router = createRouter({
  providers: [
    { type: "groq", apiKey: process.env.GROQ_API_KEY },
    { type: "cerebras", apiKey: process.env.CEREBRAS_API_KEY },
  ],
});

const completion = await router.chat.completions.create({
  model: "llama-3.3-70b",
  messages: [{ role: "user", content: "Hi there" }],
});

console.log(completion.choices[0].message.content);

const { response, metadata } = await router.createCompletion({
  model: "best",
  messages: [{ role: "user", content: "Hi there" }],
});

console.log(response.choices[0].message.content);
console.log(`${metadata.provider} ${metadata.model}`);
