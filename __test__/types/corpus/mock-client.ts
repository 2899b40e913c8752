import { Multiplexer } from "@upstash/model-multiplexer";

const reply = { choices: [{ message: { content: "mocked" } }] };

export const multiplexer = new Multiplexer();
multiplexer.addModel({ chat: { completions: { create: async () => reply } } }, 1, "plain");
multiplexer.addModel({ chat: { completions: { create: async () => reply } } } as any, 1, "cast");
multiplexer.addModel(
  {
    chat: {
      completions: {
        create: async (params) => {
          if (params.model === "limited") throw Object.assign(new Error("429"), { status: 429 });
          return reply;
        },
      },
    },
  },
  1,
  "limited",
);
