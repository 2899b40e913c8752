// Processes that share limits and rests through Redis.

import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { hello, Multiplexer, newKey } from "../clients/sdks.mjs";
import { startRedis } from "../support/redis.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { startSlowProxy } from "../support/slow-proxy.mjs";
import { minuteWith, startMember, until } from "./members.mjs";

let simulator;
let redis;
let members = [];

before(async () => {
  simulator = await startSimulator();
});
after(() => simulator?.stop());

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const member of members) member.kill();
  members = [];
  await redis.stop();
});

/** A member whose one target's key has these limits; all of a test have the same API key. */
async function member(apiKey, limits, state = {}, behaviour) {
  const started = startMember();
  members.push(started);
  const headers = behaviour && { "x-simulate": JSON.stringify(behaviour) };
  const endpoint = { baseURL: simulator.url, apiKey, headers };
  await started.ask("open", {
    options: { state: { type: "redis", url: redis.url, ...state } },
    targets: [{ endpoint, key: "acme", sharedLimits: { key: limits } }],
  });
  return started;
}

const requests = async (apiKey) =>
  (await simulator.journal()).filter(({ key }) => key === apiKey).length;
const sum = (results) => results.reduce((all, { answered }) => all + answered, 0);

describe("limits over several processes", () => {
  test("four processes with skewed load send exactly what one key may", async () => {
    await minuteWith(25);
    const apiKey = newKey();
    const four = await Promise.all([1, 2, 3, 4].map(() => member(apiKey, { rpm: 100 })));
    const load = [150, 30, 10, 10];
    const calls = four.map(({ ask }, index) =>
      ask("call", { count: load[index], maxWaitMs: 4000 }),
    );
    const results = await Promise.all(calls);
    assert.equal(await requests(apiKey), 100);
    assert.equal(sum(results), 100);
    assert.deepEqual([...new Set(results.flatMap(({ codes }) => codes))], ["at_capacity"]);
  });

  test("a first call does not fail for want of an answer of Redis", async () => {
    const { ask } = await member(newKey(), { rpd: 100 });
    await ask("call", { count: 1, maxWaitMs: 4000 });
    const second = await member(newKey(), { rpd: 100 });
    assert.deepEqual(await second.ask("call", { count: 1 }), { answered: 1, codes: [] });
  });

  test("what a process that is closed has not used, others use", async () => {
    const apiKey = newKey();
    const first = await member(apiKey, { rpd: 40 });
    await first.ask("call", { count: 10, maxWaitMs: 4000 });
    await first.ask("close");
    const second = await member(apiKey, { rpd: 40 });
    assert.equal((await second.ask("call", { count: 50, maxWaitMs: 2000 })).answered, 30);
  });

  test("what a process that exits without a word has not used, others use", async () => {
    await minuteWith(15);
    const apiKey = newKey();
    const first = await member(apiKey, { rpm: 60 });
    assert.equal((await first.ask("call", { count: 10, maxWaitMs: 4000 })).answered, 10);
    const exited = once(first.child, "exit");
    first.ask("exit").catch(() => undefined);
    await exited;
    const second = await member(apiKey, { rpm: 60 });
    assert.equal((await second.ask("call", { count: 50, maxWaitMs: 4000 })).answered, 50);
  });

  test("a process that is killed leaves half of a large limit to others", async () => {
    await minuteWith(15);
    const apiKey = newKey();
    const first = await member(apiKey, { rpm: 1000 });
    assert.equal((await first.ask("call", { count: 10, maxWaitMs: 4000 })).answered, 10);
    const exited = once(first.child, "exit");
    first.kill();
    await exited;
    const second = await member(apiKey, { rpm: 1000 });
    assert.equal((await second.ask("call", { count: 450, maxWaitMs: 10_000 })).answered, 450);
  });

  test("a Redis that takes 200 ms longer delays no call while slices are held", async () => {
    const apiKey = newKey();
    const proxy = await startSlowProxy(redis.port, 100);
    try {
      const { ask } = await member(
        apiKey,
        { rpm: 100_000 },
        {
          url: `redis://127.0.0.1:${proxy.port}`,
        },
      );
      await ask("call", { count: 1, maxWaitMs: 10_000 });
      // A call that would have to wait for a slice is refused.
      for (let round = 0; round < 20; round++) {
        assert.deepEqual(await ask("call", { count: 20 }), { answered: 20, codes: [] });
      }
    } finally {
      proxy.stop();
    }
  });

  for (const empty of [true, false]) {
    const name = empty ? "empty" : "with its data";
    test(`Redis that is killed and comes back ${name} lets no call too many through, and fails none that outlasts it`, async () => {
      const apiKey = newKey();
      const three = await Promise.all([1, 2, 3].map(() => member(apiKey, { rpd: 90 })));
      for (const { ask } of three) await ask("call", { count: 15, maxWaitMs: 5000 });
      await redis.kill();
      if (empty) redis.wipe();
      const calls = three.map(({ ask }) => ask("call", { count: 15, maxWaitMs: 20_000 }));
      await sleep(500);
      await redis.start();
      const results = await Promise.all(calls);
      assert.equal(sum(results), 45, JSON.stringify(results));
      const more = three.map(({ ask }) => ask("call", { count: 5, maxWaitMs: 1000 }));
      assert.equal(sum(await Promise.all(more)), 0);
      assert.equal(await requests(apiKey), 90);
      const logged = await three[0].ask("logged");
      const lost = logged.filter((message) => message.includes("cannot be reached"));
      const back = logged.filter((message) => message.includes("can be reached again"));
      assert.deepEqual([lost.length, back.length], [1, 1], logged.join("\n"));
    });
  }
});

