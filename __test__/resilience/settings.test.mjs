// Options that change what the policy "resilient" does: for all calls, and for one.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";

import { arrival, collect, newKey, rejection, textOf } from "../clients/sdks.mjs";
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

test("a connection that does not open in connectMs fails over", limit, async () => {
  // It takes the connection and never answers the beginning of TLS.
  const sockets = new Set();
  const mute = createServer((socket) => sockets.add(socket)).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const client = { baseURL: `https://127.0.0.1:${mute.address().port}/v1`, apiKey: newKey() };
  const { ask, states } = multiplexer(
    { mute: { client }, spare: {} },
    { timeouts: { connectMs: 300 } },
  );
  const began = performance.now();
  assert.equal(await ask(), "spare");
  const took = performance.now() - began;
  assert.ok(took >= 290 && took < 8_000, String(took));
  assert.deepEqual(states(), { mute: "resting", spare: "ready" });
  for (const socket of sockets) socket.destroy();
  mute.close();
});

test("a retry budget of nothing lets only what costs nothing go on", limit, async () => {
  const none = { retryBudget: { share: 0, minPerSecond: 0 } };
  const failing = multiplexer({ first: { behaviour: status(500) }, spare: {} }, none);
  assert.equal((await rejection(failing.ask())).status, 500);
  assert.deepEqual(await failing.asked(), { first: 1, spare: 0 });
  const limited = multiplexer({ first: { behaviour: status(429) }, spare: {} }, none);
  assert.equal(await limited.ask(), "spare");
});

test("a share of the calls is a share of the retries", limit, async () => {
  const { ask, asked } = multiplexer(
    { first: { behaviour: status(500) } },
    { retryBudget: { share: 1, minPerSecond: 0 } },
  );
  assert.equal((await rejection(ask())).status, 500);
  assert.deepEqual(await asked(), { first: 2 });
});

test("a failure for which the rule is giveUp is the caller's", limit, async () => {
  const { ask, asked, states } = multiplexer(
    { first: { behaviour: status(500) }, spare: {} },
    { outcomes: { unavailable: "giveUp" } },
  );
  assert.equal((await rejection(ask())).status, 500);
  assert.deepEqual(await asked(), { first: 1, spare: 0 });
  assert.deepEqual(states(), { first: "resting", spare: "ready" });
});

test("a failure for which the rule is failOver is not tried twice", limit, async () => {
  const { ask, asked } = multiplexer(
    { first: { behaviour: status(500) }, spare: {} },
    { outcomes: { unavailable: "failOver" } },
  );
  assert.equal(await ask(), "spare");
  assert.deepEqual(await asked(), { first: 1, spare: 1 });
});

test("a failure for which the rule is retry is tried twice at the same target", limit, async () => {
  const late = { tokens: 5, fault: { kind: "stall" } };
  const { stream, asked } = multiplexer(
    { first: { behaviour: late }, spare: {} },
    { outcomes: { timed_out: "retry" }, timeouts: { firstTokenMs: 1_500 } },
  );
  assert.equal(textOf(await collect(await stream())), "spare");
  assert.deepEqual(await asked(), { first: 2, spare: 1 });
});

test("a mistake in the request goes on where the rule is failOver", limit, async () => {
  const { ask } = multiplexer(
    { first: { behaviour: refusal("openai", "badRequest") }, spare: {} },
    { outcomes: { bad_request: "failOver" } },
  );
  assert.equal(await ask(), "spare");
});

test("one call has a deadline of its own", limit, async () => {
  const { ask, made } = multiplexer({ only: { behaviour: { fault: { kind: "noAnswer" } } } });
  const began = performance.now();
  const error = await rejection(ask({}, { multiplexer: { deadlineMs: 400 } }));
  assert.equal(error.name, "APIConnectionTimeoutError");
  assert.ok(performance.now() - began < 15_000);
  assert.equal(made.getReport()[0].inFlight, 0);
});

test("a call's own deadline goes before that of all calls", limit, async () => {
  const { ask } = multiplexer(
    { only: { behaviour: { latencyMs: 600 } } },
    { timeouts: { totalMs: 200 } },
  );
  assert.equal(await ask({}, { multiplexer: { deadlineMs: 20_000 } }), "only");
});

test("among calls that wait, those with the higher priority go first", limit, async () => {
  const apiKey = newKey();
  const client = endpoint({ latencyMs: 150, text: "x" }, apiKey);
  const { ask } = multiplexer({ only: { client, maxConcurrent: 1 } }, { maxWaitMs: 20_000 });
  const order = [];
  const first = ask();
  await arrival(simulator, apiKey);
  const waiting = [-1, 0, 5, 1].map(async (priority) => {
    await ask({}, { multiplexer: { priority } });
    order.push(priority);
  });
  await Promise.all([first, ...waiting]);
  assert.deepEqual(order, [5, 1, 0, -1]);
});
