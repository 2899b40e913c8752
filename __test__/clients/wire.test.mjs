// Stock clients of every SDK: what goes over the wire is what the SDK itself would send, and the
// engine sends it.

import assert from "node:assert/strict";
import { PerformanceObserver } from "node:perf_hooks";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../support/simulator.mjs";
import {
  collect,
  creator,
  hello,
  isNative,
  newClient,
  newKey,
  over,
  requestsOf,
  sdk,
  simulate,
  until,
  versions,
  wire,
} from "./sdks.mjs";

// A promise that is never settled fails its own test, not those after it.
const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 10_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

const unicode = { role: "user", content: 'zß水🍌 "quoted" \\ \u2028 \u0000 \ud800' };
const nested = { a: { b: [1, 2] }, c: "d e&f", g: undefined, h: null };

/** What may differ in the body, the call's options and the client's options; and since which version. */
const calls = {
  "a plain call": {},
  "a stream": { body: { stream: true, stream_options: { include_usage: true } } },
  "a body with text of all kinds": { body: { messages: [unicode] } },
  "a body with undefined, null and dates": {
    body: { n: undefined, stop: null, metadata: { at: new Date(0) } },
  },
  "tools and nested models": {
    body: {
      tools: [{ type: "function", function: { name: "f", parameters: { model: "inner" } } }],
      metadata: { model: '"model":"x"' },
    },
  },
  "an organization and a project": { client: { organization: "org-1", project: "proj-1" } },
  "default headers": { client: { defaultHeaders: { "X-One": "1", "User-Agent": "mine" } } },
  "a default header that removes": { client: { defaultHeaders: { "x-stainless-os": null } } },
  "default authorization": { client: { defaultHeaders: { Authorization: "Bearer sk-other" } } },
  "a default query": { client: { defaultQuery: { "api-version": "1", q: "a b" } } },
  "a base URL that ends with a slash": { baseURL: (url) => `${url}/` },
  "a base URL with a query": { baseURL: (url) => `${url}?tenant=7` },
  "request headers": { options: { headers: { "X-Two": "2", accept: "text/plain" } } },
  "request headers over default ones": {
    client: { defaultHeaders: { "X-One": "1" } },
    options: { headers: { "x-one": "2" } },
  },
  "a request header that removes": {
    client: { defaultHeaders: { "X-One": "1" } },
    options: { headers: { "x-one": null, "X-Stainless-Lang": null } },
  },
  "a request header that is undefined": { options: { headers: { "x-one": undefined } } },
  "Headers of a request": { since: 5, options: { headers: new Headers({ "x-two": "2" }) } },
  "pairs of request headers": { since: 5, options: { headers: [["x-two", "2"]] } },
  "a request header in Latin-1": { options: { headers: { "x-name": "Zoë" } } },
  "a query": { options: { query: nested } },
  "a query over a default one": {
    client: { defaultQuery: { a: "1", b: "2" } },
    options: { query: { b: "3" } },
  },
  "a timeout": { options: { timeout: 1_500 } },
  "a client's timeout": { client: { timeout: 2_700 } },
  "no retries": { options: { maxRetries: 0 } },
  "an idempotency key": { options: { idempotencyKey: "once" } },
  "another path": { options: { path: "/v1/other?x=1" } },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, { since = 4, body, options, client: config, baseURL }] of Object.entries(
      calls,
    )) {
      if (version < since) continue;
      test(`${what}: the engine sends what the SDK sends`, limit, async () => {
        const url = baseURL?.(simulator.url) ?? simulator.url;
        const own = newClient(version, simulator, { baseURL: url, ...config });
        await compare(own, own.apiKey, { ...hello, ...body }, options);
      });
    }

    test("what a client is changed to after it was added counts", limit, async () => {
      const client = newClient(version, simulator, { defaultHeaders: { "x-a": "1" } });
      const create = creator(client);
      await create(hello);
      const changes = [
        () => (client.apiKey = newKey()),
        () => (client.baseURL = `${simulator.url}/?changed=1`),
        () => (client.organization = "org-2"),
        () => (client.project = "proj-2"),
        () => (client.timeout = 9_000),
        () => (client._options.defaultHeaders["x-a"] = "2"),
        () => (client._options.defaultHeaders = { "x-b": "3" }),
        () => (client._options.defaultQuery = { page: "4" }),
      ];
      for (const change of changes) {
        change();
        // Twice: what is remembered must not be stale either.
        await compare(client, client.apiKey, hello, undefined, create);
        await compare(client, client.apiKey, hello, undefined, create);
      }
    });

    test("per-call headers of one call do not stay for the next", limit, async () => {
      const client = newClient(version, simulator);
      const create = creator(client);
      for (const headers of [
        { "x-a": "1" },
        undefined,
        { "x-a": "2" },
        { "x-b": "1" },
        { "x-a": "1" },
      ]) {
        await compare(client, client.apiKey, hello, headers && { headers }, create);
      }
    });

    test("a request is made without any of Node's HTTP clients", limit, async () => {
      const seen = [];
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.push(entry);
      });
      observer.observe({ entryTypes: ["http", "resource"] });
      const ofChat = () => {
        seen.push(...observer.takeRecords());
        const urls = seen.map((entry) => `${entry.name} ${entry.detail?.req?.url ?? ""}`);
        return urls.filter((url) => url.includes("/chat/completions")).length;
      };
      try {
        const client = newClient(version, simulator);
        await creator(client)(hello);
        assert.equal(ofChat(), 0);
        await creator(client, { transport: "client" })(hello);
        // The client itself is seen by this.
        await until(() => ofChat() > 0);
        assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [true, false]);
      } finally {
        observer.disconnect();
      }
    });

    test(
      "Azure's client: deployment, version and key are sent as the SDK sends them",
      limit,
      async () => {
        const { AzureOpenAI } = sdk[version];
        for (const config of [
          { endpoint: simulator.url.replace(/\/v1$/, ""), deployment: "my-deployment" },
          { endpoint: simulator.url.replace(/\/v1$/, "") },
        ]) {
          const apiKey = newKey();
          const client = new AzureOpenAI({
            apiKey,
            apiVersion: "2024-10-21",
            maxRetries: 0,
            ...config,
          });
          await compare(client, apiKey, hello);
        }
      },
    );

    test("Azure's tokens are asked for before every request", limit, async () => {
      const { AzureOpenAI } = sdk[version];
      const tokens = Array.from({ length: 3 }, newKey);
      let asked = 0;
      const client = new AzureOpenAI({
        endpoint: simulator.url.replace(/\/v1$/, ""),
        apiVersion: "2024-10-21",
        deployment: "mine",
        maxRetries: 0,
        azureADTokenProvider: async () => tokens[asked++],
      });
      const create = creator(client);
      for (const token of tokens) {
        await create(hello);
        const [{ path }] = await requestsOf(simulator, token);
        assert.equal(path, "/openai/deployments/mine/chat/completions?api-version=2024-10-21");
      }
    });

    test("a subclass that only adds headers stays with the engine", limit, async () => {
      class Traced extends sdk[version] {
        constructor(options) {
          super({ ...options, defaultHeaders: { "x-trace": "1" } });
        }
        get traced() {
          return true;
        }
      }
      const apiKey = newKey();
      const client = new Traced({ baseURL: simulator.url, apiKey, maxRetries: 0 });
      await compare(client, apiKey, hello);
      const [{ headers }] = await requestsOf(simulator, apiKey);
      assert.ok(headers.some(([name, value]) => name === "x-trace" && value === "1"));
    });

    if (version > 4) {
      test("a key that is asked for is asked before every request", limit, async () => {
        let asked = 0;
        const keys = Array.from({ length: 4 }, newKey);
        const client = newClient(version, simulator, { apiKey: async () => keys[asked++] });
        const create = creator(client);
        for (let count = 0; count < 4; count++) await create(hello);
        const journal = await simulator.journal();
        const arrived = keys.map((key) => journal.filter((entry) => entry.key === key));
        assert.deepEqual(
          arrived.map(({ length }) => length),
          [1, 1, 1, 1],
        );
        assert.ok(arrived.flat().every(isNative));
      });

      test("a withOptions() copy is as stock as its original", limit, async () => {
        const client = newClient(version, simulator).withOptions({
          defaultHeaders: { "x-c": "1" },
        });
        await compare(client, client.apiKey, hello);
      });
    }

    test("one client serves many models", limit, async () => {
      const client = newClient(version, simulator);
      const multiplexer = over(client, undefined, "a");
      multiplexer.addModel(client, 1, 'b"\\');
      for (let count = 0; count < 12; count++) await multiplexer.chat.completions.create(hello);
      const models = (await requestsOf(simulator, client.apiKey)).map(({ model }) => model);
      assert.deepEqual([...new Set(models)].sort(), ["a", 'b"\\']);
    });

    for (const [what, fault, options, counts] of [
      ["a 503 is tried again twice", { kind: "status", status: 503 }, undefined, ["0", "1", "2"]],
      ["a 408 is tried again", { kind: "status", status: 408 }, { maxRetries: 1 }, ["0", "1"]],
      ["a 409 is tried again", { kind: "status", status: 409 }, { maxRetries: 1 }, ["0", "1"]],
      [
        "a 500 is not tried again with no retries",
        { kind: "status", status: 500 },
        { maxRetries: 0 },
        ["0"],
      ],
      ["a 400 is not tried again", { kind: "status", status: 400 }, { maxRetries: 2 }, ["0"]],
      [
        "x-should-retry: false ends it",
        { kind: "status", status: 503, headers: { "x-should-retry": "false" } },
        { maxRetries: 2 },
        ["0"],
      ],
      [
        "x-should-retry: true tries a 400 again",
        { kind: "status", status: 400, headers: { "x-should-retry": "true" } },
        { maxRetries: 2 },
        ["0", "1", "2"],
      ],
      [
        "an empty fault heals after the first",
        { kind: "status", status: 502, first: 1 },
        undefined,
        ["0", "1"],
      ],
      [
        "a reset connection is tried again",
        { kind: "reset", first: 1 },
        { maxRetries: 1 },
        ["0", "1"],
      ],
    ]) {
      test(`${what}, as by the SDK`, limit, async () => {
        const quick = { ...fault };
        if (fault.kind === "status") quick.headers = { "retry-after-ms": "1", ...fault.headers };
        const headers = simulate({ fault: quick });
        const attempts = async (make) => {
          const client = newClient(version, simulator, { maxRetries: 2, defaultHeaders: headers });
          const outcome = await make(client)({ ...hello, model: "gpt" }, options).then(
            () => 200,
            (error) => error.status ?? error.constructor.name,
          );
          const requests = await requestsOf(simulator, client.apiKey);
          const retries = requests.map(
            (entry) => entry.headers.find(([name]) => name === "x-stainless-retry-count")?.[1],
          );
          return { outcome, retries, paths: requests.map(wire) };
        };
        const [bySdk, byEngine] = await Promise.all([
          attempts((client) => client.chat.completions.create.bind(client.chat.completions)),
          attempts((client) => creator(client)),
        ]);
        assert.deepEqual(byEngine.retries, counts);
        assert.deepEqual([byEngine.outcome, byEngine.retries], [bySdk.outcome, bySdk.retries]);
      });
    }

    test("a limited target is asked once, and the next one at once", limit, async () => {
      const limited = newClient(version, simulator, {
        maxRetries: 2,
        defaultHeaders: simulate({ fault: { kind: "status", status: 429 }, retryAfter: 30 }),
      });
      const good = newClient(version, simulator);
      const multiplexer = over(limited, undefined, "limited");
      multiplexer.addFallbackModel(good, 1, "good");
      const began = performance.now();
      const { model } = await multiplexer.chat.completions.create(hello);
      assert.ok(performance.now() - began < 400, "without the SDK's waits");
      assert.equal(model, "good");
      assert.equal((await requestsOf(simulator, limited.apiKey)).length, 1);
      assert.deepEqual(multiplexer.getStats(), {
        limited: { success: 0, rateLimited: 1, failed: 0 },
        good: { success: 1, rateLimited: 0, failed: 0 },
      });
    });

    test("a native 429 rests as its Retry-After says", limit, async () => {
      const rests = [
        [{ retryAfter: 7 }, 7_000],
        [{ retryAfterMs: 2_500 }, 2_500],
        [{ retryAfter: { httpDateInSeconds: 30 } }, 30_000],
        [{ retryAfter: 100_000 }, 600_000],
        [{ retryAfter: "soon" }, 60_000],
        [{ retryAfter: null, retryAfterMs: null }, 60_000],
      ];
      for (const [behaviour, expected] of rests) {
        const fault = { kind: "status", status: 429 };
        const client = newClient(version, simulator, {
          defaultHeaders: simulate({ fault, ...behaviour }),
        });
        const create = creator(client);
        await create(hello).catch(() => undefined);
        const { retryAfterMs } = await create(hello).catch((error) => error);
        // A date is given in whole seconds, and some time has passed.
        assert.ok(
          retryAfterMs <= expected && retryAfterMs > expected - 1_500,
          `${JSON.stringify(behaviour)}: ${retryAfterMs}`,
        );
      }
    });
  });
}

/** Sends a call by the SDK and by the engine, and compares the two requests and their outcomes. */
async function compare(client, key, params, options, create = creator(client)) {
  const settle = async (pending) => {
    try {
      const value = await pending;
      return params.stream === true ? (await collect(value)).length : value.object;
    } catch (error) {
      return [error.constructor.name, error.status, error.message];
    }
  };
  const from = (await simulator.journal()).length;
  const bySdk = await settle(client.chat.completions.create({ ...params, model: "gpt" }, options));
  const byEngine = await settle(create(params, options));
  const journal = await simulator.journal();
  const [first, second, ...more] = journal.slice(from);
  assert.ok(first !== undefined && second !== undefined, `two requests for ${key}`);
  assert.deepEqual(more, []);
  assert.deepEqual(wire(second), wire(first));
  assert.deepEqual([isNative(first), isNative(second)], [false, true], "who sent it");
  assert.deepEqual(byEngine, bySdk);
}
