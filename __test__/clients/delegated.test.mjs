// Clients that have been changed, wrapped or mocked, and programs that watch their requests: all
// of them see the requests, and the engine keeps out of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import diagnostics from "node:diagnostics_channel";
import http from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "../support/simulator.mjs";
import {
  collect,
  creator,
  hello,
  isNative,
  Multiplexer,
  newClient,
  newKey,
  rejection,
  requestsOf,
  sdk,
  versions,
} from "./sdks.mjs";

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

const fake = { mocked: true };
/** As newer SDKs need it of their own methods. */
const promised = () =>
  Object.assign(Promise.resolve(fake), {
    _thenUnwrap() {
      return this;
    },
  });
const json = () =>
  new Response(JSON.stringify(fake), { headers: { "content-type": "application/json" } });

/** A client whose requests never arrive anywhere. */
const anyClient = (version, options) =>
  newClient(version, { url: "http://127.0.0.1:9/v1" }, options);

/** What makes a client's request be seen: gives the client, or changes it; tells how to undo it. */
const mocks = {
  "its own create is replaced": ({ client }) => {
    client.chat.completions.create = async () => fake;
  },
  "the prototype's create is replaced": ({ client, undo }) => {
    const prototype = Object.getPrototypeOf(client.chat.completions);
    const { create } = prototype;
    prototype.create = async () => fake;
    undo(() => (prototype.create = create));
  },
  "the prototype's create is wrapped by a bound function": ({ client, undo }) => {
    const prototype = Object.getPrototypeOf(client.chat.completions);
    const { create } = prototype;
    prototype.create = (async () => fake).bind(null);
    undo(() => (prototype.create = create));
  },
  "the prototype's create is wrapped by a Proxy": ({ client, undo }) => {
    const prototype = Object.getPrototypeOf(client.chat.completions);
    const { create } = prototype;
    prototype.create = new Proxy(create, { apply: async () => fake });
    undo(() => (prototype.create = create));
  },
  "its chat is replaced": ({ client }) => {
    client.chat = { completions: { create: async () => fake } };
  },
  "its completions are replaced": ({ client }) => {
    client.chat.completions = { create: async () => fake };
  },
  "its own post is replaced": ({ client }) => {
    client.post = () => promised();
  },
  "its own request is replaced": ({ client }) => {
    client.request = () => promised();
  },
  "the class's request is wrapped": ({ client, undo }) => {
    let owner = client;
    while (!Object.hasOwn(owner, "request")) owner = Object.getPrototypeOf(owner);
    const { request } = owner;
    owner.request = function request() {
      return promised();
    };
    undo(() => (owner.request = request));
  },
  "a Proxy answers for its create": ({ client }) =>
    new Proxy(client, {
      get: (target, name) =>
        name === "chat" ? { completions: { create: async () => fake } } : target[name],
    }),
  "Proxies stand before all that it has": ({ client }) => {
    const watch = (target) =>
      new Proxy(target, {
        get(object, name) {
          const value = Reflect.get(object, name);
          if (name === "create") return async () => fake;
          return typeof value === "object" && value !== null ? watch(value) : value;
        },
      });
    return watch(client);
  },
  "Object.create() of it has a create of its own": ({ client }) =>
    Object.create(client, { chat: { value: { completions: { create: async () => fake } } } }),
  "a copy of it has a create of its own": ({ client }) => ({
    ...client,
    chat: { completions: { create: async () => fake } },
  }),
  "it was made with a fetch": ({ version }) => anyClient(version, { fetch: async () => json() }),
  "its fetch is set later": ({ client }) => {
    client.fetch = async () => json();
  },
  "its fetch is a bound function": ({ version }) =>
    anyClient(version, { fetch: (async () => json()).bind(null) }),
  "its fetchWithTimeout is replaced": ({ client }) => {
    client.fetchWithTimeout = async () => json();
  },
};

