// What a stream has brought until it broke: text, tool calls, usage. Gathered from the events as
// they are handed to the reader.

import type { PartialToolCall } from "../types/index.js";

interface Chunk {
  choices?: readonly { index?: number; delta?: Delta }[] | null;
  usage?: unknown;
  type?: unknown;
  delta?: unknown;
}

interface Delta {
  content?: unknown;
  tool_calls?: readonly ToolCallDelta[] | null;
}

interface ToolCallDelta {
  index?: number;
  id?: unknown;
  function?: { name?: unknown; arguments?: unknown };
}

/** The answer so far: of the first choice, where there are several. */
export class SoFar {
  text = "";
  usage: unknown;
  readonly toolCalls: PartialToolCall[] = [];

  /** Takes an event of chat completions or of responses; anything else says nothing. */
  add(event: unknown): void {
    if (typeof event !== "object" || event === null) return;
    const { choices, usage, type, delta } = event as Chunk;
    if (usage !== undefined && usage !== null) this.usage = usage;
    if (type === "response.output_text.delta" && typeof delta === "string") this.text += delta;
    if (!Array.isArray(choices)) return;
    for (const choice of choices as NonNullable<Chunk["choices"]>) {
      if ((choice.index ?? 0) !== 0) continue;
      const { content, tool_calls: calls } = choice.delta ?? {};
      if (typeof content === "string") this.text += content;
      for (const call of calls ?? []) this.#addToolCall(call);
    }
  }

  #addToolCall({ index = 0, id, function: called }: ToolCallDelta): void {
    const known = (this.toolCalls[index] ??= { id: undefined, name: "", arguments: "" });
    if (typeof id === "string") known.id = id;
    if (typeof called?.name === "string") known.name += called.name;
    if (typeof called?.arguments === "string") known.arguments += called.arguments;
  }
}
