// `reportOf`: who answered, who was asked, and how long it took.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";
import {
  collect,
  hello,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  sdk,
  simulate,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Multiplexer, reportOf } = ours;

let simulator;
before(async () => (simulator = await startSimulator({ defaults: { tokens: 2 } })));
after(() => simulator.stop());

const refusing = () => ({
  baseURL: simulator.url,
  apiKey: newKey(),
  headers: simulate({ fault: { kind: "status", status: 429 } }),
});

/** What of a report does not depend on the machine. */
function settled({ id, modelName, attempts, durationMs }) {
  assert.ok(durationMs > 0);
  for (const attempt of attempts) {
    assert.ok(attempt.durationMs >= 0 && attempt.durationMs <= durationMs);
  }
  const told = attempts.map((attempt) => [attempt.id, attempt.outcome, attempt.status]);
  return { id, modelName, attempts: told };
}

/** Two refusals, then an answer by `client`. */
function chain(client) {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(refusing(), 1, "a", { id: "first" });
  multiplexer.addFallbackModel(client, 1, "b", { id: "second" });
  return multiplexer;
}

const chained = (status) => ({
  id: "second",
  modelName: "b",
  attempts: [
    ["first", "rate_limited", 429],
    ["second", "success", status],
  ],
});

for (const version of versions) {
  describe(`openai ${version}`, () => {
    test("a completion and its promise tell who answered, and who was asked before", async () => {
      const promise = chain(newClient(version, simulator)).chat.completions.create(hello);
      const completion = await promise;
      assert.deepEqual(settled(reportOf(completion)), chained(200));
      assert.deepEqual(reportOf(promise), reportOf(completion));
    });

    test("a stream tells it, before and after it was read", async () => {
      const multiplexer = chain(newClient(version, simulator));
      const stream = await multiplexer.chat.completions.create({ ...hello, stream: true });
      const before = reportOf(stream);
      assert.deepEqual(settled(before), chained(200));
      await collect(stream);
      assert.deepEqual(reportOf(stream), before);
    });

    test("an error tells who has failed", async () => {
      const multiplexer = over(newClient(version, simulator));
      const headers = simulate({ fault: { kind: "status", status: 401 } });
      const error = await rejection(multiplexer.chat.completions.create(hello, { headers }));
      assert.ok(error instanceof sdk[version].AuthenticationError);
      assert.deepEqual(settled(reportOf(error)), {
        id: undefined,
        modelName: undefined,
        attempts: [["gpt", "failed", 401]],
      });
    });

    test("a client that is called itself is timed as well", async () => {
      const client = newClient(version, simulator, {
        fetch: (...args) => globalThis.fetch(...args),
      });
      const completion = await chain(client).chat.completions.create(hello);
      assert.deepEqual(settled(reportOf(completion)), chained(undefined));
    });
  });
}

test("a report changes nothing that can be seen of an answer", async () => {
  const value = { choices: [] };
  const multiplexer = over({ chat: { completions: { create: async () => value } } });
  const text = inspect(value, { showHidden: true });
  assert.equal(await multiplexer.chat.completions.create(hello), value);
  assert.deepEqual(Reflect.ownKeys(value), ["choices"]);
  assert.equal(inspect(value, { showHidden: true }), text);
  assert.equal(reportOf(value).id, "gpt");
  assert.equal(reportOf({ ...value }), undefined, "a copy is no answer of a call");
  assert.equal(reportOf(structuredClone(value)), undefined);
});

test("an answer that is given twice tells of the later call", async () => {
  const value = {};
  const client = { chat: { completions: { create: async () => value } } };
  for (const id of ["one", "two"]) {
    await over(client, { id }).chat.completions.create(hello);
    assert.equal(reportOf(value).id, id);
  }
});

test("what cannot carry a report is an answer all the same", async () => {
  for (const value of [Object.freeze({ a: 1 }), "text", undefined, null, 3]) {
    const multiplexer = over({ chat: { completions: { create: async () => value } } });
    const promise = multiplexer.chat.completions.create(hello);
    assert.equal(await promise, value);
    assert.equal(reportOf(value), undefined);
    assert.equal(reportOf(promise).id, "gpt");
  }
});

test("a call that is under way tells how far it is", async () => {
  const multiplexer = over({ chat: { completions: { create: () => new Promise(() => {}) } } });
  const promise = multiplexer.chat.completions.create(hello);
  const { id, attempts } = reportOf(promise);
  assert.equal(id, undefined);
  assert.deepEqual([attempts[0].outcome, attempts[0].status], ["pending", undefined]);
});

test("a call that found no target, and one after close(), ask nobody", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  const error = await rejection(multiplexer.chat.completions.create(hello));
  assert.deepEqual(reportOf(error).attempts, []);
  await multiplexer.close();
  const promise = multiplexer.chat.completions.create(hello);
  assert.deepEqual(reportOf(await rejection(promise)).attempts, []);
  assert.deepEqual(reportOf(promise).attempts, []);
});

test("aborted and passed-over attempts are told as such", async () => {
  const controller = new AbortController();
  const hanging = {
    baseURL: simulator.url,
    apiKey: newKey(),
    headers: simulate({ latencyMs: 60_000 }),
  };
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel({ chat: { completions: {} } }, 1, "lacking");
  multiplexer.addFallbackModel(hanging, 1, "hanging");
  const promise = multiplexer.embeddings.create(
    { model: "x", input: "hi" },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(), 20);
  const { attempts } = reportOf(await rejection(promise));
  assert.deepEqual(
    attempts.map(({ id, outcome }) => [id, outcome]),
    [
      ["lacking", "passed_over"],
      ["hanging", "aborted"],
    ],
  );
});

test("nothing else has a report", () => {
  for (const value of [undefined, null, 1, "x", {}, [], Promise.resolve(), new Error("x")]) {
    assert.equal(reportOf(value), undefined);
  }
});
