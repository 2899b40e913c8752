// `embeddings.create` and `post`: as the SDK sends and reads them, with failover.

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

const { Multiplexer, MultiplexerError, ModelSelectionError } = ours;

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

const limited = simulate({ fault: { kind: "status", status: 429 } });
const request = { model: "any", input: ["one", "two"], dimensions: 4 };

/** A silent multiplexer whose first target, a fallback's better, always refuses. */
function afterRefusal(client) {
  const multiplexer = new Multiplexer({ logger: false });
  const refusing = { baseURL: simulator.url, apiKey: newKey(), headers: limited };
  multiplexer.addModel(refusing, 1, "refusing");
  multiplexer.addFallbackModel(client, 1, "gpt");
  return multiplexer;
}

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const calls = {
      "embeddings without a format": [request],
      "embeddings as numbers": [{ ...request, encoding_format: "float" }],
      "embeddings as base64": [{ ...request, encoding_format: "base64" }],
      "embeddings with options": [
        request,
        { headers: { "x-one": "1" }, query: { a: 1 }, timeout: 1_500 },
      ],
    };
    for (const [name, [body, options]] of Object.entries(calls)) {
      test(`${name} are sent and read as by the SDK`, async () => {
        const [theirs, mine] = [newClient(version, simulator), newClient(version, simulator)];
        mine.apiKey = theirs.apiKey;
        const expected = await theirs.embeddings.create({ ...body, model: "gpt" }, options);
        const given = await over(mine).embeddings.create(body, options);
        assert.deepEqual(given, expected);
        assert.match(given._request_id, /^req_/);
        const [sent, ours] = await requestsOf(simulator, theirs.apiKey);
        assert.ok(isNative(ours) && !isNative(sent));
        assert.deepEqual(wire(ours), wire(sent));
      });
    }

    test("post is sent and read as by the SDK", async () => {
      const [theirs, mine] = [newClient(version, simulator), newClient(version, simulator)];
      mine.apiKey = theirs.apiKey;
      const body = { model: "gpt", prompt: "hi", seed: 1 };
      const strip = ({ id: _id, created: _created, ...rest }) => rest;
      const expected = await theirs.post("/completions", { body, query: { a: "b" } });
      const given = await over(mine).post("/completions", body, { query: { a: "b" } });
      assert.deepEqual(strip(given), strip(expected));
      const [sent, ours] = await requestsOf(simulator, theirs.apiKey);
      assert.ok(isNative(ours));
      assert.deepEqual(wire(ours), wire(sent));
    });

    test("a refusal moves on to the SDK's client", async () => {
      const client = newClient(version, simulator);
      const { data, model } = await afterRefusal(client).embeddings.create(request);
      assert.equal(model, "gpt");
      assert.equal(data[1].embedding.length, 4);
      assert.equal((await requestsOf(simulator, client.apiKey)).length, 1);
    });

    test("a client that has patched embeddings is called itself", async () => {
      const client = newClient(version, simulator);
      const { create } = client.embeddings;
      let calls = 0;
      client.embeddings.create = function (...args) {
        calls++;
        return create.apply(this, args);
      };
      const multiplexer = over(client);
      const { data } = await multiplexer.embeddings.create(request);
      await multiplexer.chat.completions.create({ model: "x", messages: [] }).catch(() => {});
      assert.equal(data[0].embedding.length, 4);
      assert.equal(calls, 1);
      const [first, second] = await requestsOf(simulator, client.apiKey);
      assert.ok(!isNative(first), "the patched one");
      assert.ok(isNative(second), "chat completions were not patched");
    });
  });
}

test("an endpoint's embeddings are numbers, from a server that knows no base64 as well", async () => {
  const endpoint = { baseURL: simulator.url, apiKey: newKey() };
  const multiplexer = over(endpoint);
  const asked = await multiplexer.embeddings.create({ ...request, input: "one" });
  const floats = await multiplexer.embeddings.create({
    ...request,
    input: "one",
    encoding_format: "float",
  });
  const rounded = ({ data }) => data[0].embedding.map((number) => number.toFixed(5));
  assert.deepEqual(rounded(asked), rounded(floats));
  const ignoresFormat = over({
    embeddings: { create: async () => ({ data: [{ embedding: [0.5] }] }) },
    chat: { completions: {} },
  });
  assert.deepEqual(await ignoresFormat.embeddings.create(request), {
    data: [{ embedding: [0.5] }],
  });
});

test("a POST streams events, by its options or by its body", async () => {
  const multiplexer = over({ baseURL: simulator.url, apiKey: newKey() });
  const body = { prompt: "hi", max_tokens: 3 };
  for (const [given, options] of [
    [{ ...body, stream: true }, undefined],
    [{ ...body, stream: true }, { stream: true }],
  ]) {
    const events = await collect(await multiplexer.post("/completions", given, options));
    assert.ok(events.length >= 3);
    assert.equal(events[0].object, "text_completion");
  }
});

test("a POST takes its path and body from where the key may go only", async () => {
  const key = newKey();
  const multiplexer = over({ baseURL: simulator.url, apiKey: key });
  for (const path of ["https://elsewhere.example/v1/x", "embeddings", "", undefined, 3]) {
    const error = await rejection(multiplexer.post(path, {}));
    assert.ok(error instanceof MultiplexerError);
    assert.match(error.message, /path must begin with a slash/);
  }
  for (const body of [[], "text", 3, null]) {
    const error = await rejection(multiplexer.post("/embeddings", body));
    assert.match(error.message, /body must be an object/);
  }
  assert.deepEqual(await requestsOf(simulator, key), []);
});

