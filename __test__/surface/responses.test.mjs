// `responses`: as the SDK sends and reads them; and a stored response belongs to its target.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  collect,
  isNative,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  simulate,
  versions,
  wire,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Multiplexer, MultiplexerError } = ours;

let simulator;
before(async () => (simulator = await startSimulator({ defaults: { tokens: 4 } })));
after(() => simulator.stop());

const request = { model: "any", input: "hi", instructions: "Be brief." };

/** Without what differs between any two answers. */
const settle = (value) =>
  JSON.parse(
    JSON.stringify(value, (key, member) =>
      /^(?:id|item_id|created_at|completed_at|obfuscation)$/.test(key) ? "*" : member,
    ),
  );

/** A silent multiplexer with an endpoint for each key. */
function endpoints(...keys) {
  const multiplexer = new Multiplexer({ logger: false });
  for (const apiKey of keys) {
    multiplexer.addModel({ baseURL: simulator.url, apiKey }, 1, "gpt", { id: apiKey });
  }
  return multiplexer;
}

for (const version of versions) {
  describe(`openai ${version}`, () => {
    /** The SDK's client and one with the same key under a multiplexer. */
    const pair = () => {
      const [theirs, client] = [newClient(version, simulator), newClient(version, simulator)];
      client.apiKey = theirs.apiKey;
      return { theirs, mine: over(client), key: theirs.apiKey };
    };

    test("a response is sent and read as by the SDK", async () => {
      const { theirs, mine, key } = pair();
      const expected = await theirs.responses.create({ ...request, model: "gpt" });
      const given = await mine.responses.create(request);
      assert.deepEqual(settle(given), settle(expected));
      assert.equal(given.output_text, expected.output_text);
      assert.notEqual(given.output_text, "");
      assert.match(given._request_id, /^req_/);
      const [sent, native] = await requestsOf(simulator, key);
      assert.ok(isNative(native) && !isNative(sent));
      assert.deepEqual(wire(native), wire(sent));
    });

    test("a response's stream has the SDK's events", async () => {
      const { theirs, mine, key } = pair();
      const body = { ...request, stream: true };
      const expected = await collect(await theirs.responses.create({ ...body, model: "gpt" }));
      const stream = await mine.responses.create(body);
      const given = await collect(stream);
      assert.deepEqual(given.map(settle), expected.map(settle));
      assert.equal(given[0].type, "response.created");
      assert.equal(given.at(-1).type, "response.completed");
      const [sent, native] = await requestsOf(simulator, key);
      assert.deepEqual(wire(native), wire(sent));
      assert.deepEqual(mine.getStats().gpt, { success: 1, rateLimited: 0, failed: 0 });
    });

    test("a stored response is read, stopped and deleted as by the SDK", async () => {
      const { theirs, mine, key } = pair();
      const { id } = await mine.responses.create({ ...request, background: true });
      const remove = version === 4 ? "del" : "delete";
      const calls = [
        [() => theirs.responses.retrieve(id), () => mine.responses.retrieve(id)],
        [
          () => theirs.responses.retrieve(id, { include: ["reasoning.encrypted_content"] }),
          () => mine.responses.retrieve(id, { include: ["reasoning.encrypted_content"] }),
        ],
      ];
      for (const [expected, given] of calls) {
        const read = settle(await given());
        // openai 4 adds the text only to what it has made.
        if (version === 4) delete read.output_text;
        assert.deepEqual(read, settle(await expected()));
      }
      await rejection(theirs.responses.cancel("resp_none"));
      await rejection(mine.responses.cancel("resp_none"));
      await rejection(theirs.responses[remove]("resp_none"));
      await rejection(mine.responses.delete("resp_none"));
      const [, ...sent] = (await requestsOf(simulator, key)).map(wire);
      for (let index = 0; index < sent.length; index += 2) {
        const [first, second] = [sent[index], sent[index + 1]];
        // openai 4 accepts anything as the answer to a cancel; later versions ask for JSON.
        if (version === 4 && first.path.endsWith("/cancel")) {
          first.headers = first.headers.filter(([name]) => name !== "accept");
          second.headers = second.headers.filter(([name]) => name !== "accept");
        }
        assert.deepEqual(first, second);
      }
      assert.equal(sent.length, 8);
      await mine.responses.delete(id);
      const gone = await rejection(mine.responses.retrieve(id));
      assert.equal(gone.status, 404);
      assert.ok(gone instanceof theirs.constructor.NotFoundError);
    });
  });
}

test("an endpoint's response has its text, and its stream its events", async () => {
  const multiplexer = endpoints(newKey());
  const response = await multiplexer.responses.create(request);
  const text = response.output.find(({ type }) => type === "message").content[0].text;
  assert.equal(response.output_text, text);
  const events = await collect(await multiplexer.responses.create({ ...request, stream: true }));
  assert.equal(events[0].type, "response.created");
  assert.equal(events.at(-1).type, "response.completed");
});

