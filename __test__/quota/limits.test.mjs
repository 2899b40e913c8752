// Limits: how many requests go out, where the others go, and what is told of them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { hello, Multiplexer, newKey, rejection, requestsOf } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { status, targetsOf } from "../resilience/targets.mjs";
import OpenAI from "openai7";

let simulator;
let multiplexer;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer, endpoint } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 60_000 };

/** The limit of a day: no test of ours is likely to meet the end of one. */
const day = (most) => ({ limits: { rpd: most } });

for (const policy of ["compat", "resilient"]) {
  for (const how of ["endpoint", "native client", "delegated client"]) {
    const name = `40 calls at once against a limit of 20 send exactly 20 (${how}, ${policy})`;
    test(name, limit, async () => {
      const apiKey = newKey();
      const made = new Multiplexer({ policy, logger: false });
      const options = { ...day(20), transport: how === "delegated client" ? "client" : "auto" };
      const client =
        how === "endpoint"
          ? { baseURL: simulator.url, apiKey }
          : new OpenAI({ baseURL: simulator.url, apiKey, maxRetries: 0 });
      made.addModel(client, 1, "m", options);
      const calls = Array.from({ length: 40 }, () => made.chat.completions.create(hello));
      const settled = await Promise.allSettled(calls);
      const refused = settled.filter(({ status }) => status === "rejected");
      assert.equal(refused.length, 20);
      for (const { reason } of refused) {
        assert.equal(reason.name, "ModelSelectionError");
        assert.equal(reason.code, "at_capacity");
        assert.ok(reason.retryAfterMs > 0 && reason.retryAfterMs <= 86_400_000);
      }
      assert.equal((await requestsOf(simulator, apiKey)).length, 20);
      await made.close();
    });
  }
}

test(
  "what does not fit goes to the next target, and the report tells what is left",
  limit,
  async () => {
    const { made, ask, asked } = multiplexer({
      first: day(3),
      second: { limits: { rpd: { limit: 5, zone: "America/Los_Angeles" }, rph: 100 } },
    });
    for (let call = 0; call < 5; call += 1) await ask();
    assert.deepEqual(await asked(), { first: 3, second: 2 });
    const { first, second } = made.getQuota();
    const { resetsAt, ...left } = first[0];
    assert.deepEqual(left, {
      scope: "target",
      scopeName: "first",
      name: "rpd",
      limit: 3,
      remaining: 0,
    });
    assert.equal(resetsAt % 86_400_000, 0);
    assert.deepEqual(
      second.map(({ name, remaining }) => [name, remaining]),
      [
        ["rph", 98],
        ["rpd", 3],
      ],
    );
    const inLosAngeles = new Date(second[1].resetsAt).toLocaleTimeString("en-GB", {
      timeZone: "America/Los_Angeles",
    });
    assert.equal(inLosAngeles, "00:00:00");
    assert.deepEqual(
      made.getReport().map(({ state }) => state),
      ["at_capacity", "ready"],
    );
  },
);

test("targets that share a key share its limits", limit, async () => {
  const shared = { key: "team", sharedLimits: { key: { rpd: 4 } } };
  const { made, ask, asked } = multiplexer({
    one: { ...shared, ...day(3) },
    two: { key: "team" },
    other: {},
  });
  for (let call = 0; call < 6; call += 1) await ask();
  assert.deepEqual(await asked(), { one: 3, two: 1, other: 2 });
  assert.deepEqual(
    made.getQuota().two.map(({ scope, scopeName, remaining }) => [scope, scopeName, remaining]),
    [["key", "team", 0]],
  );
});

test(
  "a request is spent by whatever answer, and not by a connection that was refused",
  limit,
  async () => {
    const refusing = { baseURL: "http://127.0.0.1:1/v1", apiKey: newKey() };
    const { made, ask } = multiplexer({
      refusing: { client: refusing, ...day(5) },
      limited: { behaviour: { ...status(429), retryAfterMs: 1_000 }, ...day(5) },
      good: day(5),
    });
    await ask();
    const left = Object.values(made.getQuota()).map(([{ remaining }]) => remaining);
    assert.deepEqual(left, [5, 4, 4]);
  },
);

