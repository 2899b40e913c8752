// What Multiplexer, createRouter() and KeyPool have in common: state, limits, a strategy, events and
// a report.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { hello, newKey, ours, rejection, requestsOf, sdk } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { createRouter, KeyPool, Multiplexer } = ours;
const limit = { timeout: 30_000 };
const { messages } = hello;

let simulator;
let folder;
before(async () => {
  simulator = await startSimulator({ defaults: { tokens: 5 } });
  folder = mkdtempSync(join(tmpdir(), "doors-"));
});
after(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true });
});

/** By name: a door with one model "m" at each of these keys, and a call through it. */
const doors = {
  Multiplexer: (keys, limits, options) => {
    const made = new Multiplexer({ policy: "resilient", logger: false, ...options });
    keys.forEach((apiKey, index) =>
      made.addModel({ baseURL: simulator.url, apiKey }, 1, "m", { id: `m-${index}`, limits }),
    );
    return { made, ask: () => made.chat.completions.create(hello) };
  },
  createRouter: (keys, limits, options) => {
    const provider = { type: "openai-compatible", baseUrl: simulator.url, models: ["m"], limits };
    const providers = keys.map((apiKey) => ({ ...provider, apiKey }));
    const made = createRouter({ providers, retry: { maxRetries: 0 }, ...options });
    return { made, ask: () => made.chat.completions.create({ model: "m", messages }) };
  },
  KeyPool: (keys, limits, options) => {
    const made = new KeyPool({
      providers: [{ name: "one", keys, models: ["m"], limits }],
      ...options,
    });
    const handler = ({ apiKey, model }) =>
      new sdk[7]({ baseURL: simulator.url, apiKey, maxRetries: 0 }).chat.completions.create({
        model,
        messages,
      });
    return { made, ask: () => made.executeWithFallback(["one"], handler) };
  },
};

for (const [name, open] of Object.entries(doors)) {
  describe(name, () => {
    test("takes limits, and tells what is left of them", limit, async () => {
      const key = newKey();
      const { made, ask } = open([key], { rpd: 2 });
      await ask();
      const [{ limits }] = made.getReport();
      assert.deepEqual(
        limits.map(({ name, limit, remaining }) => [name, limit, remaining]),
        [["rpd", 2, 1]],
      );
      await ask();
      await rejection(ask());
      assert.equal((await requestsOf(simulator, key)).length, 2);
      assert.equal(made.getReport()[0].state, "at_capacity");
      await made.close();
    });

    test("takes a state, which outlives it", limit, async () => {
      const key = newKey();
      const options = { state: { type: "file", path: join(folder, `${name}.json`) } };
      const first = open([key], { rpd: 3 }, options);
      await first.ask();
      await first.ask();
      await first.made.close();
      const second = open([key], { rpd: 3 }, options);
      await second.ask();
      await rejection(second.ask());
      await second.made.close();
      assert.equal((await requestsOf(simulator, key)).length, 3);
    });

    test("shares limits with another by a name", limit, async () => {
      const key = newKey();
      const two = [0, 1].map(() => open([key], { rpd: 5 }, { share: key }));
      await Promise.allSettled(two.flatMap(({ ask }) => [ask(), ask(), ask(), ask()]));
      assert.equal((await requestsOf(simulator, key)).length, 5);
      await Promise.all(two.map(({ made }) => made.close()));
    });

    test("takes a strategy, and refuses one that there is not", limit, async () => {
      const strategy = name === "KeyPool" ? "sticky" : "priority";
      const keys = [newKey(), newKey()];
      const { made, ask } = open(keys, undefined, { strategy });
      for (let call = 0; call < 4; call++) await ask();
      const counts = await Promise.all(
        keys.map(async (key) => (await requestsOf(simulator, key)).length),
      );
      assert.deepEqual(counts, [4, 0]);
      await made.close();
      assert.throws(() => open(keys, undefined, { strategy: "whoever" }), /strategy/);
    });

    test("tells events by the ids of its report", limit, async () => {
      const { made, ask } = open([newKey()]);
      const told = [];
      const listener = ({ id, outcome }) => told.push([id, outcome]);
      made.on("attemptEnded", listener);
      await ask();
      made.off("attemptEnded", listener);
      await ask();
      assert.deepEqual(told, [[made.getReport()[0].id, "success"]]);
      await made.close();
    });
  });
}