describe("rests over several processes", () => {
  test("a key that one process finds limited rests in the others", async () => {
    const limited = { status: 429, headers: { "retry-after": "30" } };
    const behaviour = { fault: { kind: "status", status: limited.status }, retryAfter: 30 };
    const one = await member(newKey(), { rpm: 1000 }, {}, behaviour);
    const others = [await member(newKey(), { rpm: 1000 }), await member(newKey(), { rpm: 1000 })];
    for (const { ask } of others) await ask("call", { count: 1, maxWaitMs: 4000 });
    const { answered } = await one.ask("call", { count: 1, maxWaitMs: 2000 });
    assert.equal(answered, 0);
    for (const { ask } of others) {
      await until("it rests", async () => (await ask("report"))[0].state === "resting");
    }
  });
});

describe("a multiplexer over Redis", () => {
  test("holds no process that has nothing to do", async () => {
    const { child, ask } = await member(newKey(), { rpm: 10 });
    await ask("call", { count: 1, maxWaitMs: 4000 });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.disconnect();
    assert.equal(await exited, 0);
  });

  test("tells nobody the password, whatever goes wrong", async () => {
    const secret = "s3cret-password";
    const url = redis.url.replace("redis://", `redis://alice:${secret}@`);
    const messages = [];
    const note = (...all) => messages.push(all.map(String).join(" "));
    const logger = { log: note, warn: note, error: note };
    const state = { type: "redis", url };
    const multiplexer = new Multiplexer({ policy: "resilient", logger, state });
    await until("a message", () => messages.length > 0);
    assert.match(messages[0], /redis:\/\/127\.0\.0\.1:\d+ cannot be reached/);
    await multiplexer.close();
    for (const wrong of [`http://alice:${secret}@host`, `redis://alice:${secret}@host/x`]) {
      assert.throws(
        () => new Multiplexer({ state: { type: "redis", url: wrong } }),
        ({ name, message }) => {
          messages.push(message);
          return name === "MultiplexerError" && message.includes("must look like redis://");
        },
      );
    }
    assert.equal(
      messages.some((message) => message.includes(secret) || message.includes("alice")),
      false,
      messages.join("\n"),
    );
  });

  test("goes on without limits where Redis was never there", async () => {
    const url = redis.url;
    await redis.kill();
    const multiplexer = new Multiplexer({ logger: false, state: { type: "redis", url } });
    multiplexer.addModel({ baseURL: simulator.url, apiKey: newKey() }, 1, "gpt");
    const reply = await multiplexer.chat.completions.create(hello);
    assert.equal(reply.object, "chat.completion");
    await multiplexer.close();
  });
});