const zeros = { success: 0, rateLimited: 0, failed: 0 };

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const when of ["before", "after", "after a call, and after"]) {
      for (const [what, change] of Object.entries(mocks)) {
        const replaces = change({ version, client: anyClient(version), undo: (back) => back() });
        // What gives another client cannot be done to one that was added.
        if (when !== "before" && replaces !== undefined) continue;
        test(`a client is called itself if ${what} ${when} it is added`, async (t) => {
          const client = newClient(version, simulator);
          const apply = () => change({ version, client, undo: (back) => t.after(back) }) ?? client;
          const added = when === "before" ? apply() : client;
          const multiplexer = new Multiplexer({ logger: false });
          multiplexer.addModel(added, 1, "gpt");
          const { create } = multiplexer.chat.completions;
          if (when.startsWith("after a call")) await create(hello);
          const sent = (await requestsOf(simulator, added.apiKey)).length;
          if (when !== "before") apply();
          assert.deepEqual(await create(hello), fake);
          assert.equal((await requestsOf(simulator, added.apiKey)).length, sent);
          assert.deepEqual(multiplexer.getStats(), { gpt: { ...zeros, success: sent + 1 } });
        });
      }
    }

    for (const [what, copy] of Object.entries({
      "Object.create() of it": (client) => Object.create(client),
      "a spread copy of it": (client) => ({ ...client }),
      "a transparent Proxy of it": (client) => new Proxy(client, {}),
    })) {
      test(`${what} is called itself`, async () => {
        const client = newClient(version, simulator);
        assert.equal((await creator(copy(client))(hello)).object, "chat.completion");
        const requests = await requestsOf(simulator, client.apiKey);
        assert.deepEqual(requests.map(isNative), [false]);
      });
    }

    test("a client that was changed back is the engine's again", async () => {
      const client = newClient(version, simulator);
      const create = creator(client);
      client.chat.completions.create = async () => fake;
      assert.deepEqual(await create(hello), fake);
      delete client.chat.completions.create;
      await create(hello);
      assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [true]);
    });

    test("a subscriber to the requests of Node's client sees them", async (t) => {
      const name = version === 4 ? "http.client.request.start" : "undici:request:create";
      const client = newClient(version, simulator);
      const create = creator(client);
      await create(hello);
      const paths = [];
      const listener = ({ request }) => paths.push(request.path);
      diagnostics.subscribe(name, listener);
      t.after(() => diagnostics.unsubscribe(name, listener));
      await create(hello);
      assert.ok(paths.includes("/v1/chat/completions"), paths.join());
      diagnostics.unsubscribe(name, listener);
      await create(hello);
      const requests = await requestsOf(simulator, client.apiKey);
      assert.deepEqual(requests.map(isNative), [true, false, true]);
    });

    if (version === 4) {
      test("an httpAgent is used", async () => {
        const agent = new http.Agent();
        let connections = 0;
        const { createConnection } = agent;
        agent.createConnection = function (...args) {
          connections++;
          return createConnection.apply(this, args);
        };
        await creator(newClient(version, simulator, { httpAgent: agent }))(hello);
        await creator(newClient(version, simulator))(hello, { httpAgent: agent });
        assert.equal(connections, 2);
        agent.destroy();
      });

      test("http.request that is patched sees the requests", async (t) => {
        let seen = 0;
        const { request } = http;
        const client = newClient(version, simulator);
        const create = creator(client);
        await create(hello);
        t.mock.method(http, "request", (...args) => {
          seen++;
          return request(...args);
        });
        await create(hello);
        assert.equal(seen, 1);
        assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [true, false]);
      });
    } else {
      test("fetchOptions are used, of the client and of a call", async () => {
        let seen = 0;
        const dispatcher = {
          dispatch(_options, handler) {
            seen++;
            handler.onError(new Error("seen"));
            return true;
          },
        };
        const fetchOptions = { dispatcher };
        for (const pending of [
          creator(newClient(version, simulator, { fetchOptions }))(hello),
          creator(newClient(version, simulator))(hello, { fetchOptions }),
        ]) {
          assert.ok((await rejection(pending)) instanceof sdk[version].APIConnectionError);
        }
        assert.equal(seen, 2);
      });

      test("a global fetch that is replaced before the client is made sees its requests", async (t) => {
        t.mock.method(globalThis, "fetch", async () => json());
        assert.deepEqual(await creator(newClient(version, simulator))(hello), fake);
      });

      test("a global fetch that is replaced after a client is made is treated as by the SDK", async (t) => {
        const client = newClient(version, simulator);
        const create = creator(client);
        const key = client.apiKey;
        t.mock.method(globalThis, "fetch", async () => json());
        const bySdk = await client.chat.completions.create({ ...hello, model: "gpt" });
        const byUs = await create(hello);
        t.mock.restoreAll();
        assert.equal(byUs.mocked, bySdk.mocked);
        assert.ok(!(await requestsOf(simulator, key)).some(isNative));
      });

      test('a client that logs its requests (logLevel "debug") goes on to do so', async () => {
        const lines = [];
        const write = (...args) => void lines.push(args);
        const logger = { debug: write, info: write, warn: write, error: write };
        await creator(newClient(version, simulator, { logLevel: "debug", logger }))(hello);
        assert.ok(lines.length > 0);
      });
    }

    test('transport "client" calls the client itself', async () => {
      const client = newClient(version, simulator);
      await creator(client, { transport: "client" })(hello);
      assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [false]);
    });

    test('transport "native" has the engine send it, whatever is mocked', async () => {
      const client = newClient(version, simulator, { fetch: async () => json() });
      const create = creator(client, { transport: "native" });
      assert.equal((await create(hello)).object, "chat.completion");
      client.chat.completions.create = async () => fake;
      const stream = await create({ ...hello, stream: true });
      assert.ok((await collect(stream)).length > 2);
      assert.deepEqual((await requestsOf(simulator, client.apiKey)).map(isNative), [true, true]);
    });

    test("a client's own retries stay its own", async () => {
      const apiKey = newKey();
      await simulator.script({
        keys: { [apiKey]: { fault: { kind: "status", status: 429 }, retryAfterMs: 1 } },
      });
      const client = newClient(version, simulator, { apiKey, maxRetries: 2 });
      const error = await rejection(creator(client, { transport: "client" })(hello));
      assert.ok(error instanceof sdk[version].RateLimitError);
      assert.equal((await requestsOf(simulator, apiKey)).length, 3);
    });
  });
}

