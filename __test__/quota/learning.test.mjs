// Limits that providers tell of in headers: calls go elsewhere before the first 429.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  collect,
  hello,
  Multiplexer,
  newClient,
  newKey,
  requestsOf,
  simulate,
  versions,
} from "../clients/sdks.mjs";
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
    assert.equal(made.getReport()[0].state, "at_capacity");
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

/** A multiplexer of a client that is called itself and tells of three requests a minute, and a spare. */
function withDelegated(client) {
  const made = new Multiplexer({ policy: "resilient", strategy: "priority", logger: false });
  made.addModel(client, 1, "m", { id: "told", transport: "client" });
  made.addModel({ baseURL: simulator.url, apiKey: newKey() }, 1, "m", { id: "spare" });
  return made;
}

const clientOf = (version, behaviour) =>
  newClient(version, simulator, { defaultHeaders: simulate(behaviour) });

for (const version of versions) {
  for (const stream of [false, true]) {
    const what = stream ? "streams" : "replies";
    test(
      `what the headers of a called openai ${version} tell is learned (${what})`,
      limit,
      async () => {
        const client = clientOf(version, tells("openai", 3).behaviour);
        const made = withDelegated(client);
        for (let call = 0; call < 5; call += 1) {
          const promise = made.chat.completions.create({ ...hello, stream });
          const answer = await promise;
          if (stream) assert.ok((await collect(answer)).length > 0);
          else assert.ok(answer.choices[0].message.content);
        }
        const [told, spare] = made.getReport();
        assert.deepEqual([told.outcomes.success, spare.outcomes.success], [3, 2]);
        assert.equal(told.state, "at_capacity");
        assert.equal((await requestsOf(simulator, client.apiKey)).length, 3);
      },
    );
  }
}

for (const transport of ["client", "native"]) {
  test(`a refusal that is not for a limit tells of limits too (${transport})`, limit, async () => {
    const client = clientOf(7, {
      fault: { kind: "status", status: 404 },
      headers: {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "1h",
      },
    });
    const made = new Multiplexer({ policy: "resilient", logger: false });
    made.addModel(client, 1, "m", { transport });
    await assert.rejects(made.chat.completions.create(hello), { status: 404 });
    made.endRests();
    await assert.rejects(made.chat.completions.create(hello), { code: "at_capacity" });
  });
}

const reply = { choices: [{ message: { role: "assistant", content: "mine" } }] };
const odd = {
  "never comes": () => new Promise(() => undefined),
  throws: () => {
    throw new Error("not here");
  },
  rejects: () => Promise.reject(new Error("not here")),
  "is nothing": () => undefined,
  "has no headers": () => Promise.resolve({ headers: 7 }),
};
for (const [how, asResponse] of Object.entries(odd)) {
  test(`a called client's answer is the caller's though its response ${how}`, limit, async () => {
    const create = () => Object.assign(Promise.resolve(reply), { asResponse });
    const made = withDelegated({ chat: { completions: { create } } });
    assert.equal(await made.chat.completions.create(hello), reply);
    assert.equal(made.getReport()[0].inFlight, 0);
  });
}

test("a multiplexer that is called as a client is heard as well", limit, async () => {
  const inner = new Multiplexer({ logger: false });
  const { behaviour } = tells("openai", 3);
  const inside = { baseURL: simulator.url, apiKey: newKey(), headers: simulate(behaviour) };
  inner.addModel(inside, 1, "m");
  const made = withDelegated(inner);
  for (let call = 0; call < 4; call += 1) {
    const answer = await made.chat.completions.create({ ...hello, stream: true });
    assert.ok((await collect(answer)).length > 0);
  }
  const [told, spare] = made.getReport();
  assert.deepEqual([told.outcomes.success, spare.outcomes.success], [3, 1]);
});