test(
  "tokens are reserved before the call and settled with the usage that is reported",
  limit,
  async () => {
    const { made, ask } = multiplexer({ only: { limits: { tpd: 10_000 } } });
    const remaining = () => made.getQuota().only[0].remaining;
    const calls = [ask({ max_tokens: 4_000 }), ask({ max_tokens: 4_000 })];
    assert.ok(remaining() < 2_000, `${remaining()}`);
    const refused = await rejection(ask({ max_tokens: 4_000 }));
    assert.equal(refused.code, "at_capacity");
    await Promise.all(calls);
    const { input, output } = made.getReport()[0].tokens.reported;
    assert.ok(input > 0 && output > 0);
    assert.equal(remaining(), 10_000 - input - output);
    assert.deepEqual(made.getReport()[0].tokens.estimated, { input: 0, output: 0 });
  },
);

test("under compat a refused connection is given back as well", limit, async () => {
  const made = new Multiplexer({ logger: false });
  made.addModel({ baseURL: "http://127.0.0.1:1/v1", apiKey: newKey() }, 1, "m", day(5));
  await rejection(made.chat.completions.create(hello, { maxRetries: 0 }));
  assert.equal(made.getQuota().m[0].remaining, 5);
});

/** A model of this day's limit that answers 503 every time, under compat. */
function failing(most) {
  const apiKey = newKey();
  const client = endpoint({ ...status(503), retryAfterMs: 10 }, apiKey);
  const made = new Multiplexer({ logger: false });
  made.addModel(client, 1, "m", day(most));
  return {
    ask: () => rejection(made.chat.completions.create(hello, { maxRetries: 2 })),
    sent: async () => (await requestsOf(simulator, apiKey)).length,
    left: () => made.getQuota().m[0].remaining,
  };
}

test("under compat the retries that the engine makes are counted", limit, async () => {
  const { ask, sent, left } = failing(9);
  assert.equal((await ask()).status, 503);
  assert.deepEqual([await sent(), left()], [3, 6]);
});

test("under compat no retry is made that the limit does not allow", limit, async () => {
  const { ask, sent, left } = failing(2);
  assert.equal((await ask()).status, 503);
  assert.deepEqual([await sent(), left()], [2, 0]);
});

test("under compat retries of what never left are not counted", limit, async () => {
  const made = new Multiplexer({ logger: false });
  made.addModel({ baseURL: "http://127.0.0.1:1/v1", apiKey: newKey() }, 1, "m", day(5));
  await rejection(made.chat.completions.create(hello, { maxRetries: 1 }));
  assert.equal(made.getQuota().m[0].remaining, 5);
});

test("every attempt under resilient is counted, retries too", limit, async () => {
  const behaviour = { text: "only", ...status(500) };
  const { made, ask, asked } = multiplexer({ only: { behaviour, ...day(9) }, spare: day(9) });
  await ask();
  await ask();
  const counts = await asked();
  const left = Object.values(made.getQuota()).map(([{ remaining }]) => remaining);
  assert.deepEqual(left, [9 - counts.only, 9 - counts.spare]);
  assert.ok(counts.only + counts.spare > 2);
});

test("a client that is called itself settles with what it returned", limit, async () => {
  const usage = { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 };
  const create = () => Promise.resolve({ choices: [], usage });
  const made = new Multiplexer({ policy: "resilient", logger: false });
  made.addModel({ chat: { completions: { create } } }, 1, "m", { limits: { tpd: 5_000, rpd: 9 } });
  await made.chat.completions.create(hello);
  const left = made.getQuota().m.map(({ name, remaining }) => [name, remaining]);
  assert.deepEqual(left, [
    ["rpd", 8],
    ["tpd", 4_958],
  ]);
});

for (const policy of ["compat", "resilient"]) {
  const name = `a stream of a client that is called itself settles with what it told (${policy})`;
  test(name, limit, async () => {
    const client = new OpenAI({ baseURL: simulator.url, apiKey: newKey() });
    const made = new Multiplexer({ policy, logger: false });
    made.addModel(client, 1, "m", { transport: "client", limits: { tpd: 100_000 } });
    const params = { ...hello, stream: true, stream_options: { include_usage: true } };
    let usage;
    for await (const chunk of await made.chat.completions.create(params)) usage = chunk.usage;
    assert.ok(usage.total_tokens > 0);
    assert.equal(made.getQuota().m[0].remaining, 100_000 - usage.total_tokens);
    assert.equal(made.getReport()[0].inFlight, 0);
  });
}

