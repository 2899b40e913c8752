// `catalogue()`: what the package knows of providers and models, as programs see it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ours } from "../clients/sdks.mjs";

const { catalogue } = ours;

test("the catalogue has the providers that can be configured, with where they are", () => {
  const { providers } = catalogue();
  const ids = providers.map(({ id }) => id);
  for (const id of [
    ...["openai", "azure", "anthropic", "gemini", "groq", "cerebras", "openrouter", "nvidia-nim"],
    ...["mistral", "deepseek", "together", "fireworks", "xai", "ollama", "lm-studio", "vllm"],
    "openai-compatible",
  ]) {
    assert.ok(ids.includes(id), id);
  }
  const gemini = providers.find(({ id }) => id === "gemini");
  assert.equal(gemini.baseUrl, "https://generativelanguage.googleapis.com/v1beta/openai/");
  assert.equal(gemini.zone, "America/Los_Angeles");
});

test("each call of catalogue() gives an object of its own", () => {
  catalogue().providers.length = 0;
  assert.ok(catalogue().providers.length > 0);
});

test("a program's entries are laid over it, and a wrong one is named with its place", () => {
  const { providers } = catalogue({ providers: [{ id: "groq", freePlan: { rpm: 1 } }] });
  assert.deepEqual(providers.find(({ id }) => id === "groq").freePlan, { rpm: 1 });
  assert.throws(() => catalogue({ providers: [{ id: "groq", rpm: 1 }] }), {
    name: "ConfigurationError",
    message: /^Configuration error: catalogue: .*unknown field `rpm`/,
  });
});
