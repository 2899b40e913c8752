import { Multiplexer } from "@upstash/model-multiplexer";

export function report(multiplexer: Multiplexer): string[] {
  const stats: Record<string, { success: number; rateLimited: number; failed: number }> =
    multiplexer.getStats();
  const lines = Object.entries(stats).map(
    ([model, { success, rateLimited, failed }]) => `${model}: ${success}/${rateLimited}/${failed}`,
  );
  multiplexer.reset();
  return lines;
}
