// Every method of the reference in free-tier-router's README, in its order, the last one not
// awaited.

import { createRouter } from "model-multiplexer";

const router = createRouter({
  providers: [
    { type: "groq", apiKey: process.env.GROQ_API_KEY },
    { type: "cerebras", apiKey: process.env.CEREBRAS_API_KEY },
  ],
});
const model = "llama-3.1-8b";
const params = { model, messages: [{ role: "user", content: "Hi there" }] };

const completion = await router.chat.completions.create(params);
const { response } = await router.createCompletion(params);
const { stream } = await router.createCompletionStream(params);
let chunks = 0;
for await (const _chunk of stream) chunks += 1;

const models = router.listModels();
const isAvailable = router.isModelAvailable(model);
const quotas = router.getQuotaStatus();
router.clearAllCooldowns();
router.close();

console.log(
  JSON.stringify({
    texts: [completion, response].map(({ choices }) => choices[0].message.content),
    chunks: chunks > 0,
    models: models.map(({ id, tier, family }) => ({ id, tier, family })),
    isAvailable,
    quotas: quotas.map(({ provider, model, quota }) => ({ provider, model, quota })),
  }),
);
