import { Multiplexer } from "@upstash/model-multiplexer";

const reply = { choices: [{ message: { content: "mocked" } }] };

export const cast = { chat: { completions: { create: async () => reply } } } as any as Multiplexer;
export const partial = {
  chat: { completions: { create: async () => reply } },
  getStats: () => ({}),
} as unknown as Multiplexer;
