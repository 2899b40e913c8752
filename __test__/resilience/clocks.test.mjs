// Clocks that are set, replaced or stopped: a rest lasts as long as it was meant to.

import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";

import { Multiplexer, hello, newKey, simulate, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 30_000 };
const real = Date.now;

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());
afterEach(() => (Date.now = real));

/** Two targets, the first of which is limited once and says for how long. */
function limitedOnce(retryAfterMs, options) {
  const made = new Multiplexer({
    policy: "resilient",
    strategy: "priority",
    logger: false,
    ...options,
  });
  const add = (id, behaviour) => {
    const endpoint = { baseURL: simulator.url, apiKey: newKey(), headers: simulate(behaviour) };
    made.addModel(endpoint, 1, id, { id });
  };
  const headers = { "retry-after-ms": String(retryAfterMs) };
  add("limited", { text: "limited", faults: [{ kind: "status", status: 429 }], headers });
  if (options?.maxWaitMs === undefined) add("spare", { text: "spare" });
  const ask = async () =>
    (await made.chat.completions.create(hello)).choices[0].message.content.trim();
  const read = async () => {
    let text = "";
    for await (const chunk of await made.chat.completions.create({ ...hello, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    return text.trim();
  };
  return { made, ask, read, state: () => made.getReport()[0].state };
}

for (const policy of ["compat", "resilient"]) {
  const options = {
    policy,
    ...(policy === "compat" ? { cooldown: { minMs: 1, maxMs: 9e5 } } : {}),
  };

  test(`a clock that is set back by 90 s ends no rest: ${policy}`, limit, async () => {
    const { ask, read, state } = limitedOnce(60_000, options);
    assert.equal(await ask(), "spare");
    Date.now = () => real() - 90_000;
    for (const again of [ask, read, ask, read]) assert.equal(await again(), "spare");
    assert.equal(state(), "resting");
  });

  test(`a clock that is set back by 90 s prolongs no rest: ${policy}`, limit, async () => {
    const { ask, read } = limitedOnce(1_000, options);
    assert.equal(await ask(), "spare");
    Date.now = () => real() - 90_000;
    assert.equal(await read(), "spare");
    await until(async () => (await ask()) === "limited", "the target is back");
  });

  test(`a clock that stands still, years ago, ends no rest: ${policy}`, limit, async () => {
    Date.now = () => 1_600_000_000_000;
    const { ask, read, state } = limitedOnce(60_000, options);
    for (const again of [ask, read, ask, read]) assert.equal(await again(), "spare");
    assert.equal(state(), "resting");
    Date.now = () => 1_600_000_061_000;
    assert.equal(await ask(), "limited");
  });
}

test("a call waits out a rest though the clock was set back meanwhile", limit, async () => {
  const { ask } = limitedOnce(1_500, { maxWaitMs: 10_000 });
  const began = performance.now();
  const first = ask();
  await until(() => performance.now() - began > 500, "it waits");
  Date.now = () => real() - 90_000;
  const second = ask();
  assert.deepEqual(await Promise.all([first, second]), ["limited", "limited"]);
  const took = performance.now() - began;
  assert.ok(took > 1_400, `${took} ms`);
});
