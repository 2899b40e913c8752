// A second target beside one that is late.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  arrival,
  collect,
  departure,
  hello,
  newClient,
  newKey,
  ours,
  rejection,
  requestsOf,
  simulate,
  textOf,
  until,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { targetsOf } from "./targets.mjs";

const { reportOf } = ours;

let simulator;
let multiplexer;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer, endpoint } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

/**
 * A first target that has answered 50 times at once and then is as `late` says, and a second one
 * that behaves as `second` says.
 */
async function taught({ late, second, shared = {}, params = {}, options, isJson, version }) {
  const keys = { first: newKey(), second: newKey() };
  const toClient = (id, behaviour) =>
    version === undefined
      ? endpoint({ text: id, ...behaviour }, keys[id])
      : newClient(version, simulator, {
          apiKey: keys[id],
          defaultHeaders: simulate({ text: id, ...behaviour }),
        });
  const toModel = (id, behaviour) => ({
    client: toClient(id, behaviour),
    weight: 1,
    modelName: id,
    id,
    ...shared,
  });
  const made = multiplexer({}, { hedge: { share: 1 }, timeouts: { firstTokenMs: 0 }, ...options });
  const call = (callOptions) =>
    made.made.chat.completions.create({ ...hello, stream: !isJson, ...params }, callOptions);
  const read = async (answer) =>
    isJson ? answer.choices[0].message.content : textOf(await collect(answer));
  const update = (behaviour) =>
    made.made.updateModels({ models: [toModel("first", behaviour), toModel("second", second)] });
  update({ firstTokenMs: 2 });
  // The fiftieth answer tells what is late.
  for (let count = 0; count < 50; count++) assert.equal(await read(await call()), "first");
  // What is known of a target stays with its id.
  update(late);
  return { ...made, keys, call, read };
}

const slow = { firstTokenMs: 20_000 };
const sluggish = { firstTokenMs: 700 };

test(
  "a stream that is late is answered by the second target, and the first is left",
  limit,
  async () => {
    const { made, call, read, keys, outcomes, states } = await taught({ late: slow });
    const heard = [];
    made.on("hedge", (event) => heard.push(event));
    const stream = await call();
    assert.equal(await read(stream), "second");
    await until(
      async () => (await requestsOf(simulator, keys.first)).at(-1).clientLeft,
      "it is left",
    );
    assert.deepEqual(outcomes("first"), { success: 50, aborted: 1 });
    assert.deepEqual(outcomes("second"), { success: 1 });
    assert.deepEqual(states(), { first: "ready", second: "ready" });
    const { id, attempts } = reportOf(stream);
    assert.equal(id, "second");
    assert.deepEqual(
      attempts.map(({ id, outcome }) => [id, outcome]),
      [
        ["first", "aborted"],
        ["second", "success"],
      ],
    );
    assert.ok(attempts[0].tokens.isEstimated);
    assert.equal(heard.length, 1);
    assert.equal(heard[0].id, "second");
    assert.ok(heard[0].afterMs >= 0);
    assert.deepEqual(
      made.getReport().map(({ inFlight }) => inFlight),
      [0, 0],
    );
  },
);

test("a JSON answer that is late is as well", limit, async () => {
  const { call, read, outcomes } = await taught({ late: { latencyMs: 20_000 }, isJson: true });
  assert.equal(await read(await call()), "second");
  assert.deepEqual(outcomes("first"), { success: 50, aborted: 1 });
  assert.deepEqual(outcomes("second"), { success: 1 });
});

test("the first target wins if it answers first, and the second is left", limit, async () => {
  const { call, read, keys, outcomes } = await taught({ late: sluggish, second: slow });
  const stream = await call();
  assert.equal(await read(stream), "first");
  await departure(simulator, keys.second);
  assert.deepEqual(outcomes("first"), { success: 51 });
  assert.deepEqual(outcomes("second"), { aborted: 1 });
  assert.equal(reportOf(stream).id, "first");
});

test(
  "the stream of a second target that has won goes on elsewhere when it breaks off",
  limit,
  async () => {
    const text = "one two three four five six seven eight nine ten";
    const { made, call, read } = await taught({
      late: { text, ...sluggish },
      second: { text, tokenIntervalMs: 20, fault: { kind: "cut", afterTokens: 5, first: 1 } },
      options: { midStream: "recover" },
    });
    const heard = [];
    made.on("recovery", ({ id }) => heard.push(id));
    const stream = await call();
    assert.equal(await read(stream), text);
    const { attempts } = reportOf(stream);
    assert.deepEqual(
      attempts.map(({ id, outcome }) => `${id} ${outcome}`),
      ["first aborted", "second interrupted", "first success"],
    );
    assert.deepEqual(heard, ["first"]);
    assert.deepEqual(
      made.getReport().map(({ inFlight }) => inFlight),
      [0, 0],
    );
  },
);

test("an error of the second target does not win, and lets it rest", limit, async () => {
  const fault = { kind: "status", status: 429 };
  const { call, read, outcomes, states } = await taught({ late: sluggish, second: { fault } });
  assert.equal(await read(await call()), "first");
  assert.deepEqual(outcomes("first"), { success: 51 });
  assert.deepEqual(outcomes("second"), { rate_limited: 1 });
  assert.deepEqual(states(), { first: "ready", second: "resting" });
});

