// What is decided for a target and why: explainTransport(), and the decision by hand.

import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { after, before, describe, test } from "node:test";
import {
  hello,
  isNative,
  Multiplexer,
  newClient,
  over,
  rejection,
  requestsOf,
  sdk,
  simulate,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

const explain = (client, options) => over(client, options).explainTransport("gpt");
const create = async () => ({});
const json = async () => new Response("{}");

/** Clients that are the engine's. */
const stock = {
  "a plain client": (client) => client,
  "a client with settings": (client) =>
    Object.assign(client, { organization: "org", project: "proj", timeout: 1_000, maxRetries: 5 }),
  "a client with members of the program's own": (client) =>
    Object.assign(client, { label: "mine" }),
  "a client of Azure's": (_client, { AzureOpenAI }) =>
    new AzureOpenAI({ apiKey: "k", endpoint: simulator.url, apiVersion: "2024-10-21" }),
  "a client of Azure's with tokens": (_client, { AzureOpenAI }) =>
    new AzureOpenAI({
      azureADTokenProvider: async () => "t",
      endpoint: simulator.url,
      apiVersion: "2024-10-21",
    }),
  "a client of a subclass": (_client, { OpenAI }) =>
    new (class Mine extends OpenAI {
      authHeaders(...args) {
        return super.authHeaders(...args);
      }
    })({ apiKey: "k", baseURL: simulator.url }),
  "a frozen client": (client) => Object.freeze(client),
};

/** Clients that are called themselves, and words of the reason. */
const delegated = {
  "no client of the SDK": [() => ({ chat: { completions: { create } } }), "not an OpenAI client"],
  "a Proxy of one": [(client) => new Proxy(client, {}), "chat.completions.create"],
  "an object made from one": [(client) => Object.create(client), "wrapped"],
  "a copy of one": [(client) => ({ ...client }), "not an OpenAI client"],
  "a replaced create": [
    (client) => {
      client.chat.completions.create = create;
      return client;
    },
    "chat.completions.create",
  ],
  "a replaced chat": [(client) => Object.assign(client, { chat: undefined }), "chat.completions"],
  "a replaced post": [(client) => Object.assign(client, { post: create }), "post"],
  "a fetch of its own": [(client) => Object.assign(client, { fetch: json }), "fetch"],
  "an idempotency header": [
    (client) => Object.assign(client, { idempotencyHeader: "Idempotency-Key" }),
    "idempotency",
  ],
  "a subclass with a request hook": [
    (_client, { OpenAI }) =>
      new (class Mine extends OpenAI {
        async prepareRequest() {}
      })({ apiKey: "k" }),
    "prepareRequest",
  ],
  "a subclass with retries of its own": [
    (_client, { OpenAI }) =>
      new (class Mine extends OpenAI {
        retryRequest(...args) {
          return super.retryRequest(...args);
        }
      })({ apiKey: "k" }),
    "retryRequest",
  ],
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, make] of Object.entries(stock)) {
      test(`${what} is the engine's`, () => {
        const client = make(newClient(version, simulator), sdk[version]);
        assert.deepEqual(explain(client), {
          transport: "native",
          reason: "it is an unmodified OpenAI client",
        });
      });
    }

    for (const [what, [make, words]] of Object.entries(delegated)) {
      test(`${what} is called itself`, () => {
        const client = make(newClient(version, simulator), sdk[version]);
        const { transport, reason } = explain(client);
        assert.equal(transport, "client");
        assert.ok(reason.includes(words), reason);
      });
    }

    test("what is decided follows what is done to a client", () => {
      const client = newClient(version, simulator);
      const multiplexer = over(client);
      const transport = () => multiplexer.explainTransport("gpt").transport;
      assert.equal(transport(), "native");
      client.chat.completions.create = create;
      assert.equal(transport(), "client");
      delete client.chat.completions.create;
      assert.equal(transport(), "native");
      const { fetch } = client;
      client.fetch = json;
      assert.equal(transport(), "client");
      client.fetch = fetch;
      assert.equal(transport(), "native");
    });

    test("what is decided follows who watches", () => {
      const multiplexer = over(newClient(version, simulator));
      const name = version === 4 ? "http.client.request.start" : "undici:request:create";
      const watch = () => undefined;
      diagnostics.subscribe(name, watch);
      const { transport, reason } = multiplexer.explainTransport("gpt");
      diagnostics.unsubscribe(name, watch);
      assert.equal(transport, "client");
      assert.ok(reason.includes(name), reason);
      assert.equal(multiplexer.explainTransport("gpt").transport, "native");
    });

    test("a client whose requests are not the engine's is known after the first", async () => {
      const client = newClient(version, simulator, { defaultHeaders: { "user-agent": null } });
      const multiplexer = over(client);
      for (let count = 0; count < 2; count++) await multiplexer.chat.completions.create(hello);
      assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [false, false]);
      assert.deepEqual(multiplexer.explainTransport("gpt"), {
        transport: "client",
        reason: "fetch adds user-agent",
      });
      client._options.defaultHeaders = {};
      await multiplexer.chat.completions.create(hello);
      assert.equal((await requestsOf(simulator, client.apiKey)).filter(isNative).length, 1);
    });

    for (const transport of ["native", "client"]) {
      test(`transport "${transport}" decides by hand`, async () => {
        const client = newClient(version, simulator);
        const multiplexer = over(client, { transport });
        assert.deepEqual(multiplexer.explainTransport("gpt"), {
          transport,
          reason: `options.transport is "${transport}"`,
        });
        await multiplexer.chat.completions.create(hello);
        const requests = await requestsOf(simulator, client.apiKey);
        assert.deepEqual(requests.map(isNative), [transport === "native"]);
      });
    }

    test('transport "native" takes a client that is wrapped or watched', async () => {
      const client = newClient(version, simulator, { fetch: json });
      client.chat.completions.create = create;
      const { object } = await over(client, { transport: "native" }).chat.completions.create(hello);
      assert.equal(object, "chat.completion");
    });

    for (const [what, options] of Object.entries({
      "a body": { body: { model: "x", messages: [] } },
      "options of fetch": { fetchOptions: {} },
      "an agent": { httpAgent: {} },
    })) {
      test(`transport "native" refuses a call with ${what}, which it could not send alike`, async () => {
        const client = newClient(version, simulator);
        const multiplexer = over(client, { transport: "native" });
        const error = await rejection(multiplexer.chat.completions.create(hello, options));
        assert.equal(error.name, "MultiplexerError");
        assert.ok(error.message.includes(Object.keys(options)[0]), error.message);
        assert.deepEqual(await requestsOf(simulator, client.apiKey), []);
        assert.equal(multiplexer.getStats().gpt.failed, 0);
      });
    }

    for (const [what, change] of Object.entries({
      "a provider": { _provider: {} },
      "a workload identity": { _workloadIdentityAuth: {} },
      "an idempotency header": { idempotencyHeader: "Idempotency-Key" },
    })) {
      test(`transport "native" is refused for a client with ${what}`, () => {
        const client = Object.assign(newClient(version, simulator), change);
        assert.throws(() => over(client, { transport: "native" }), {
          name: "MultiplexerError",
          message: /^options\.transport must not be "native" for this client: it /,
        });
      });
    }

    test("one call goes from a delegated target to the engine's, and back", async () => {
      const limited = simulate({ fault: { kind: "status", status: 429 } });
      const make = (options) => newClient(version, simulator, options);
      const wrapped = (client) => new Proxy(client, {});
      for (const [first, second, native] of [
        [wrapped(make({ defaultHeaders: limited })), make(), [false, true]],
        [make({ defaultHeaders: limited }), wrapped(make()), [true, false]],
      ]) {
        const multiplexer = new Multiplexer({ logger: false });
        multiplexer.addModel(first, 1, "first");
        multiplexer.addFallbackModel(second, 1, "second");
        const { model } = await multiplexer.chat.completions.create(hello);
        assert.equal(model, "second");
        const requests = [first, second].map(({ apiKey }) => requestsOf(simulator, apiKey));
        assert.deepEqual((await Promise.all(requests)).flat().map(isNative), native);
      }
    });
  });
}

test("an endpoint is the engine's", () => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel({ baseURL: simulator.url, apiKey: "k" }, 1, "gpt", { id: "mine" });
  assert.deepEqual(multiplexer.explainTransport("mine"), {
    transport: "native",
    reason: "it is an endpoint",
  });
});

test("an id that nobody has is an error that names it", () => {
  const multiplexer = over(newClient(7, simulator));
  for (const [id, shown] of [
    ["other", '"other"'],
    ["", '""'],
    [undefined, "undefined"],
  ]) {
    assert.throws(() => multiplexer.explainTransport(id), {
      name: "MultiplexerError",
      message: `There is no model with the id ${shown}.`,
    });
  }
});
