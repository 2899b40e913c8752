import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

export async function guarded(multiplexer: Multiplexer, prompt: string, ms: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ms);
  try {
    return await multiplexer.chat.completions.create(
      { model: "x", messages: [{ role: "user", content: prompt }] },
      { signal: AbortSignal.any([controller.signal, AbortSignal.timeout(ms)]) },
    );
  } catch (error) {
    if (controller.signal.aborted) return null;
    if (error instanceof OpenAI.APIError && error.status === 429) {
      console.warn("all limited", error.message);
      return null;
    }
    if (error instanceof Error && error.message === "All models are temporarily rate limited.")
      return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