test(
  "a stream that may be read past its iterator is not taken to be under way",
  limit,
  async () => {
    const made = new Multiplexer({ policy: "resilient", logger: false });
    const create = async () => new Blob(["text"]).stream();
    made.addModel({ chat: { completions: { create } } }, 1, "m", { limits: { tpd: 100_000 } });
    const stream = await made.chat.completions.create(hello);
    assert.deepEqual(
      [
        made.getReport()[0].inFlight,
        Object.getOwnPropertySymbols(stream).includes(Symbol.asyncIterator),
      ],
      [0, false],
    );
    await stream.cancel();
  },
);

test("a stream that is left keeps its prompt and the tokens that came", limit, async () => {
  const behaviour = { tokens: 50, tokenIntervalMs: 20 };
  const { made, stream } = multiplexer({ only: { behaviour, limits: { tpd: 10_000 } } });
  let seen = 0;
  for await (const chunk of await stream()) {
    if (chunk.choices[0]?.delta.content) seen += 1;
    if (seen === 3) break;
  }
  const { reported, estimated } = made.getReport()[0].tokens;
  assert.deepEqual(reported, { input: 0, output: 0 });
  assert.ok(estimated.input > 0 && estimated.output >= 3 && estimated.output < 50);
  const spent = estimated.input + estimated.output;
  assert.equal(made.getQuota().only[0].remaining, 10_000 - spent);
});

test("a call waits until a limit that refills has enough", limit, async () => {
  const limits = { rpm: { limit: 120, window: "sliding" } };
  const { ask, asked } = multiplexer({ only: { limits } }, { maxWaitMs: 20_000 });
  await Promise.all(Array.from({ length: 123 }, () => ask()));
  assert.deepEqual(await asked(), { only: 123 });
});

test("what a call gives back is had by one that waits for tokens", limit, async () => {
  const { ask } = multiplexer({ only: { limits: { tpd: 5_000 } } }, { maxWaitMs: 20_000 });
  const both = await Promise.all([ask({ max_tokens: 4_000 }), ask({ max_tokens: 4_000 })]);
  assert.deepEqual(both, ["only", "only"]);
});

test("replaced models keep what they have spent", limit, async () => {
  const { made, ask } = multiplexer({ only: day(3) });
  await ask();
  const client = endpoint({ text: "only" });
  made.updateModels({ models: [{ client, weight: 1, modelName: "only", limits: { rpd: 2 } }] });
  assert.equal(made.getQuota().only[0].remaining, 1);
  made.removeModel("only");
  made.addModel(client, 1, "only", day(2));
  assert.equal(made.getQuota().only[0].remaining, 1);
});

test("updateModels() says all: limits that it does not name are none", limit, async () => {
  const { made, ask } = multiplexer({
    own: day(1),
    one: { key: "k", sharedLimits: { key: { rpd: 1, concurrent: 1 } } },
    two: { key: "k" },
  });
  for (let call = 0; call < 2; call += 1) await ask();
  await assert.rejects(ask(), { code: "at_capacity" });
  const model = (id, options) => ({ client: endpoint(), weight: 1, modelName: id, ...options });
  const update = (own, one) =>
    made.updateModels({
      models: [model("own", own), model("one", one), model("two", { key: "k" })],
    });
  update({}, { key: "k" });
  assert.deepEqual(made.getQuota(), { own: [], one: [], two: [] });
  await Promise.all([ask(), ask(), ask()]);
  // What was spent within the limits is not forgotten.
  update(day(2), { key: "k", sharedLimits: { key: { rpd: 1 } } });
  const left = Object.values(made.getQuota()).map(([{ remaining }]) => remaining);
  assert.deepEqual(left, [1, 0, 0]);
});

for (const policy of ["compat", "resilient"]) {
  for (const [what, apiKey, options] of [
    ["a signal that is aborted before", "sk-any", { signal: AbortSignal.abort() }],
    ["a function that tells no key", () => assert.fail("no key"), undefined],
  ]) {
    test(`a call that is not sent for ${what} uses nothing up (${policy})`, limit, async () => {
      const made = new Multiplexer({ policy, logger: false });
      made.addModel({ baseURL: simulator.url, apiKey }, 1, "m", day(3));
      await rejection(made.chat.completions.create(hello, options));
      assert.equal(made.getReport()[0].limits[0].remaining, 3);
      await made.close();
    });
  }
}