test("an error of the first target waits for the second", limit, async () => {
  const fault = { kind: "status", status: 500 };
  const { call, read, outcomes } = await taught({
    late: { latencyMs: 500, fault },
    second: { firstTokenMs: 1_000 },
  });
  assert.equal(await read(await call()), "second");
  assert.deepEqual(outcomes("first"), { success: 50, unavailable: 1 });
  assert.deepEqual(outcomes("second"), { success: 1 });
});

test("when both fail, it is as if the first had failed alone", limit, async () => {
  const fault = { kind: "status", status: 401 };
  const { call, outcomes, keys } = await taught({
    late: { latencyMs: 500, fault },
    second: { fault },
  });
  const error = await rejection(call());
  assert.equal(error.status, 401);
  assert.deepEqual(outcomes("first"), { success: 50, bad_credentials: 1 });
  assert.deepEqual(outcomes("second"), { bad_credentials: 1 });
  assert.equal((await requestsOf(simulator, keys.second)).length, 1);
});

for (const [what, ofBoth] of [
  ["provider", { provider: "one" }],
  ["account", { account: "one" }],
  ["key", { key: "one" }],
]) {
  test(`a target of the same ${what} is not asked beside it`, limit, async () => {
    const { call, read, keys } = await taught({ late: sluggish, shared: ofBoth });
    assert.equal(await read(await call()), "first");
    assert.deepEqual(await requestsOf(simulator, keys.second), []);
  });
}

test("what must not be executed twice is not", limit, async () => {
  const { call, read, keys } = await taught({ late: sluggish, params: { store: true } });
  assert.equal(await read(await call()), "first");
  assert.deepEqual(await requestsOf(simulator, keys.second), []);
});

test("no more than a share of the calls is doubled", limit, async () => {
  const { call, read, keys } = await taught({
    late: sluggish,
    options: { hedge: { share: 0.02 } },
  });
  const answers = Array.from({ length: 3 }, async () => read(await call()));
  const texts = await Promise.all(answers);
  assert.equal(texts.filter((text) => text === "second").length, 1);
  assert.equal((await requestsOf(simulator, keys.second)).length, 1);
});

test("without the option nobody is asked beside", limit, async () => {
  const { call, read, keys } = await taught({ late: sluggish, options: { hedge: false } });
  assert.equal(await read(await call()), "first");
  assert.deepEqual(await requestsOf(simulator, keys.second), []);
});

test("a call that is left while both are asked leaves both", limit, async () => {
  const { made, call, keys, outcomes } = await taught({ late: slow, second: slow });
  const controller = new AbortController();
  const left = rejection(call({ signal: controller.signal }));
  await arrival(simulator, keys.second);
  controller.abort();
  assert.match((await left).message, /abort/i);
  await departure(simulator, keys.second);
  await until(
    async () => (await requestsOf(simulator, keys.first)).at(-1).clientLeft,
    "it is left",
  );
  assert.deepEqual(outcomes("first"), { success: 50, aborted: 1 });
  assert.deepEqual(outcomes("second"), { aborted: 1 });
  assert.deepEqual(
    made.getReport().map(({ inFlight }) => inFlight),
    [0, 0],
  );
});

test(
  "a call that is left in the tick in which the second target wins leaves both",
  limit,
  async () => {
    const { made, call, keys, outcomes } = await taught({
      late: slow,
      second: { text: "word ".repeat(2_000), tokenIntervalMs: 5 },
    });
    const controller = new AbortController();
    const ended = [];
    made.on("attemptEnded", ({ id, outcome }) => {
      ended.push([id, outcome]);
      // The second target has just won: the caller has not been given its stream.
      if (id === "first") controller.abort();
    });
    const chunks = await call({ signal: controller.signal }).then(collect, () => []);
    assert.ok(chunks.length < 1_000, `${chunks.length} chunks`);
    for (const key of [keys.first, keys.second]) {
      await until(
        async () => (await requestsOf(simulator, key)).at(-1).clientLeft,
        `${key} is left`,
      );
    }
    await until(() => ended.length === 2, "both are told");
    assert.deepEqual(ended, [
      ["first", "aborted"],
      ["second", "aborted"],
    ]);
    assert.deepEqual(outcomes("first"), { success: 50, aborted: 1 });
    // Its stream had been opened, and counts as any stream that is left by its reader.
    assert.deepEqual(outcomes("second"), { success: 1 });
    assert.deepEqual(
      made.getReport().map(({ inFlight }) => inFlight),
      [0, 0],
    );
  },
);

test("a second target is given a slot of its own, and none where it is full", limit, async () => {
  const { call, read, keys, made } = await taught({
    late: sluggish,
    second: slow,
    shared: { maxConcurrent: 1 },
  });
  const stream = await call();
  assert.equal(await read(stream), "first");
  assert.equal((await requestsOf(simulator, keys.second)).length, 1);
  await until(() => made.getReport().every(({ inFlight }) => inFlight === 0), "slots are back");
});

for (const version of versions) {
  test(`clients of openai ${version} are asked beside each other as well`, limit, async () => {
    for (const isJson of [false, true]) {
      const late = isJson ? { latencyMs: 20_000 } : slow;
      const { call, read, outcomes } = await taught({ late, isJson, version });
      const { data, response } = await call().withResponse();
      assert.equal(await read(data), "second");
      assert.equal(response.status, 200);
      assert.deepEqual(outcomes("first"), { success: 50, aborted: 1 });
      assert.deepEqual(outcomes("second"), { success: 1 });
    }
  });
}
