// The deadline for the first token that is learned from earlier streams.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { collect, hello, newKey, textOf } from "../clients/sdks.mjs";
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

const usual = { tokens: 2, firstTokenMs: 5 };
const late = { tokens: 2, firstTokenMs: 3_000 };

/** Two targets, the first of which has answered `count` streams and is late from now on. */
async function taught(count, ofFirst, options) {
  const made = multiplexer(
    {
      first: { client: { baseURL: simulator.url, apiKey: newKey() }, ...ofFirst },
      spare: { behaviour: { text: "spare" } },
    },
    options,
  );
  const ask = async (behaviour) => {
    const headers = { "x-simulate": JSON.stringify(behaviour) };
    const stream = await made.made.chat.completions.create({ ...hello, stream: true }, { headers });
    return textOf(await collect(stream));
  };
  await Promise.all(Array.from({ length: count }, () => ask(usual)));
  assert.deepEqual(made.outcomes("first"), { success: count });
  return { ...made, askLate: () => ask(late) };
}

test("a stream much later than those before goes to another target", limit, async () => {
  const { askLate, outcomes } = await taught(60);
  // The call's own header makes the spare one as late, which has learned nothing.
  await askLate();
  assert.deepEqual(outcomes("first"), { success: 60, timed_out: 1 });
  assert.deepEqual(outcomes("spare"), { success: 1 });
});

for (const [what, count, ofFirst, options] of [
  ["fewer than 50 streams teach nothing", 40],
  ["a model that thinks is waited for", 60, { reasoning: true }],
  ["a model whose name says that it thinks is waited for", 60, { model: "openai/o3-mini" }],
  ["a deadline of 0 is none", 60, {}, { timeouts: { firstTokenMs: 0 } }],
]) {
  test(what, limit, async () => {
    const { askLate, outcomes } = await taught(count, ofFirst, options);
    await askLate();
    assert.deepEqual(outcomes("first"), { success: count + 1 });
  });
}

test(
  "a model whose name would say so does not think if its options say otherwise",
  limit,
  async () => {
    const { askLate, outcomes } = await taught(60, { model: "o3-mini", reasoning: false });
    await askLate();
    assert.deepEqual(outcomes("first"), { success: 60, timed_out: 1 });
  },
);
