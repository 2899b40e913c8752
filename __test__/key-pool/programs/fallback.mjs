// The provider fallback of ai-key-pool's README: three providers, each with an SDK of its own.

import OpenAI from "openai";
import { KeyPool } from "model-multiplexer";
import { GoogleGenAI } from "@google/genai";
import { createOpenRouter } from "@openrouter/ai-sdk-provider";
import { generateText } from "ai";

const keysOf = (name) => process.env[name].split(",");

const pool = new KeyPool({
  cooldownMs: 30000,
  providers: [
    { name: "gemini", keys: keysOf("GEMINI_KEYS"), models: ["gemini-2.5-flash"] },
    { name: "openai", keys: keysOf("OPENAI_KEYS"), models: ["gpt-4o", "gpt-4o-mini"] },
    { name: "openrouter", keys: keysOf("OPENROUTER_KEYS"), models: ["gpt-4o", "gpt-4o-mini"] },
  ],
});
const prompt = "Hi there";

const runOpenAI = (apiKey, model) => {
  const client = new OpenAI({ apiKey });
  return client.chat.completions.create({ model, messages: [{ role: "user", content: prompt }] });
};

const runGemini = (apiKey, model) => {
  const ai = new GoogleGenAI({ apiKey });
  return ai.models.generateContent({ model, contents: prompt });
};

const runOpenRouter = (apiKey, model) => {
  const openrouter = createOpenRouter({ apiKey, baseURL: process.env.OPENROUTER_BASE_URL });
  return generateText({ model: openrouter(model), prompt });
};

const result = await pool.executeWithFallback(
  ["gemini", "openai", "openrouter"],
  async ({ apiKey, provider, model }) => {
    if (!model) throw new Error("there is no model");

    switch (provider) {
      case "openai":
        return runOpenAI(apiKey, model);
      case "gemini":
        return runGemini(apiKey, model);
      case "openrouter":
        return runOpenRouter(apiKey, model);
      default:
        throw new Error(`there is no provider ${provider}`);
    }
  },
);

// Gemini and the AI SDK have the text under the same name.
console.log(result.text ?? result.choices[0].message.content);
