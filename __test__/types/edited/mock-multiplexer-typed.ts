import { Multiplexer } from "@upstash/model-multiplexer";

const reply = { choices: [{ message: { content: "mocked" } }] };

export const fake: Pick<Multiplexer, "chat"> = {
  chat: { completions: { create: async () => reply } as any },
};
