// What the tests of `multiplexer.fetch` have in common.

import { newKey, ours, simulate } from "../clients/sdks.mjs";

const { Multiplexer } = ours;

/** The caller's key, which no target may ever see. */
export const callersKey = "sk-callers-own-key";

export const body = JSON.stringify({ model: "any", messages: [{ role: "user", content: "hi" }] });

export const init = (more = {}) => ({
  method: "POST",
  headers: { authorization: `Bearer ${callersKey}`, "content-type": "application/json" },
  body,
  ...more,
});

export const url = "https://caller.example/v1/chat/completions";

/** An endpoint with a key of its own that behaves so. */
export const target = (simulator, behaviour = {}) => ({
  baseURL: simulator.url,
  apiKey: newKey(),
  headers: simulate(behaviour),
});

export const refusal = { fault: { kind: "status", status: 429 } };

/** A silent multiplexer: each target is asked only once those before it cannot be. */
export function inOrder(...targets) {
  const multiplexer = new Multiplexer({ logger: false });
  const [first, ...others] = targets;
  multiplexer.addModel(first, 1, "first");
  others.forEach((other, index) => multiplexer.addFallbackModel(other, 1, `other-${index}`));
  return multiplexer;
}