test("a refusal moves on to the next target", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  const headers = simulate({ fault: { kind: "status", status: 429 } });
  multiplexer.addModel({ baseURL: simulator.url, apiKey: newKey(), headers }, 1, "refusing");
  multiplexer.addFallbackModel({ baseURL: simulator.url, apiKey: newKey() }, 1, "other");
  assert.equal((await multiplexer.responses.create(request)).model, "other");
  const events = await collect(await multiplexer.responses.create({ ...request, stream: true }));
  assert.equal(events[0].response.model, "other");
});

test("what is asked of a stored response is asked of the target that made it", async () => {
  const keys = Array.from({ length: 5 }, newKey);
  const multiplexer = endpoints(...keys);
  for (let round = 0; round < 8; round++) {
    const streamed = round % 2 === 1;
    const made = await multiplexer.responses.create({ ...request, stream: streamed });
    const { id } = streamed ? (await collect(made))[0].response : made;
    const { id: maker } = ours.reportOf(made);
    assert.equal((await multiplexer.responses.retrieve(id)).id, id);
    const next = await multiplexer.responses.create({ ...request, previous_response_id: id });
    assert.equal(ours.reportOf(next).id, maker);
    assert.equal(next.previous_response_id, id);
    await multiplexer.responses.delete(id);
    assert.equal((await rejection(multiplexer.responses.retrieve(id))).status, 404);
    const paths = (await requestsOf(simulator, maker)).map(({ method, path }) => [method, path]);
    assert.deepEqual(paths.slice(-4), [
      ["GET", `/v1/responses/${id}`],
      ["POST", "/v1/responses"],
      ["DELETE", `/v1/responses/${id}`],
      ["GET", `/v1/responses/${id}`],
    ]);
  }
});

test("a response that goes on from another is asked of its target while that rests, and of no other", async () => {
  const keys = [newKey(), newKey()];
  const multiplexer = endpoints(...keys);
  const first = await multiplexer.responses.create(request);
  const { id: maker } = ours.reportOf(first);
  const headers = simulate({ fault: { kind: "status", status: 429 } });
  const body = { ...request, previous_response_id: first.id };
  for (let round = 0; round < 2; round++) {
    const error = await rejection(multiplexer.responses.create(body, { headers }));
    assert.equal(error.status, 429);
    assert.deepEqual(
      ours.reportOf(error).attempts.map(({ id, outcome }) => [id, outcome]),
      [[maker, "rate_limited"]],
    );
  }
  assert.equal(ours.reportOf(await multiplexer.responses.create(body)).id, maker);
});

test("a response of which nothing is known is not looked for everywhere", async () => {
  const keys = [newKey(), newKey()];
  const multiplexer = endpoints(...keys);
  const one = endpoints(keys[0]);
  for (const call of ["retrieve", "cancel", "delete"]) {
    const error = await rejection(multiplexer.responses[call]("resp_unknown"));
    assert.ok(error instanceof MultiplexerError);
    assert.match(error.message, /Which model has made the response "resp_unknown" is not known/);
    for (const id of ["", undefined, 3]) {
      assert.match(
        (await rejection(multiplexer.responses[call](id))).message,
        /id of a response must be a non-empty string/,
      );
    }
    for (const id of [".", ".."]) {
      assert.match(
        (await rejection(one.responses[call](id))).message,
        /^The id of a response must not be "\.\.?"\.$/,
      );
    }
  }
  for (const key of keys) assert.deepEqual(await requestsOf(simulator, key), []);
  const { id } = await multiplexer.responses.create(request);
  multiplexer.updateModels({ models: [] });
  assert.match((await rejection(multiplexer.responses.retrieve(id))).message, /was removed/);
});

test("a client that is called itself is asked by its own methods", async () => {
  const asked = [];
  const note =
    (name, value) =>
    async (...args) => {
      asked.push([name, ...args]);
      return value;
    };
  const made = { object: "response", id: "resp_1", output: [] };
  const responses = {
    create: note("create", made),
    retrieve: note("retrieve", made),
    cancel: note("cancel", made),
    del: note("del", made),
  };
  const multiplexer = over({ chat: { completions: {} }, responses });
  multiplexer.addFallbackModel({ baseURL: simulator.url, apiKey: newKey() }, 1, "other");
  assert.equal(await multiplexer.responses.create(request), made);
  assert.deepEqual(made.output, [], "what the client gives is not touched");
  await multiplexer.responses.retrieve("resp_1", { include: ["x"] }, { timeout: 1 });
  await multiplexer.responses.cancel("resp_1", { timeout: 1 });
  await multiplexer.responses.delete("resp_1");
  assert.deepEqual(asked, [
    ["create", { ...request, model: "gpt" }, undefined],
    ["retrieve", "resp_1", { include: ["x"] }, { timeout: 1 }],
    ["cancel", "resp_1", { timeout: 1 }],
    ["del", "resp_1", undefined],
  ]);
});
