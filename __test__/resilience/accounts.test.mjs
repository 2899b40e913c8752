// Ids that only one account knows: what an answer has told is remembered, and a call that names it
// is asked of that account's targets alone.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  Multiplexer,
  newKey,
  ours,
  rejection,
  requestsOf,
  sdk,
  simulate,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { AccountBoundError, ModelSelectionError } = ours;

let simulator;
before(async () => {
  simulator = await startSimulator({ journal: 10_000, defaults: { tokens: 4 } });
});
after(() => simulator.stop());

/** Two targets of the account "one", which share a key and with it what it has stored, and one of "two". */
function accounts({ first = {}, second = {}, other = {} } = {}, options) {
  const [key, otherKey] = [newKey(), newKey()];
  const made = new Multiplexer({
    policy: "resilient",
    strategy: "priority",
    logger: false,
    ...options,
  });
  const add = (id, apiKey, account, behaviour) => {
    const headers = { ...simulate(behaviour), "x-target": id };
    made.addModel({ baseURL: simulator.url, apiKey, headers }, 1, "gpt", { id, account });
  };
  add("other", otherKey, "two", other);
  add("first", key, "one", first);
  add("second", key, "one", second);
  /** Which targets were asked, in their order. */
  const asked = async () => {
    const requests = await requestsOf(simulator, key, otherKey);
    return requests.map(({ headers }) => headers.find(([name]) => name === "x-target")[1]);
  };
  return { made, asked };
}

const ask = { model: "any", input: "hi" };
const say = (messages) => ({ model: "any", messages });
/** Rests until the test is over. */
const limited = (first) => ({ fault: { kind: "status", status: 429, first }, retryAfter: 60 });
const well = {};

describe("a response", () => {
  test("is gone on from at its account, and the account's other target is tried", async () => {
    const { made, asked } = accounts({ other: limited(1), first: well });
    const { id } = await made.responses.create(ask);
    assert.deepEqual(await asked(), ["other", "first"]);
    const next = await made.responses.create({ ...ask, previous_response_id: id });
    assert.equal(next.previous_response_id, id);
    assert.deepEqual(await asked(), ["other", "first", "first"]);
  });

  for (const stream of [false, true]) {
    const form = stream ? "stream" : "reply";
    test(`of a ${form} is gone on from by the account's other target while its own rests`, async () => {
      const { made, asked } = accounts({
        other: limited(1),
        first: { faults: [null, { kind: "status", status: 429 }], retryAfter: 60 },
      });
      let id;
      if (stream) {
        for await (const event of await made.responses.create({ ...ask, stream })) {
          id ??= event.response?.id;
        }
      } else {
        ({ id } = await made.responses.create(ask));
      }
      const next = await made.responses.create({ ...ask, previous_response_id: id });
      assert.equal(next.previous_response_id, id);
      assert.deepEqual(await asked(), ["other", "first", "first", "second"]);
    });
  }

  test("is read by the account's other target where its own was removed", async () => {
    const { made, asked } = accounts({ other: limited(1) });
    const { id } = await made.responses.create(ask);
    made.removeModel("first");
    assert.equal((await made.responses.retrieve(id)).id, id);
    assert.deepEqual(await asked(), ["other", "first", "second"]);
  });

  test("whose account has no model any more is a clear error, and nobody is asked", async () => {
    const { made, asked } = accounts({ other: limited(1) });
    const { id } = await made.responses.create(ask);
    made.removeModel("first");
    made.removeModel("second");
    const call = { ...ask, previous_response_id: id };
    const error = await rejection(made.responses.create(call));
    assert.ok(error instanceof AccountBoundError && error instanceof ModelSelectionError);
    assert.equal(error.name, "AccountBoundError");
    assert.equal(error.code, "no_models");
    assert.equal(error.field, "previous_response_id");
    assert.deepEqual(error.targets, []);
    assert.match(error.message, /previous_response_id belongs to an account of which there is no/);
    assert.equal((await rejection(made.responses.retrieve(id))).field, "response_id");
    assert.equal((await asked()).length, 2);
  });

  test("whose account rests says so, with the ids of its models and until when", async () => {
    const healthyFirst = { faults: [null, { kind: "status", status: 429 }], retryAfter: 60 };
    const { made, asked } = accounts({
      other: limited(1),
      first: healthyFirst,
      second: limited(),
    });
    const { id } = await made.responses.create(ask);
    const call = { ...ask, previous_response_id: id };
    // Whom it was asked of has answered.
    assert.equal((await rejection(made.responses.create(call))).status, 429);
    const error = await rejection(made.responses.create(call));
    assert.ok(error instanceof AccountBoundError);
    assert.deepEqual([error.code, error.status], ["rate_limited", 429]);
    assert.deepEqual(error.targets, ["first", "second"]);
    assert.match(
      error.message,
      /account of "first", "second", all of whose models are temporarily/,
    );
    assert.ok(error.retryAfterMs > 50_000 && error.retryAfterMs <= 60_000);
    assert.doesNotMatch(JSON.stringify({ ...error }) + error.message, /sk-|resp_/);
    assert.deepEqual(await asked(), ["other", "first", "first", "second"]);
  });

  test("is waited for at its account, not at another that is free", async () => {
    const { made, asked } = accounts({
      other: limited(1),
      first: {
        faults: [null, { kind: "status", status: 429 }],
        headers: { "retry-after-ms": "400" },
      },
      second: limited(),
    });
    const { id } = await made.responses.create(ask);
    const options = { multiplexer: { maxWaitMs: 10_000 } };
    const call = { ...ask, previous_response_id: id };
    assert.equal((await made.responses.create(call, options)).previous_response_id, id);
    assert.deepEqual(await asked(), ["other", "first", "first", "second", "first"]);
  });

  test("of one account and a file of another are refused at once", async () => {
    const { made, asked } = accounts({
      other: { faults: [null, { kind: "status", status: 429 }] },
    });
    const here = await made.responses.create(ask);
    const there = await made.responses.create(ask);
    const input = [{ type: "item_reference", id: there.output[0].id }];
    const both = { ...ask, input, previous_response_id: here.id };
    const error = await rejection(made.responses.create(both));
    assert.ok(error instanceof AccountBoundError);
    assert.match(
      error.message,
      /previous_response_id and item_reference belong to different accounts/,
    );
    assert.deepEqual(await asked(), ["other", "other", "first"]);
  });
});

