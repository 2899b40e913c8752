import { Multiplexer } from "@upstash/model-multiplexer";

const { create } = new Multiplexer().chat.completions;

export const ask = (content: string) =>
  create({ model: "x", messages: [{ role: "user", content }] }).then(
    (completion) => completion.choices[0].message.content,
  );
