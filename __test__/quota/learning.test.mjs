// Limits that providers tell of in headers: calls go elsewhere before the first 429.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startSimulator } from "../support/simulator.mjs";
import { targetsOf } from "../resilience/targets.mjs";

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 60_000 };

const tells = (headers, rpm) => ({
  behaviour: { limits: { rpm, windowMs: 60_000 }, limitHeaders: headers },
});

for (const headers of ["openai", "anthropic", "cerebras"]) {
  test(`what ${headers} tells of its limit keeps the 429 from coming`, limit, async () => {
    const { made, ask, asked, outcomes } = multiplexer({ first: tells(headers, 3), second: {} });
    for (let call = 0; call < 5; call += 1) await ask();
    assert.deepEqual(await asked(), { first: 3, second: 2 });
    assert.deepEqual(outcomes("first"), { success: 3 });
    assert.equal(made.getReport()[0].state, "atCapacity");
  });
}

test("under compat headers are not looked at", limit, async () => {
  const targets = { first: tells("openai", 3) };
  const { made, ask, asked } = multiplexer(targets, { policy: "compat" });
  for (let call = 0; call < 3; call += 1) await ask();
  assert.equal(made.getReport()[0].state, "ready");
  assert.deepEqual(await asked(), { first: 3 });
});

test("least-used asks whom the largest part of its limit is left to", limit, async () => {
  const { ask, asked } = multiplexer(
    { small: { limits: { rpd: 4 } }, large: { limits: { rpd: 12 } } },
    { strategy: "least-used" },
  );
  for (let call = 0; call < 8; call += 1) await ask();
  assert.deepEqual(await asked(), { small: 2, large: 6 });
});

test("least-used goes by what providers tell as well", limit, async () => {
  const { ask, asked } = multiplexer(
    { told: tells("openai", 4), known: { limits: { rpd: 8 } } },
    { strategy: "least-used" },
  );
  for (let call = 0; call < 6; call += 1) await ask();
  assert.deepEqual(await asked(), { told: 2, known: 4 });
});
