// The doors createRouter and KeyPool and the catalogue, as programs use them, with and without openai.
import {
  AllProvidersExhaustedError,
  catalogue,
  type CatalogueProvider,
  type CompletionMetadata,
  ConfigurationError,
  createRouter,
  KeyPool,
  type KeyPoolAttempt,
  KeyPoolExhaustedError,
  ModelNotAvailableError,
  type Router,
} from "model-multiplexer";

const messages = [{ role: "user" as const, content: "hi" }];

export const router: Router = createRouter({
  providers: [
    { type: "groq", apiKey: process.env["GROQ_API_KEY"], priority: 0, enabled: true },
    { type: "cerebras", apiKey: () => "csk", isFreeCredits: true, limits: { rpm: 20 } },
    { type: "vllm", models: ["llama-3.1-8b"], limits: false },
    { type: "azure", apiKey: async () => "k", baseUrl: "https://x/v1", models: { "gpt-4o": "d" } },
  ],
  strategy: "priority",
  timeoutMs: 60_000,
  modelAliases: { mine: "llama-3.1-8b" },
  retry: { maxRetries: 3, initialBackoffMs: 1000, maxBackoffMs: 30_000, backoffMultiplier: 2 },
  stateStore: { type: "memory" },
  throwOnExhausted: true,
  debug: false,
  catalogue: {
    // `null` removes what may be absent.
    providers: [{ id: "groq", freePlan: { rpm: 1 }, zone: null, prefill: null }],
    models: [
      { id: "gpt-4o", family: null, offers: [{ provider: "openai", id: "gpt-4o", price: null }] },
      {
        id: "o1",
        offers: [{ provider: "openai", id: "o1", retiresOn: null, contextWindow: null }],
      },
      // @ts-expect-error a model always has a tier
      { id: "o3", tier: null },
    ],
  },
});

export async function asks(): Promise<string | null | undefined> {
  const signal = AbortSignal.timeout(1);
  const { response, metadata } = await router.createCompletion(
    { model: "best", messages },
    { signal },
  );
  const told: CompletionMetadata = metadata;
  const first: number | undefined = told.timeToFirstTokenMs;
  const { stream } = await router.createCompletionStream({ model: "fast", messages });
  for await (const chunk of stream) console.log(chunk.choices[0]?.delta.content, first);
  const completion = await router.chat.completions.create({ model: "best", messages });
  for (const { provider, model, quota } of router.getQuotaStatus()) {
    const left: number | undefined = quota.limits.rpm?.remaining;
    console.log(provider, model, left);
  }
  const ids: string[] = router.listModels().map(({ id }) => id);
  const isThere: boolean = router.isModelAvailable(ids[0] ?? "best");
  router.clearAllCooldowns();
  await router.close();
  return isThere ? response.choices[0]?.message.content : completion.choices[0]?.message.content;
}

export function told(error: unknown): unknown {
  if (error instanceof AllProvidersExhaustedError) {
    const when: Date | undefined = error.earliestResetTime;
    return [when, error.attemptedProviders.join(", ")];
  }
  if (error instanceof ModelNotAvailableError) return error.model;
  if (error instanceof KeyPoolExhaustedError) {
    const attempts: readonly KeyPoolAttempt[] = error.attempts;
    return attempts;
  }
  return error instanceof ConfigurationError;
}

export const pool = new KeyPool({
  cooldownMs: 30_000,
  strategy: "sticky",
  providers: [{ name: "openai", keys: ["a", () => "b"], models: ["gpt-4o"], limits: { rpd: 5 } }],
  onKeyFailure: ({ provider, apiKey, error }) => {
    console.log(provider.length, apiKey.length, error);
  },
  onModelSwitch: async () => {},
});

export const answer: Promise<number> = pool.executeWithFallback(
  ["openai"],
  async ({ apiKey, provider, model, signal }) => {
    const all: string = apiKey + provider + model;
    return signal?.aborted === true ? 0 : all.length;
  },
);

export const at: CatalogueProvider | undefined = catalogue().providers[0];

// @ts-expect-error providers are needed
createRouter({});
// @ts-expect-error an unknown strategy
createRouter({ providers: [], strategy: "random" });
// @ts-expect-error keys are strings or functions
new KeyPool({ providers: [{ name: "a", keys: [1], models: ["m"] }] });
// @ts-expect-error a handler is needed
void pool.executeWithFallback(["openai"]);
