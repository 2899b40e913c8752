// Waiting for a target while all rest or are full.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { arrival, newKey, rejection, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { refusal, status, targetsOf } from "./targets.mjs";

let simulator;
let multiplexer;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer, endpoint } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

const limitedOnce = { faults: [{ kind: "status", status: 429 }], retryAfterMs: 400 };

test("a call waits for the end of a rest and is answered", limit, async () => {
  const { ask, asked } = multiplexer({ only: { behaviour: limitedOnce } }, { maxWaitMs: 10_000 });
  const began = performance.now();
  assert.equal(await ask(), "only");
  assert.ok(performance.now() - began >= 390);
  assert.deepEqual(await asked(), { only: 2 });
});

test("without maxWaitMs nobody waits, and a call may say otherwise", limit, async () => {
  const { ask } = multiplexer({ only: { behaviour: limitedOnce } });
  const error = await rejection(ask());
  assert.equal(error.status, 429);
  assert.equal(await ask({}, { multiplexer: { maxWaitMs: 10_000 } }), "only");
});

test("a call that cannot be answered in time is refused at once", limit, async () => {
  const behaviour = { ...status(429), retryAfterMs: 60_000 };
  const { ask, asked } = multiplexer({ only: { behaviour } }, { maxWaitMs: 5_000 });
  assert.equal((await rejection(ask())).status, 429);
  const began = performance.now();
  const error = await rejection(ask());
  assert.ok(performance.now() - began < 2_500);
  assert.equal(error.name, "ModelSelectionError");
  assert.equal(error.code, "rate_limited");
  assert.ok(error.retryAfterMs > 50_000 && error.retryAfterMs <= 60_000, `${error.retryAfterMs}`);
  assert.deepEqual(await asked(), { only: 1 });
});

test("a call for which nothing came free in time says so", limit, async () => {
  const client = endpoint({ fault: { kind: "noAnswer" } });
  const { made, ask } = multiplexer({ only: { client, maxConcurrent: 1 } }, { maxWaitMs: 400 });
  const busy = rejection(ask());
  const began = performance.now();
  const error = await rejection(ask());
  assert.ok(performance.now() - began >= 390);
  assert.equal(error.code, "at_capacity");
  made.close();
  await busy;
});

test("a call waits only for targets that it may ask", limit, async () => {
  const eu = { multiplexer: { require: { region: "eu" } } };
  const { ask, asked } = multiplexer(
    { us: {}, eu: { behaviour: limitedOnce, tags: { region: "eu" } } },
    { maxWaitMs: 10_000 },
  );
  assert.equal(await ask({}, eu), "eu");
  assert.deepEqual(await asked(), { us: 0, eu: 2 });
});

test("a call that is left while it waits for its second try asks nobody more", limit, async () => {
  const { ask, asked, states } = multiplexer({ only: { behaviour: status(500) }, spare: {} });
  const controller = new AbortController();
  const left = ask({}, { signal: controller.signal });
  await until(async () => (await asked()).only === 1, "the first try");
  controller.abort();
  assert.match((await rejection(left)).message, /Request (was )?aborted/);
  assert.equal((await asked()).spare, 0);
  assert.deepEqual(states(), { only: "ready", spare: "ready" });
});

test("calls wait for a slot, first in, first out", limit, async () => {
  const behaviour = { latencyMs: 100 };
  const { ask } = multiplexer({ only: { behaviour, maxConcurrent: 1 } }, { maxWaitMs: 20_000 });
  const order = [];
  const asking = [0, 1, 2, 3, 4].map(async (number) => {
    assert.equal(await ask(), "only");
    order.push(number);
  });
  await Promise.all(asking);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test("a call that is left while it waits gives up its place", limit, async () => {
  const { made, ask, asked } = multiplexer(
    { only: { behaviour: { latencyMs: 400 }, maxConcurrent: 1 } },
    { maxWaitMs: 20_000 },
  );
  const first = ask();
  const controller = new AbortController();
  const left = ask({}, { signal: controller.signal });
  const last = ask();
  setImmediate(() => controller.abort());
  assert.equal((await rejection(left)).message, "Request aborted");
  assert.deepEqual(await Promise.all([first, last]), ["only", "only"]);
  assert.deepEqual(await asked(), { only: 2 });
  assert.equal(made.getReport()[0].inFlight, 0);
});

test("a call that was refused and is left while it waits is aborted", limit, async () => {
  const behaviour = { ...status(429), retryAfterMs: 2_000 };
  const { ask, states } = multiplexer({ only: { behaviour } }, { maxWaitMs: 20_000 });
  const controller = new AbortController();
  const left = ask({}, { signal: controller.signal });
  await until(() => states().only === "resting", "the call waits");
  setTimeout(() => controller.abort(), 50);
  assert.equal((await rejection(left)).message, "Request aborted");
});

test("close() ends those that wait", limit, async () => {
  const apiKey = newKey();
  const client = endpoint({ fault: { kind: "noAnswer" } }, apiKey);
  const { made, ask } = multiplexer({ only: { client, maxConcurrent: 1 } }, { maxWaitMs: 20_000 });
  const busy = rejection(ask());
  await arrival(simulator, apiKey);
  const waiting = rejection(ask());
  setImmediate(() => made.close());
  assert.match((await waiting).message, /closed/);
  assert.equal((await busy).name, "APIUserAbortError");
});

test("a call waits no longer than the whole of it may take", limit, async () => {
  const client = endpoint({ fault: { kind: "noAnswer" } });
  const { made, ask } = multiplexer(
    { only: { client, maxConcurrent: 1 } },
    { maxWaitMs: 25_000, timeouts: { totalMs: 700 } },
  );
  const began = performance.now();
  const [busy, waiting] = await Promise.all([rejection(ask()), rejection(ask())]);
  assert.ok(performance.now() - began < 15_000);
  assert.equal(busy.name, "APIConnectionTimeoutError");
  assert.ok(waiting instanceof Error);
  made.close();
});

test("a refusal that would come again is not waited for", limit, async () => {
  for (const reason of ["contentRefused", "contextTooLong"]) {
    const behaviour = refusal("azure", reason);
    const { ask, asked } = multiplexer({ only: { behaviour } }, { maxWaitMs: 5_000 });
    assert.equal((await rejection(ask())).status, 400);
    assert.deepEqual(await asked(), { only: 1 });
  }
});

test("a client that cannot take a call is not waited for", limit, async () => {
  const chat = { completions: { create: () => Promise.reject(new Error("unasked")) } };
  const { made } = multiplexer({ only: { client: { chat } } }, { maxWaitMs: 5_000 });
  const error = await rejection(made.embeddings.create({ model: "any", input: "x" }));
  assert.match(error.message, /no such method/);
});

test(
  "a call that only one target can answer is given no other one while it waits",
  limit,
  async () => {
    const first = newKey();
    const { made } = multiplexer(
      { first: { client: endpoint({}, first), maxConcurrent: 1 }, second: {} },
      { maxWaitMs: 1_000 },
    );
    const { id } = await made.responses.create({ model: "any", input: "x" });
    const stream = await made.chat.completions.create(
      { model: "any", messages: [{ role: "user", content: "x" }], stream: true },
      { headers: { "x-simulate": JSON.stringify({ tokens: 50, tokenIntervalMs: 100 }) } },
    );
    const error = await rejection(made.responses.retrieve(id));
    assert.deepEqual([error.name, error.code], ["AccountBoundError", "at_capacity"]);
    assert.deepEqual(error.targets, ["first"]);
    stream.controller.abort();
  },
);
