// How streams flow: leaving, credit, many at a time, order, and what a batch of events costs.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const require = createRequire(import.meta.url);
const native = require("../../native.js");

// Before the package is loaded: every crossing between JavaScript and the engine is counted.
const crossings = {};
for (const name of Object.getOwnPropertyNames(native.Hub.prototype)) {
  const method = native.Hub.prototype[name];
  if (name === "constructor" || typeof method !== "function") continue;
  native.Hub.prototype[name] = function counted(...args) {
    crossings[name] = (crossings[name] ?? 0) + 1;
    return method.apply(this, args);
  };
}

const { startSimulator } = await import("../support/simulator.mjs");
const {
  arrival,
  collect,
  creator,
  departure,
  hello,
  Multiplexer,
  newClient,
  newKey,
  over,
  rejection,
  requestsOf,
  simulate,
  textOf,
  until,
  versions,
} = await import("../clients/sdks.mjs");

const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 30_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 5_000 })));
after(() => simulator.stop());

const streaming = { ...hello, stream: true };
const behaving = (behaviour, version = 7) =>
  newClient(version, simulator, { defaultHeaders: simulate(behaviour) });
const endless = { tokens: 1_000_000, tokenIntervalMs: 1 };
const openStreams = async () => (await simulator.stats()).streamsOpen;
const noneOpen = () => until(async () => (await openStreams()) === 0, "no stream is open");

const ways = {
  "break in its loop": async (stream) => {
    for await (const _ of stream) break;
  },
  "an exception in its loop": async (stream) => {
    const loop = async () => {
      for await (const _ of stream) throw new Error("enough");
    };
    assert.equal((await rejection(loop())).message, "enough");
  },
  "return() of its iterator": async (stream) => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return();
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  },
  "controller.abort()": async (stream) => stream.controller.abort(),
  "its signal": async (_stream, controller) => controller.abort(),
  "close() of the multiplexer": async (_stream, _controller, multiplexer) => multiplexer.close(),
};

for (const [what, leave] of Object.entries(ways)) {
  for (const version of versions) {
    test(`${what} ends the request at once (openai ${version})`, limit, async () => {
      const client = behaving(endless, version);
      const multiplexer = over(client);
      const controller = new AbortController();
      const stream = await multiplexer.chat.completions.create(streaming, {
        signal: controller.signal,
      });
      await leave(stream, controller, multiplexer);
      const { finished } = await departure(simulator, client.apiKey);
      assert.equal(finished, false);
      await noneOpen();
    });
  }
}

test("return() while a next() is waiting ends both", limit, async () => {
  const client = behaving({ tokens: 5, firstTokenMs: 60_000 });
  const stream = await creator(client)(streaming);
  const iterator = stream[Symbol.asyncIterator]();
  const waiting = iterator.next();
  stream.controller.abort();
  assert.equal((await waiting).done, true);
  await departure(simulator, client.apiKey);
});

test("a stall is ended by an abort", limit, async () => {
  const client = behaving({ tokens: 100, fault: { kind: "stall", afterTokens: 3 } });
  const controller = new AbortController();
  const stream = await creator(client)(streaming, { signal: controller.signal });
  const iterator = stream[Symbol.asyncIterator]();
  for (let count = 0; count < 4; count++) assert.equal((await iterator.next()).done, false);
  const waiting = iterator.next();
  controller.abort();
  assert.equal((await waiting).done, true);
  await departure(simulator, client.apiKey);
});

test("next() that is called many times at once gives the events in order", limit, async () => {
  const text = Array.from({ length: 300 }, (_, index) => `w${index}`).join(" ");
  const stream = await creator(behaving({ text, tokenIntervalMs: 0.2 }))(streaming);
  const iterator = stream[Symbol.asyncIterator]();
  const results = await Promise.all(Array.from({ length: 400 }, () => iterator.next()));
  const ends = results.map(({ done }) => done);
  assert.deepEqual(ends, [...ends].sort(), "all ends come after all events");
  assert.equal(textOf(results.filter(({ done }) => !done).map(({ value }) => value)), text);
});

test("1,000 streams at a time end with the right content", limit, async () => {
  const client = newClient(7, simulator);
  const create = creator(client);
  const wrong = [];
  await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      const text = `stream ${index} says 水 and ${"word ".repeat(index % 17)}ends`;
      const headers = simulate({ text, tokenIntervalMs: index % 3 });
      const got = textOf(await collect(await create(streaming, { headers })));
      if (got !== text) wrong.push([text, got]);
    }),
  );
  assert.deepEqual(wrong, []);
  await noneOpen();
});

test("a stream that is not read is not received, and goes on when it is read", limit, async () => {
  const tokens = 100_000;
  const client = behaving({ tokens });
  const before = process.memoryUsage.rss();
  const stream = await creator(client)(streaming);
  const { apiKey } = client;
  let sent = -1;
  // Nothing more is sent for half a second: it stands still.
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const [{ tokensSent }] = await requestsOf(simulator, apiKey);
    const stands = tokensSent === sent && tokensSent > 0;
    sent = tokensSent;
    return stands;
  });
  assert.ok(sent < tokens / 2, `${sent} of ${tokens} were sent`);
  const grown = (process.memoryUsage.rss() - before) / 2 ** 20;
  assert.ok(grown < 64, `grown by ${grown} MB`);
  let count = 0;
  for await (const chunk of stream) if (chunk.choices[0]?.delta?.content) count++;
  assert.equal(count, tokens);
});