test("a body without a model gets the target's", async () => {
  const key = newKey();
  const multiplexer = over({ baseURL: simulator.url, apiKey: key }, undefined, "systemone-1");
  await multiplexer.post("/embeddings", { input: "state" });
  const [{ body, model }] = await requestsOf(simulator, key);
  assert.equal(model, "systemone-1");
  assert.deepEqual(JSON.parse(body), { input: "state", model: "systemone-1" });
});

test("a target whose client lacks a method is passed over, and counted nowhere", async () => {
  const chatOnly = { chat: { completions: { create: async () => "chat" } } };
  const key = newKey();
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(chatOnly, 1, "chat-only");
  multiplexer.addFallbackModel({ baseURL: simulator.url, apiKey: key }, 1, "gpt");
  const { model } = await multiplexer.embeddings.create(request);
  assert.equal(model, "gpt");
  assert.deepEqual(multiplexer.getStats()["chat-only"], { success: 0, rateLimited: 0, failed: 0 });
  assert.equal(await multiplexer.chat.completions.create({ model: "x", messages: [] }), "chat");
});

test("where every client lacks a method, the error says so", async () => {
  const multiplexer = over({ chat: { completions: { create: async () => "chat" } } });
  for (const [call, name] of [
    [() => multiplexer.embeddings.create(request), "embeddings.create"],
    [() => multiplexer.responses.create({ input: "hi" }), "responses.create"],
    [() => multiplexer.post("/x", {}), "post"],
  ]) {
    const error = await rejection(call());
    assert.ok(error instanceof MultiplexerError);
    assert.ok(!(error instanceof ModelSelectionError));
    assert.match(error.message, new RegExp(`No model can do ${name.replace(".", "\\.")}\\(\\)`));
    assert.match(error.message, /"gpt"/);
  }
});

test("a target that only rests is a reason to wait, beside one that lacks the method", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel({ chat: { completions: { create() {} } } }, 1, "chat-only");
  const refusing = { baseURL: simulator.url, apiKey: newKey(), headers: limited };
  multiplexer.addFallbackModel(refusing, 1, "resting");
  assert.equal((await rejection(multiplexer.embeddings.create(request))).status, 429);
  const error = await rejection(multiplexer.embeddings.create(request));
  assert.ok(error instanceof ModelSelectionError);
  assert.equal(error.code, "rate_limited");
  assert.ok(error.retryAfterMs > 0);
});

test("a client that is called itself gets the program's own parameters and options", async () => {
  const seen = [];
  const signal = AbortSignal.timeout(60_000);
  const note =
    (name) =>
    async (...args) => {
      seen.push([name, ...args]);
      return name;
    };
  const multiplexer = over({
    chat: { completions: {} },
    embeddings: { create: note("embeddings") },
    responses: { create: note("responses") },
    post: note("post"),
  });
  assert.equal(await multiplexer.embeddings.create(request, { signal }), "embeddings");
  assert.equal(await multiplexer.responses.create({ input: "hi" }), "responses");
  assert.equal(await multiplexer.post("/x", { a: 1 }, { signal }), "post");
  assert.deepEqual(seen, [
    ["embeddings", { ...request, model: "gpt" }, { signal }],
    ["responses", { input: "hi", model: "gpt" }, undefined],
    ["post", "/x", { signal, body: { a: 1, model: "gpt" }, stream: false }],
  ]);
});

test("models are listed once each, the primaries first, and without a request", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  const [one, two] = ["https://one.example/v1", "https://two.example:8443/v1"];
  multiplexer.addFallbackModel({ baseURL: two, apiKey: "k" }, 1, "c");
  multiplexer.addModel({ baseURL: one, apiKey: "k" }, 1, "a");
  multiplexer.addModel({ baseURL: two, apiKey: "k" }, 1, "a", { id: "a@two" });
  multiplexer.addModel({ chat: { completions: { create() {} } } }, 1, "b");
  const expected = [
    { id: "a", object: "model", created: 0, owned_by: "one.example" },
    { id: "b", object: "model", created: 0, owned_by: "unknown" },
    { id: "c", object: "model", created: 0, owned_by: "two.example:8443" },
  ];
  const page = await multiplexer.models.list();
  assert.equal(page.object, "list");
  assert.deepEqual(page.data, expected);
  assert.deepEqual(page.getPaginatedItems(), expected);
  assert.equal(page.hasNextPage(), false);
  assert.deepEqual(await collect(page), expected);
  assert.deepEqual(await collect(multiplexer.models.list()), expected);
  multiplexer.removeModel("a");
  assert.equal((await multiplexer.models.list()).data[0].owned_by, "two.example:8443");
});

test("after close() nothing is sent", async () => {
  const key = newKey();
  const multiplexer = over({ baseURL: simulator.url, apiKey: key });
  await multiplexer.close();
  for (const call of [
    () => multiplexer.embeddings.create(request),
    () => multiplexer.responses.create({ input: "hi" }),
    () => multiplexer.post("/x", {}),
  ]) {
    const error = await rejection(call());
    assert.match(error.message, /closed/);
  }
  const response = await multiplexer.fetch("https://x.example/v1/embeddings", {
    method: "POST",
    body: "{}",
  });
  assert.equal(response.status, 503);
  assert.deepEqual(await requestsOf(simulator, key), []);
});