test('transport "native" is refused for what is no OpenAI client', () => {
  const client = { chat: { completions: { create: async () => fake } } };
  for (const candidate of [client, {}, new Proxy(client, {})]) {
    const multiplexer = new Multiplexer();
    assert.throws(() => multiplexer.addModel(candidate, 1, "gpt", { transport: "native" }), {
      name: "MultiplexerError",
    });
  }
});

const interceptor = fileURLToPath(new URL("interceptor.mjs", import.meta.url));

for (const tool of ["msw", "nock", "undici"]) {
  test(`${tool} sees the requests of all SDKs, also of clients that were added before it came`, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [interceptor, tool], {
      env: { ...process.env, SIMULATOR: simulator.url },
    });
    const rows = JSON.parse(stdout);
    assert.ok(rows.length >= 8, stdout);
    for (const { name, bySdk, byUs } of rows) assert.equal(byUs, bySdk, `${tool}, ${name}`);
    const intercepted = rows.filter(({ byUs }) => byUs === "intercepted");
    assert.ok(intercepted.length >= (tool === "undici" ? 6 : 5), stdout);
    const keys = new Set(rows.map(({ key }) => key));
    const arrived = (await simulator.journal()).filter(({ key }) => keys.has(key));
    assert.ok(!arrived.some(isNative), "the engine sent nothing");
  });
}
