// A multiplexer as a peer: both packages are called in the same way.

import { key, model, params } from "./question.mjs";

export function clientOf(multiplexer, OpenAI, url, options) {
  multiplexer.addModel(new OpenAI({ apiKey: key, baseURL: url }), 1, model, options);
  const { completions } = multiplexer.chat;
  return {
    complete: () => completions.create({ model, ...params }),
    stream: () => completions.create({ model, ...params, stream: true }),
  };
}
