const { Multiplexer } = await import("@upstash/model-multiplexer");

export const multiplexer = new Multiplexer();
multiplexer.addModel({ chat: { completions: { create: async () => ({}) } } }, 1, "stub");
