// What counts as an answer where JSON was asked for, under "resilient".

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { hello, rejection } from "../clients/sdks.mjs";
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

const reply = (more) => ({ choices: [{ message: { content: "first" }, ...more }] });
const table = [
  ["an answer without finish_reason", reply(), "first"],
  ["an answer that says that there is no error", { ...reply(), error: null }, "first"],
  ["an answer about errors", reply({ note: '{"error":{"message":"x"}}' }), "first"],
  ["an error with status 200", { error: { message: "no", code: "server_error" } }, "spare"],
  ["an error beside an answer", { ...reply(), error: { message: "no" } }, "spare"],
  ["a choice that has failed", reply({ finish_reason: "error" }), "spare"],
];

for (const [what, body, answer] of table) {
  test(`${what} is ${answer === "first" ? "an answer" : "none"}`, limit, async () => {
    const behaviour = { fault: { kind: "status", status: 200, body } };
    const { ask } = multiplexer({ first: { behaviour }, spare: {} });
    assert.equal(await ask(), answer);
  });
}

test("a body that claims to be no JSON is handed on", limit, async () => {
  const behaviour = { contentType: "text/plain" };
  const { made, outcomes } = multiplexer({ first: { behaviour }, spare: {} });
  assert.equal(typeof (await made.chat.completions.create(hello)), "string");
  assert.deepEqual(outcomes("first"), { success: 1 });
});

test("an error with status 200 is the caller's where there is no other target", limit, async () => {
  const body = { error: { message: "Overloaded", type: "overloaded_error" } };
  const behaviour = { fault: { kind: "status", status: 200, body } };
  const { ask, outcomes } = multiplexer({ only: { behaviour } });
  const error = await rejection(ask());
  assert.match(error.message, /Overloaded/);
  assert.deepEqual(outcomes("only"), { overloaded: 1 });
});

test(
  "silence within a JSON answer is not waited out, white space is no silence",
  limit,
  async () => {
    const timeouts = { stallMs: 1_500 };
    const silent = { fault: { kind: "stall" } };
    const stalled = multiplexer({ first: { behaviour: silent }, spare: {} }, { timeouts });
    assert.equal(await stalled.ask(), "spare");
    assert.deepEqual(stalled.outcomes("first"), { timed_out: 1 });
    const spaced = { fault: { kind: "pings", ms: 300, count: 8 } };
    const steady = multiplexer({ first: { behaviour: spaced }, spare: {} }, { timeouts });
    assert.equal(await steady.ask(), "first");
  },
);
