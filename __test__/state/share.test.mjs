// Multiplexers of one process that share limits and rests by a name.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { Multiplexer, newKey } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { startWorker } from "./members.mjs";

let simulator;
let workers = [];

before(async () => {
  simulator = await startSimulator();
});
after(() => simulator?.stop());
afterEach(async () => {
  await Promise.all(workers.map(({ kill }) => kill()));
  workers = [];
});

async function worker(share, apiKey, limits, behaviour = {}) {
  const started = startWorker();
  workers.push(started);
  const headers = { "x-simulate": JSON.stringify(behaviour) };
  const endpoint = { baseURL: simulator.url, apiKey, headers };
  const targets = [{ endpoint, key: "acme", sharedLimits: { key: limits } }];
  await started.ask("open", { options: { share }, targets });
  return started;
}

test("worker threads send exactly what one key may, and none is refused before", async () => {
  const apiKey = newKey();
  const four = await Promise.all([1, 2, 3, 4].map(() => worker("skewed", apiKey, { rpd: 100 })));
  const load = [150, 30, 10, 10];
  const results = await Promise.all(
    four.map(({ ask }, index) => ask("call", { count: load[index] })),
  );
  const sent = (await simulator.journal()).filter(({ key }) => key === apiKey).length;
  const answered = results.reduce((all, one) => all + one.answered, 0);
  assert.deepEqual([sent, answered], [100, 100]);
});

test("a key that one thread finds limited rests in the others, and in those that come", async () => {
  const limits = { rpm: 1000 };
  const limited = { fault: { kind: "status", status: 429 }, retryAfter: 30 };
  const one = await worker("rests", newKey(), limits, limited);
  const two = await worker("rests", newKey(), limits);
  const apart = await worker("another name", newKey(), limits);
  await one.ask("call", { count: 1 });
  const three = await worker("rests", newKey(), limits);
  const states = [two, three, apart].map(async ({ ask }) => (await ask("report"))[0].state);
  assert.deepEqual(await Promise.all(states), ["resting", "resting", "ready"]);
});

test("options of the state are checked", () => {
  const table = [
    [{ state: "disk" }, /options\.state must be "memory", \{ type: "file", path \} or/],
    [{ state: null }, /options\.state must be "memory"/],
    [{ state: { type: "file" } }, /options\.state\.path must be the path of a file, not undefined/],
    [
      { state: { type: "file", path: "x", flushIntervalMs: 0 } },
      /flushIntervalMs must be .* from 10/,
    ],
    [{ state: { type: "redis" } }, /options\.state\.url must be a URL such as redis:\/\//],
    [{ state: { type: "redis", url: [] } }, /options\.state\.url must be a URL/],
    [{ state: { type: "redis", url: "redis://h", prefix: "a b" } }, /the prefix must be plain/],
    [
      { state: { type: "redis", url: "redis://h", onStateLoss: "go" } },
      /must be "stop" or "share"/,
    ],
    [{ state: { type: "redis", url: "redis://h", ttl: 1 } }, /there is no option "ttl"/],
    [{ share: "" }, /options\.share must be a non-empty string/],
    [
      { share: "a", state: { type: "redis", url: "redis://h" } },
      /options\.share is for state: "memory"/,
    ],
  ];
  for (const [options, message] of table) {
    assert.throws(() => new Multiplexer(options), { name: "MultiplexerError", message });
  }
});
