// Deadlines where the engine does not see the answer: of clients that are called themselves, and of
// responses whose body is their reader's.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  collect,
  departure,
  hello,
  newClient,
  newKey,
  rejection,
  simulate,
  textOf,
  until,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { targetsOf } from "./targets.mjs";

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

/** A target whose own client is called. */
function called(behaviour, apiKey = newKey()) {
  const client = newClient(7, simulator, { apiKey, defaultHeaders: simulate(behaviour) });
  return { client, transport: "client" };
}

/** A client that never answers and does not look at its signal. */
const deaf = { chat: { completions: { create: () => new Promise(() => {}) } } };

test("a client that is called itself is left when the call's time is over", limit, async () => {
  const key = newKey();
  const { ask, outcomes, made } = multiplexer(
    { only: called({ fault: { kind: "noAnswer" } }, key) },
    { timeouts: { totalMs: 2_000 } },
  );
  const error = await rejection(ask());
  assert.equal(error.name, "APIConnectionTimeoutError");
  await departure(simulator, key);
  assert.deepEqual(outcomes("only"), { timed_out: 1 });
  assert.equal(made.getReport()[0].inFlight, 0);
});

test("a client that looks at no signal is waited for no longer", limit, async () => {
  const { ask } = multiplexer({ only: { client: deaf } });
  const began = performance.now();
  const error = await rejection(ask({}, { multiplexer: { deadlineMs: 200 } }));
  assert.equal(error.name, "APIConnectionTimeoutError");
  assert.ok(performance.now() - began < 10_000);
});

test(
  "a client that has not begun a stream by firstTokenMs gives way to the next",
  limit,
  async () => {
    const { stream, outcomes, states } = multiplexer(
      { first: called({ latencyMs: 20_000 }), spare: {} },
      { timeouts: { firstTokenMs: 1_500 } },
    );
    assert.equal(textOf(await collect(await stream())), "spare");
    assert.deepEqual(outcomes("first"), { timed_out: 1 });
    assert.deepEqual(states(), { first: "resting", spare: "ready" });
  },
);

test(
  "a client in time is given its time, and the caller's signal still counts",
  limit,
  async () => {
    const { ask, stream } = multiplexer(
      { only: called({ text: "only", latencyMs: 100 }) },
      { timeouts: { totalMs: 20_000, firstTokenMs: 10_000 } },
    );
    assert.equal(await ask(), "only");
    assert.equal(textOf(await collect(await stream())), "only");
    const controller = new AbortController();
    const left = rejection(ask({}, { signal: controller.signal }));
    controller.abort();
    assert.equal((await left).message, "Request aborted");
  },
);

const raw = (made, behaviour, body = {}) =>
  made.fetch("http://any/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json", ...simulate(behaviour) },
    body: JSON.stringify({ ...hello, stream: true, ...body }),
  });

test("a response whose body stalls breaks off, and its target rests", limit, async () => {
  const { made, outcomes, states } = multiplexer({ only: {} }, { timeouts: { stallMs: 1_000 } });
  const response = await raw(made, { tokens: 10, fault: { kind: "stall", afterTokens: 3 } });
  const reader = response.body.getReader();
  const read = [];
  const error = await rejection(
    (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        read.push(value);
      }
    })(),
  );
  assert.ok(error instanceof Error);
  assert.match(Buffer.concat(read).toString(), /data: /);
  assert.deepEqual(outcomes("only"), { truncated: 1 });
  assert.deepEqual(states(), { only: "resting" });
});

test("a response whose body takes longer than the call may breaks off", limit, async () => {
  const { made, outcomes } = multiplexer({ only: {} }, { timeouts: { totalMs: 2_000 } });
  const response = await raw(made, { tokens: 100_000, tokenIntervalMs: 20 });
  assert.ok((await rejection(response.text())) instanceof Error);
  assert.deepEqual(outcomes("only"), { truncated: 1 });
});

test("a response that is read slowly does not stall", limit, async () => {
  const { made, outcomes } = multiplexer({ only: {} }, { timeouts: { stallMs: 1_000 } });
  const response = await raw(made, { tokens: 5_000 });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.match(await response.text(), /\[DONE\]/);
  await until(() => outcomes("only").success === 1, "it is counted");
});
