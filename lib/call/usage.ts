// The tokens that an answer tells, whichever SDK gave it: openai's, Anthropic's, the AI SDK's,
// Google's. Nothing is guessed.

/** Tokens of the prompt and of the answer, each by the names that SDKs have for it. */
const inputs = ["prompt_tokens", "input_tokens", "inputTokens", "promptTokens", "promptTokenCount"];
const outputs = [
  "completion_tokens",
  "output_tokens",
  "outputTokens",
  "completionTokens",
  "candidatesTokenCount",
];

/** Undefined where the answer does not tell. */
export function usageOf(value: unknown): { input: number; output: number } | undefined {
  try {
    if (typeof value !== "object" || value === null) return undefined;
    const { usage, usageMetadata } = value as { usage?: unknown; usageMetadata?: unknown };
    const told = usage ?? usageMetadata;
    if (typeof told !== "object" || told === null) return undefined;
    const members = told as Record<string, unknown>;
    const input = first(members, inputs);
    if (input === undefined) return undefined;
    // Google counts what the model thought apart.
    const thought = first(members, ["thoughtsTokenCount"]) ?? 0;
    return { input, output: (first(members, outputs) ?? 0) + thought };
  } catch {
    // A getter of the answer's.
    return undefined;
  }
}

function first(members: Record<string, unknown>, names: readonly string[]): number | undefined {
  return names
    .map((name) => members[name])
    .find((value): value is number => Number.isSafeInteger(value) && (value as number) >= 0);
}
