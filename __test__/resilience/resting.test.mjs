// Who rests after a failure, for how long, and how it comes back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { rejection, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { refusal, status, targetsOf } from "./targets.mjs";

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

test("a bad key rests the targets of that key and no other", limit, async () => {
  const { ask, states, asked } = multiplexer({
    bad: { behaviour: status(401), key: "one", provider: "p" },
    sibling: { key: "one", provider: "p" },
    spare: { key: "two", provider: "p" },
  });
  assert.equal(await ask(), "spare");
  assert.deepEqual(states(), { bad: "resting", sibling: "resting", spare: "ready" });
  assert.deepEqual(await asked(), { bad: 1, sibling: 0, spare: 1 });
});

test("a key that is not named is nobody else's", limit, async () => {
  const { ask, states } = multiplexer({ bad: { behaviour: status(401) }, sibling: {} });
  assert.equal(await ask(), "sibling");
  assert.deepEqual(states(), { bad: "resting", sibling: "ready" });
});

test("a quota that is used up rests the account, for minutes", limit, async () => {
  const { ask, states, rests } = multiplexer({
    empty: { behaviour: refusal("deepseek", "quotaUsedUp"), key: "one", account: "a" },
    sibling: { key: "two", account: "a" },
    other: { key: "three", account: "b" },
  });
  assert.equal(await ask(), "other");
  assert.deepEqual(states(), { empty: "resting", sibling: "resting", other: "ready" });
  assert.ok(rests().sibling > 200_000, `${rests().sibling} ms`);
});

test("an overloaded model rests with its provider's targets of that model", limit, async () => {
  const { ask, states } = multiplexer({
    busy: { behaviour: refusal("anthropic", "overloaded"), model: "m", provider: "p", key: "a" },
    same: { model: "m", provider: "p", key: "b" },
    otherModel: { model: "n", provider: "p", key: "a" },
    elsewhere: { model: "m", provider: "q", key: "c" },
  });
  assert.equal(await ask(), "otherModel");
  const { busy, same, otherModel, elsewhere } = states();
  assert.deepEqual([busy, same], ["resting", "resting"]);
  assert.deepEqual([otherModel, elsewhere], ["ready", "ready"]);
});

test("a rate limit rests its target alone", limit, async () => {
  const { ask, states } = multiplexer({
    limited: { behaviour: refusal("openai", "rateLimited"), key: "a", account: "b", provider: "p" },
    sibling: { key: "a", account: "b", provider: "p" },
  });
  assert.equal(await ask(), "sibling");
  assert.deepEqual(states(), { limited: "resting", sibling: "ready" });
});

test("rests grow as failures follow each other", limit, async () => {
  const cooldown = { minMs: 0, maxMs: 3_600_000 };
  const { made, ask, rests } = multiplexer(
    { down: { behaviour: status(503) }, spare: {} },
    { cooldown },
  );
  const spans = [];
  for (let failures = 0; failures < 3; failures++) {
    assert.equal(await ask(), "spare");
    spans.push(rests().down);
    await until(() => made.getReport()[0].state !== "resting", "the rest is over");
  }
  // One second, two, four, each up to a quarter less; some of it is over when it is looked at.
  assert.ok(spans[1] > spans[0] && spans[2] > spans[1], String(spans));
  assert.ok(spans[0] <= 1_000 && spans[1] <= 2_000 && spans[2] <= 4_000, String(spans));
});

test(
  "one call finds out whether a target is back, and the others go on elsewhere",
  limit,
  async () => {
    const behaviour = {
      faults: [
        { kind: "status", status: 429 },
        { kind: "slowFirstToken", ms: 700 },
      ],
      retryAfterMs: 300,
    };
    const { made, ask, asked, states } = multiplexer({ first: { behaviour }, spare: {} });
    assert.equal(await ask(), "spare");
    await until(() => states().first !== "resting", "the rest is over");
    const probe = ask();
    await until(() => states().first === "probing", "a call is on its way to the target");
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ["spare", "spare", "spare"]);
    assert.equal(await probe, "first");
    assert.equal(states().first, "ramping");
    assert.equal((await asked()).first, 2);
    assert.equal(made.getReport()[0].inFlight, 0);
  },
);

test("a probe that is left by its caller judges nothing", limit, async () => {
  const behaviour = {
    faults: [{ kind: "status", status: 429 }, { kind: "noAnswer" }],
    retryAfterMs: 250,
  };
  const { ask, asked, states, outcomes } = multiplexer({ first: { behaviour }, spare: {} });
  assert.equal(await ask(), "spare");
  await until(() => states().first !== "resting", "the rest is over");
  const controller = new AbortController();
  const probe = ask({}, { signal: controller.signal });
  await until(async () => (await asked()).first === 2, "the probe has arrived");
  assert.equal(states().first, "probing");
  controller.abort();
  await rejection(probe);
  assert.equal(await ask(), "first");
  assert.deepEqual(outcomes("first"), { rate_limited: 1, aborted: 1, success: 1 });
});

test("a lone failure that a second try makes good rests nobody", limit, async () => {
  const behaviour = { faults: [{ kind: "status", status: 500 }] };
  const { ask, states, asked, outcomes } = multiplexer({ only: { behaviour } });
  assert.equal(await ask(), "only");
  assert.deepEqual(states(), { only: "ready" });
  assert.deepEqual(await asked(), { only: 2 });
  assert.deepEqual(outcomes("only"), { unavailable: 1, success: 1 });
});

test("the report has what the types say", limit, async () => {
  const { made, ask } = multiplexer({
    down: { behaviour: status(503) },
    spare: { behaviour: { latencyMs: 30 } },
  });
  const unasked = {
    state: "ready",
    restsUntil: undefined,
    inFlight: 0,
    outcomes: {},
    firstTokenMs: undefined,
    durationMs: undefined,
    tokens: { reported: { input: 0, output: 0 }, estimated: { input: 0, output: 0 } },
  };
  assert.deepEqual(made.getReport(), [
    { id: "down", ...unasked },
    { id: "spare", ...unasked },
  ]);
  await ask();
  const [down, spare] = made.getReport();
  assert.deepEqual(down.outcomes, { overloaded: 1 });
  assert.equal(down.state, "resting");
  assert.ok(down.restsUntil > Date.now() - 1_000 && down.restsUntil < Date.now() + 2_000);
  assert.deepEqual(spare.outcomes, { success: 1 });
  const { p50, p95, p99 } = spare.durationMs;
  assert.ok(p50 > 0 && p50 <= p95 && p95 <= p99, JSON.stringify(spare.durationMs));
});

test("where every target has failed, the last failure is the caller's", limit, async () => {
  const { ask, asked } = multiplexer({
    limited: { behaviour: refusal("openai", "rateLimited") },
    broken: { behaviour: status(500) },
  });
  const error = await rejection(ask());
  assert.equal(error.name, "InternalServerError");
  assert.deepEqual(await asked(), { limited: 1, broken: 2 });
  const resting = await rejection(ask());
  assert.equal(resting.name, "ModelSelectionError");
  assert.ok(resting.retryAfterMs > 0 && resting.retryAfterMs <= 1_000, `${resting.retryAfterMs}`);
});
