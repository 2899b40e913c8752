// Two members that share their rests through Redis, as two processes do.

import { createRequire } from "node:module";

import { key, params } from "./question.mjs";

const require = createRequire(import.meta.url);

/** So many keys, each of which rests once. */
const keys = 100;

export async function make({ url, redis, package: folder }) {
  const { Multiplexer } = require(folder);
  // What rested in the round before still rests.
  const state = { type: "redis", url: redis, prefix: `pair-${process.pid}` };
  const headers = { "x-simulate": '{"fault":{"kind":"status","status":429},"retryAfter":60}' };
  const member = () => {
    const made = new Multiplexer({ policy: "resilient", logger: false, state });
    for (let index = 0; index < keys; index++) {
      const name = `key-${index}`;
      const endpoint = { baseURL: url, apiKey: `${key}-${index}`, headers };
      made.addModel(endpoint, 1, "gpt", { id: name, key: name, tags: { name } });
    }
    return made;
  };
  const [one, other] = [member(), member()];
  return {
    keys,
    /** Has the one find that a key is limited. */
    limit: async (index) => {
      const multiplexer = { require: { name: `key-${index}` } };
      await one.chat.completions.create({ model: "gpt", ...params }, { multiplexer }).then(
        () => {
          throw new Error("a limited key has answered");
        },
        () => undefined,
      );
    },
    /** Whether the other knows. */
    knows: (index) => other.getReport()[index].state === "resting",
  };
}