/** A completion with something that only the account knows which gave it. */
const answerWith = (message) => ({
  kind: "status",
  status: 200,
  body: {
    id: "chatcmpl-1",
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...message } }],
  },
});

describe("in a chat", () => {
  const audio = { id: "audio_abc", data: "", transcript: "Hello", expires_at: 4_000_000_000 };
  const kinds = {
    audio: [{ content: null, audio }, { audio: { id: audio.id } }],
    "a thought signature": [
      {
        content: "Hello",
        extra_content: { google: { thought_signature: "c2lnbmVk" } },
      },
      { extra_content: { google: { thought_signature: "c2lnbmVk" } } },
    ],
  };
  for (const [what, [told, named]] of Object.entries(kinds)) {
    test(`${what} holds the call to its account, and fails over within it`, async () => {
      const { made, asked } = accounts({
        other: limited(1),
        first: { faults: [answerWith(told), { kind: "status", status: 429 }], retryAfter: 60 },
      });
      const reply = await made.chat.completions.create(say([{ role: "user", content: "hi" }]));
      assert.deepEqual(reply.choices[0].message, { role: "assistant", ...told });
      const history = [
        { role: "user", content: "hi" },
        { role: "assistant", ...named },
        { role: "user", content: "and then?" },
      ];
      await made.chat.completions.create(say(history));
      assert.deepEqual(await asked(), ["other", "first", "first", "second"]);
    });
  }

  test("a file of unknown origin is shown to one account only", async () => {
    const content = [{ type: "file", file: { file_id: "file-of-another-program" } }];
    const stranger = say([{ role: "user", content }]);
    // The account "two" has no other target.
    const two = accounts({ other: limited() });
    assert.equal((await rejection(two.made.chat.completions.create(stranger))).status, 429);
    assert.deepEqual(await two.asked(), ["other"]);
    const one = accounts({ first: limited(1) });
    one.made.removeModel("other");
    await one.made.chat.completions.create(stranger);
    assert.deepEqual(await one.asked(), ["first", "second"]);
  });

  test("a client that is called itself is held to the account as well", async () => {
    const { made, asked } = accounts({
      other: limited(1),
      first: { faults: [answerWith({ audio }), { kind: "status", status: 429 }], retryAfter: 60 },
    });
    await made.chat.completions.create(say([{ role: "user", content: "hi" }]));
    let calls = 0;
    const create = () => Promise.resolve({ calls: ++calls });
    made.addModel({ chat: { completions: { create } } }, 1, "own", { id: "own", account: "one" });
    made.removeModel("second");
    const history = [{ role: "assistant", audio: { id: audio.id } }];
    const reply = await made.chat.completions.create(say(history));
    assert.deepEqual(reply, { calls: 1 });
    assert.deepEqual(await asked(), ["other", "first", "first"]);
  });
});

test("openai's own client and fetch are held to the account as well", async () => {
  const { made, asked } = accounts({ other: limited(1) });
  const { id } = await made.responses.create(ask);
  made.removeModel("first");
  const client = new sdk[7]({ apiKey: "unused", fetch: made.fetch, maxRetries: 0 });
  const next = await client.responses.create({ ...ask, previous_response_id: id });
  assert.equal(next.previous_response_id, id);
  assert.deepEqual(await asked(), ["other", "first", "second"]);
  made.removeModel("second");
  const error = await rejection(client.responses.create({ ...ask, previous_response_id: id }));
  assert.deepEqual([error.status, error.code], [503, "no_models"]);
});

test('under "compat" a chat goes where it would go without its ids', async () => {
  const { made, asked } = accounts(
    {
      other: {
        faults: [
          answerWith({ content: "Hello", audio: { id: "audio_1" } }),
          { kind: "status", status: 429 },
        ],
      },
    },
    { policy: "compat" },
  );
  await made.chat.completions.create(say([{ role: "user", content: "hi" }]));
  await made.chat.completions.create(say([{ role: "assistant", audio: { id: "audio_1" } }]));
  assert.deepEqual(await asked(), ["other", "other", "first"]);
});
