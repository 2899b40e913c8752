// What happens rarely and then all at once: large bodies that nobody reads, goodbyes to a hundred
// streams, thousands of readers that do not read, thousands of calls that wait for the same moment.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  Multiplexer,
  hello,
  newKey,
  rejection,
  requestsOf,
  simulate,
  until,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 120_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

/** A multiplexer with these targets in the order in which they are asked: by id, a behaviour. */
function over(url, targets, options) {
  const made = new Multiplexer({
    policy: "resilient",
    strategy: "priority",
    logger: false,
    ...options,
  });
  for (const [id, { behaviour, apiKey = newKey(), ...more }] of Object.entries(targets)) {
    const headers = simulate(behaviour ?? {});
    made.addModel({ baseURL: url, apiKey, headers }, 1, id, { id, ...more });
  }
  return made;
}

const stream = (made) => made.chat.completions.create({ ...hello, stream: true });
const outcomesOf = (made, id) => made.getReport().find((target) => target.id === id).outcomes;

for (const policy of ["compat", "resilient"]) {
  test(`a 429 before 20 MB are read, then a reset, is a limit: ${policy}`, limit, async () => {
    // Its connection dies with what else is on it.
    const own = await startSimulator();
    const fault = { kind: "status", status: 429, early: true };
    const behaviour = { fault, headers: { "retry-after": "60" } };
    const targets = { limited: { behaviour }, spare: { behaviour: { text: "spare" } } };
    const made = over(own.url, targets, { policy });
    const messages = [{ role: "user", content: "x".repeat(20 * 1024 * 1024) }];
    for (const asked of [false, true]) {
      const params = { model: "any", messages, stream: asked };
      const reply = await made.chat.completions.create(params);
      let text = "";
      if (asked) for await (const chunk of reply) text += chunk.choices[0]?.delta.content ?? "";
      else text = reply.choices[0].message.content;
      assert.equal(text, "spare");
    }
    // The second call knew of the rest.
    assert.deepEqual(outcomesOf(made, "limited"), { rate_limited: 1 });
    const [limited] = made.getReport();
    assert.equal(limited.state, "resting");
    assert.ok(limited.restsUntil > Date.now() + 30_000);
    await made.close();
    await own.stop();
  });
}

describe("a goodbye to a hundred streams of one connection", limit, () => {
  for (const policy of ["compat", "resilient"]) {
    test(`those it has not looked at move without penalty, the others finish: ${policy}`, async () => {
      const own = await startSimulator({
        goAwayAfter: 50,
        maxConcurrentStreams: 100,
        journal: 500,
      });
      const behaviour = { tokens: 20, tokenIntervalMs: 10 };
      const made = over(own.url, { one: { behaviour } }, { policy, http2: "prior-knowledge" });
      const texts = Array.from({ length: 100 }, async () => {
        let chunks = 0;
        let finished = false;
        for await (const { choices } of await stream(made)) {
          if (choices[0]?.delta.content) chunks++;
          finished ||= choices[0]?.finish_reason === "stop";
        }
        return { chunks, finished };
      });
      const whole = await Promise.all(texts);
      assert.ok(whole.every(({ chunks, finished }) => chunks === 20 && finished));
      assert.deepEqual(outcomesOf(made, "one"), { success: 100 });
      const [{ state, inFlight }] = made.getReport();
      assert.deepEqual([state, inFlight], ["ready", 0]);
      // Each was looked at once, and no connection was given more than it takes.
      const requests = await own.journal();
      assert.equal(requests.length, 100);
      const perConnection = Map.groupBy?.(requests, ({ connection }) => connection);
      assert.ok(perConnection === undefined || perConnection.size >= 2);
      await made.close();
      await own.stop();
    });
  }
});

test("5,000 readers that do not read hold up nobody and take no more memory", limit, async () => {
  const own = await startSimulator({ maxConcurrentStreams: 250 });
  const made = over(
    own.url,
    {
      silent: {
        behaviour: { tokens: 40, fault: { kind: "stall", afterTokens: 20 } },
        maxConcurrent: 5_000,
      },
      fast: { behaviour: { tokens: 20_000 } },
    },
    { http2: "prior-knowledge", timeouts: { stallMs: 0 } },
  );
  const left = [];
  for (let batch = 0; batch < 20; batch++) {
    left.push(...(await Promise.all(Array.from({ length: 250 }, () => stream(made)))));
  }
  const inFlight = () => made.getReport().map((target) => target.inFlight);
  assert.deepEqual(inFlight(), [5_000, 0]);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  for (let round = 0; round < 3; round++) {
    let chunks = 0;
    for await (const chunk of await stream(made)) if (chunk.choices[0]?.delta.content) chunks++;
    assert.equal(chunks, 20_000);
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 100, `${Math.round(grown)} MB`);
  assert.deepEqual(inFlight(), [5_000, 0]);
  for (const one of left) one.controller.abort();
  await until(() => inFlight()[0] === 0, "every slot is back");
  assert.deepEqual(outcomesOf(made, "fast"), { success: 3 });
  await made.close();
  await own.stop();
});

test("of 5,000 calls that wait, each key that returns is given one first", limit, async () => {
  const latencyMs = 300;
  // All are back at the same moment.
  const back = new Date(Date.now() + 8_000).toUTCString();
  const keys = Array.from({ length: 10 }, newKey);
  const targets = Object.fromEntries(
    keys.map((apiKey, number) => [
      `key ${number}`,
      {
        apiKey,
        key: apiKey,
        behaviour: {
          latencyMs,
          tokens: 1,
          faults: [{ kind: "status", status: 429 }],
          headers: { "retry-after": back },
        },
      },
    ]),
  );
  const made = over(simulator.url, targets, { strategy: "weighted", maxWaitMs: 60_000 });
  const noWait = { multiplexer: { maxWaitMs: 0 } };
  assert.equal((await rejection(made.chat.completions.create(hello, noWait))).status, 429);
  assert.ok(made.getReport().every(({ state }) => state === "resting"));
  const calls = Array.from({ length: 5_000 }, () => made.chat.completions.create(hello));
  const replies = await Promise.all(calls);
  assert.equal(replies.length, 5_000);
  for (const key of keys) {
    const answered = (await requestsOf(simulator, key)).filter(({ status }) => status === 200);
    const times = answered.map(({ time }) => time).sort((one, next) => one - next);
    // The next, if any, came when the first was answered, and not before.
    const [first, next = Infinity] = times;
    assert.ok(next - first >= latencyMs - 1, `${first} ${next}`);
  }
  assert.ok(made.getReport().every(({ inFlight }) => inFlight === 0));
});