test("floods that are read, and floods that are not, do not hold up timers", limit, async () => {
  const create = creator(behaving({ tokens: 60_000, eventsPerWrite: 200 }));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const unread = await Promise.all([create(streaming), create(streaming)]);
  delay.enable();
  const read = Array.from({ length: 2 }, async () => {
    let count = 0;
    for await (const _ of await create(streaming)) count++;
    return count;
  });
  const counts = await Promise.all(read);
  delay.disable();
  for (const stream of unread) stream.controller.abort();
  assert.ok(counts.every((count) => count > 60_000));
  assert.ok(delay.max / 1e6 < 200, `a timer was ${delay.max / 1e6} ms late`);
  await noneOpen();
});

test(
  "a thousand events in bursts cost few wakes, few crossings and few JSON.parse",
  limit,
  async (t) => {
    const stream = await creator(behaving({ tokens: 1_000, eventsPerWrite: 100 }))(streaming);
    const parse = t.mock.method(JSON, "parse");
    const before = { ...crossings };
    const chunks = await collect(stream);
    assert.ok(chunks.length >= 1_000);
    const made = (name) => (crossings[name] ?? 0) - (before[name] ?? 0);
    const all = Object.keys(crossings).reduce((sum, name) => sum + made(name), 0);
    assert.ok(made("drain") >= 1, "drain is counted at all");
    assert.ok(made("drain") <= 60, `${made("drain")} wakes`);
    assert.ok(all <= 150, `${all} crossings`);
    assert.ok(parse.mock.callCount() <= 100, `${parse.mock.callCount()} calls of JSON.parse`);
  },
);

test("many streams share the wakes", limit, async () => {
  const create = creator(behaving({ tokens: 100, tokenIntervalMs: 5 }));
  const streams = await Promise.all(Array.from({ length: 100 }, () => create(streaming)));
  const before = crossings.drain;
  const all = await Promise.all(streams.map(collect));
  const events = all.reduce((sum, { length }) => sum + length, 0);
  assert.ok(events >= 10_000);
  const share = (crossings.drain - before) / events;
  assert.ok(share < 0.5, `${share} wakes per event`);
});

test("a reply that is no stream costs at most four crossings", limit, async () => {
  const create = creator(newClient(7, simulator));
  await create(hello);
  const before = { ...crossings };
  for (let count = 0; count < 100; count++) await create(hello);
  const all = Object.keys(crossings).reduce(
    (sum, key) => sum + crossings[key] - (before[key] ?? 0),
    0,
  );
  // ref and unref, send, drain; a wake for what is left.
  assert.ok(all <= 500, `${all} crossings for 100 replies`);
});

test("the first event arrives while the stream is still open", limit, async () => {
  const client = behaving({ tokens: 5, fault: { kind: "stall", afterTokens: 1 } });
  const stream = await creator(client)(streaming);
  const { value } = await stream[Symbol.asyncIterator]().next();
  assert.equal(value.object, "chat.completion.chunk");
  const { finished } = await arrival(simulator, client.apiKey);
  assert.equal(finished, false);
  stream.controller.abort();
});

test(
  "streams and bodies that were never read, or left half-read, close after garbage collection",
  limit,
  async () => {
    const program = fileURLToPath(new URL("abandon.mjs", import.meta.url));
    const key = newKey();
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--expose-gc", program, simulator.url, key],
      { timeout: 20_000 },
    );
    assert.equal(stdout.trim(), "closed");
    const requests = await requestsOf(simulator, key);
    assert.equal(requests.length, 6);
    assert.ok(requests.every(({ clientLeft }) => clientLeft));
  },
);

test(
  "a stream whose iterator alone is kept is not closed by garbage collection",
  limit,
  async () => {
    const program = fileURLToPath(new URL("keep.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--expose-gc", program, simulator.url, newKey()],
      { timeout: 20_000 },
    );
    assert.equal(stdout.trim(), "100 events");
  },
);

test("a stream that failed is kept by nobody", limit, async () => {
  const program = fileURLToPath(new URL("failed.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", program, simulator.url, newKey()],
    { timeout: 25_000 },
  );
  assert.equal(stdout.trim(), "collected");
});

test("streams of two multiplexers end each with its own", limit, async () => {
  const one = over(behaving(endless));
  const two = new Multiplexer({ logger: false });
  two.addModel(behaving({ tokens: 50, tokenIntervalMs: 2 }), 1, "gpt");
  const first = await one.chat.completions.create(streaming);
  const second = await two.chat.completions.create(streaming);
  await one.close();
  assert.ok((await collect(second)).length > 50);
  await collect(first);
});
