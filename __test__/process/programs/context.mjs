// Which store of an AsyncLocalStorage is seen at every place that a call comes to.
import { AsyncLocalStorage } from "node:async_hooks";
import { apiKey, baseURL, hello, Multiplexer, sdk, simulate, streaming } from "../program.mjs";

const storage = new AsyncLocalStorage();
const seen = {};
const note = (place, id) => {
  seen[place] ??= new Set();
  seen[place].add(storage.getStore() === id);
};
const client = (behaviour) =>
  new sdk[7]({ baseURL, apiKey, maxRetries: 0, defaultHeaders: simulate(behaviour) });

async function once(id) {
  const logger = {
    warn: () => note("the logger's warn", id),
    error: () => note("the logger's error", id),
  };
  const multiplexer = new Multiplexer({ logger });
  multiplexer.addModel(client({ fault: { kind: "status", status: 429 } }), 1, "limited");
  multiplexer.addFallbackModel(
    client({ latencyMs: id % 5, tokenIntervalMs: 1, tokens: 5 }),
    1,
    "good",
  );
  await multiplexer.chat.completions.create(hello);
  note("after a failover", id);
  for await (const _ of await multiplexer.chat.completions.create(streaming)) note("in a loop", id);
  note("after a loop", id);
  const own = new Multiplexer({ logger });
  const refuse = () => Promise.reject(Object.assign(new Error("x"), { status: 429 }));
  const completions = (create) => ({ chat: { completions: { create } } });
  own.addModel(
    completions(() => (note("a client's first call", id), refuse())),
    1,
    "a",
  );
  own.addFallbackModel(
    completions(
      () => (note("a client's call after a failover", id), Promise.reject(new Error("y"))),
    ),
    1,
    "b",
  );
  await own.chat.completions.create(hello).catch(() => note("after a failure", id));
}

await Promise.all(Array.from({ length: 40 }, (_, id) => storage.run(id, () => once(id))));
console.log(JSON.stringify(Object.entries(seen).map(([place, right]) => [place, ...right])));
