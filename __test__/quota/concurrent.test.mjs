// How many calls are under way at a time at all that share a key, at each of the doors.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { hello, newKey, ours, requestsOf, sdk, simulate } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { createRouter, KeyPool, Multiplexer } = ours;
const limit = { timeout: 60_000 };
const { messages } = hello;

let simulator;
before(async () => {
  simulator = await startSimulator({ defaults: { tokens: 5 } });
});
after(() => simulator.stop());

/** How long an answer takes. */
const latencyMs = 100;

/** Asserts that no third request has come before the first of three was answered. */
async function assertTwoAtATime(key, requests) {
  const came = (await requestsOf(simulator, key)).map(({ time }) => time).sort((a, b) => a - b);
  assert.equal(came.length, requests);
  // The journal's milliseconds are whole ones.
  const gaps = came.slice(2).map((time, index) => time - came[index]);
  assert.ok(Math.min(...gaps) >= latencyMs - 2, `they came at ${came.join(", ")}`);
}

const slowly = { latencyMs };
const sharedLimits = { key: { concurrent: 2 } };

const doors = {
  "new Multiplexer()": (apiKey) => {
    const made = new Multiplexer({ policy: "resilient", maxWaitMs: 30_000, logger: false });
    const endpoint = { baseURL: simulator.url, apiKey, headers: simulate(slowly) };
    for (const model of ["one", "two", "three"]) {
      made.addModel(endpoint, 1, model, { key: "shared", sharedLimits });
    }
    return { ask: () => made.chat.completions.create(hello), close: () => made.close() };
  },
  "createRouter()": (apiKey) => {
    const router = createRouter({
      providers: [
        {
          type: "openai-compatible",
          apiKey,
          baseUrl: simulator.url,
          headers: simulate(slowly),
          models: ["one", "two", "three"],
          sharedLimits,
        },
      ],
      retry: { maxRetries: 10, initialBackoffMs: 3_000 },
    });
    const models = ["one", "two", "three"];
    let next = 0;
    const ask = () =>
      router.chat.completions.create({ model: models[next++ % models.length], messages });
    return { ask, close: () => router.close() };
  },
};

for (const [door, open] of Object.entries(doors)) {
  test(
    `${door}: twelve calls at once are two at a time at a key that takes two`,
    limit,
    async () => {
      const key = newKey();
      const { ask, close } = open(key);
      await Promise.all(Array.from({ length: 12 }, ask));
      await assertTwoAtATime(key, 12);
      await close();
    },
  );
}

test("new KeyPool(): a key that is full is passed over, for all of its models", limit, async () => {
  const keys = [newKey(), newKey()];
  const pool = new KeyPool({
    providers: [
      { name: "one", keys, models: ["m", "n"], sharedLimits: { key: { concurrent: 1 } } },
    ],
  });
  const used = [];
  const handler = ({ apiKey, model }) => {
    used.push(apiKey);
    const client = new sdk[7]({ baseURL: simulator.url, apiKey, maxRetries: 0 });
    return client.chat.completions.create({ model, messages }, { headers: simulate(slowly) });
  };
  const calls = Array.from({ length: 3 }, () => pool.executeWithFallback(["one"], handler));
  const settled = await Promise.allSettled(calls);
  assert.deepEqual(used, keys);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 2);
  assert.equal(settled[2].reason.name, "KeyPoolExhaustedError");
  await pool.executeWithFallback(["one"], handler);
  assert.equal(used[2], keys[0]);
  await pool.close();
});

for (const transport of ["auto", "client"]) {
  test(`a stream holds its slot of the key until it ends (${transport})`, limit, async () => {
    const made = new Multiplexer({ policy: "resilient", logger: false });
    const defaultHeaders = simulate({ tokenIntervalMs: 100 });
    const client = new sdk[7]({ baseURL: simulator.url, apiKey: newKey(), defaultHeaders });
    const sharedLimits = { key: { concurrent: 1 } };
    made.addModel(client, 1, "one", { transport, key: "shared" });
    made.addFallbackModel(client, 1, "two", { transport, key: "shared", sharedLimits });
    const stream = await made.chat.completions.create({ ...hello, stream: true });
    await assert.rejects(made.chat.completions.create(hello), { code: "at_capacity" });
    assert.ok(made.getReport().every(({ state }) => state === "at_capacity"));
    for await (const chunk of stream) assert.ok(chunk);
    await made.chat.completions.create(hello);
    assert.ok(made.getReport().every(({ state }) => state === "ready"));
    await made.close();
  });
}

test(
  "a delegated stream whose slot is counted settles with the usage that it tells",
  limit,
  async () => {
    const made = new Multiplexer({ policy: "resilient", logger: false });
    const client = new sdk[7]({ baseURL: simulator.url, apiKey: newKey() });
    const limits = { tpd: 10_000 };
    made.addModel(client, 1, "one", { transport: "client", maxConcurrent: 1, limits });
    const stream = await made.chat.completions.create({
      ...hello,
      stream: true,
      stream_options: { include_usage: true },
    });
    let usage;
    for await (const chunk of stream) usage = chunk.usage ?? usage;
    assert.ok(usage.total_tokens > 0);
    assert.equal(made.getQuota().one[0].remaining, 10_000 - usage.total_tokens);
    await made.close();
  },
);
