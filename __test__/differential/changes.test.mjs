// Clients that are changed after they were added, copied, or of a class of the program's own.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, newKey, sdk, startServer, versions } from "./compare.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

/** Calls, changes the client, and calls twice more: what is remembered must not be stale either. */
const around = (change) => ({
  act: async (create, params, client) => {
    const values = [await create(params)];
    await change(client);
    for (let count = 0; count < 2; count++) {
      values.push(
        await create(params).then(
          (value) => ({ value }),
          (error) => ({ error }),
        ),
      );
    }
    return values;
  },
});

const changes = {
  "its key": (client) => (client.apiKey = "sk-another"),
  "its base URL": (client) => (client.baseURL = `${simulator.url}/?changed=1`),
  "its organization": (client) => (client.organization = "org-2"),
  "its project": (client) => (client.project = "proj-2"),
  "its organization and project to none": (client) => {
    client.organization = null;
    client.project = null;
  },
  "its timeout": (client) => (client.timeout = 9_000),
  "its maxRetries": (client) => (client.maxRetries = 5),
  "a default header": (client) => (client._options.defaultHeaders["x-a"] = "2"),
  "all its default headers": (client) => (client._options.defaultHeaders = { "x-b": "3" }),
  "its default headers to a Headers": (client) =>
    (client._options.defaultHeaders = new Headers({ "x-b": "3" })),
  "its default query": (client) => (client._options.defaultQuery = { page: "4" }),
  "a part of its default query": (client) => (client._options.defaultQuery.q = "2"),
  "its default headers and query to none": (client) => {
    delete client._options.defaultHeaders;
    delete client._options.defaultQuery;
  },
};

/** Changes of how requests are shaped: each is asked for from then on. */
const hooks = {
  authHeaders: (own) => (own ? { Authorization: `Bearer ${own}` } : {}),
  defaultQuery: () => ({ dynamic: "1" }),
  getUserAgent: () => "mine/1.0",
};

let counter = 0;

/** Subclasses by what they override; `until` and `since`: the versions for which it means something. */
const subclasses = {
  "nothing but adds a member": (kind) =>
    class Mine extends kind {
      get traced() {
        return true;
      }
      answer() {
        return 42;
      }
    },
  "its constructor, which adds headers": (kind) =>
    class Mine extends kind {
      constructor(options) {
        super({ ...options, defaultHeaders: { "x-trace": "1" } });
      }
    },
  "defaultHeaders, with another value each time": {
    until: 4,
    make: (kind) =>
      class Mine extends kind {
        defaultHeaders(options) {
          return { ...super.defaultHeaders(options), "x-count": String(counter++ % 3) };
        }
      },
  },
  "authHeaders, with a key that changes": (kind) =>
    class Mine extends kind {
      #calls = 0;
      authHeaders(...args) {
        const own = { "x-signature": `${this.apiKey} ${this.#calls++}` };
        const all = super.authHeaders(...args);
        if (typeof all?.then !== "function") return { ...all, ...own };
        return all.then((headers) => {
          for (const [name, value] of Object.entries(own)) headers.values.set(name, value);
          return headers;
        });
      }
    },
  "authHeaders, which sign the body": (kind) =>
    class Mine extends kind {
      authHeaders(options, ...rest) {
        const text = JSON.stringify(options.body);
        const own = { "x-length": `${text.length} ${options.body?.model}` };
        const all = super.authHeaders(options, ...rest);
        if (typeof all?.then !== "function") return { ...all, ...own };
        return all.then((headers) => {
          for (const [name, value] of Object.entries(own)) headers.values.set(name, value);
          return headers;
        });
      }
    },
  "defaultQuery, with another value each time": (kind) =>
    class Mine extends kind {
      #calls = 0;
      defaultQuery() {
        return { ...super.defaultQuery(), call: String(this.#calls++) };
      }
    },
  getUserAgent: (kind) =>
    class Mine extends kind {
      getUserAgent() {
        return "mine/1.0";
      }
    },
  buildURL: (kind) =>
    class Mine extends kind {
      buildURL(...args) {
        return `${super.buildURL(...args)}?built=1`;
      }
    },
  validateHeaders: (kind) =>
    class Mine extends kind {
      validateHeaders() {}
    },
};

/** Subclasses whose clients send their requests themselves. */
const delegated = {
  prepareOptions: (kind) =>
    class Mine extends kind {
      async prepareOptions(options) {
        options.body.user = "prepared";
        options.headers = { "x-prepared": "1" };
      }
    },
  prepareRequest: (kind) =>
    class Mine extends kind {
      async prepareRequest(request, { url }) {
        if (typeof request.headers.set === "function")
          request.headers.set("x-url", String(url.length));
        else request.headers["x-url"] = String(url.length);
      }
    },
  buildRequest: (kind) =>
    class Mine extends kind {
      buildRequest(options, ...rest) {
        return super.buildRequest({ ...options, path: "/chat/completions?built=1" }, ...rest);
      }
    },
  shouldRetry: (kind) =>
    class Mine extends kind {
      shouldRetry() {
        return false;
      }
    },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, change] of Object.entries(changes)) {
      test(`${what} may change: the next call is the same`, limit, () => {
        let client;
        const make = (key) =>
          clientOf(version, simulator, {
            defaultHeaders: { "x-a": "1" },
            defaultQuery: { q: "1" },
          })(key);
        const { act } = around(change);
        return assertSame(simulator, {
          client: (key) => (client = make(key)),
          act: (create, params) => act(create, params, client),
        });
      });
    }

    for (const [name, value] of Object.entries(hooks)) {
      test(`${name} may be replaced on the client: the next call is the same`, limit, () => {
        let client;
        const { act } = around(() => {
          let calls = 0;
          const original = client[name];
          client[name] = function (...args) {
            calls++;
            return name === "authHeaders" ? original.apply(this, args) : value(calls);
          };
        });
        return assertSame(simulator, {
          client: (key) => (client = clientOf(version, simulator)(key)),
          act: (create, params) => act(create, params, client),
        });
      });

      test(`${name} may be replaced in the class: the next call is the same`, limit, async (t) => {
        let owner = sdk[version].OpenAI.prototype;
        while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
        const original = owner[name];
        t.after(() => (owner[name] = original));
        let calls = 0;
        const { act } = around(() => {
          calls = 0;
          owner[name] = function (...args) {
            calls++;
            if (name === "defaultQuery") return { calls: String(calls) };
            if (name === "getUserAgent") return `mine/${calls}`;
            return original.apply(this, args);
          };
        });
        await assertSame(simulator, {
          client: (key) => {
            owner[name] = original;
            return clientOf(version, simulator)(key);
          },
          act: (create, params) => act(create, params),
        });
      });
    }

    for (const [what, given] of Object.entries(subclasses)) {
      const { until = 7, make } = typeof given === "function" ? { make: given } : given;
      if (version > until) continue;
      test(`a subclass overrides ${what}: all its calls are the same`, limit, () =>
        assertSame(simulator, {
          client: (key) => {
            counter = 0;
            return clientOf(version, simulator)(key, make(sdk[version].OpenAI));
          },
          act: async (create, params) => [
            await create(params),
            await create(params),
            await create(params),
          ],
        }),
      );
    }

    for (const [what, make] of Object.entries(delegated)) {
      test(`a subclass overrides ${what}: its clients send their requests themselves`, limit, () =>
        assertSame(simulator, {
          client: (key) => clientOf(version, simulator)(key, make(sdk[version].OpenAI)),
          delegated: true,
          act: async (create, params) =>
            [1, 2]
              .map(() => create(params).catch((error) => error))
              .reduce(async (all, next) => [...(await all), await next], []),
        }),
      );
    }

    if (version > 4) {
      for (const [what, options] of Object.entries({
        "no changes": {},
        "another key": { apiKey: "sk-another" },
        "another base URL": { baseURL: "changed" },
        "other headers": { defaultHeaders: { "x-c": "1" } },
        "another timeout": { timeout: 4_000 },
        "an async key": { apiKey: async () => "sk-asked" },
      })) {
        test(`a withOptions() copy with ${what} sends the same`, limit, () =>
          assertSame(simulator, {
            client: (key) => {
              const original = clientOf(version, simulator, { organization: "org-1" })(key);
              const baseURL = options.baseURL && { baseURL: `${simulator.url}/changed` };
              return original.withOptions({ ...options, ...baseURL });
            },
          }),
        );
      }

      test("a key that is asked for may be another each time", limit, () =>
        assertSame(simulator, {
          client: () => {
            let asked = 0;
            const apiKey = async () => `sk-asked-${asked++}`;
            return new sdk[version]({ baseURL: simulator.url, maxRetries: 0, apiKey });
          },
          act: async (create, params) => [await create(params), await create(params)],
        }),
      );
    }

    test("an idempotency header makes the client send its requests itself", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator),
        change: (client) => {
          client.idempotencyHeader = "Idempotency-Key";
          client.defaultIdempotencyKey = () => "generated";
        },
        options: { idempotencyKey: `once-${newKey()}` },
        delegated: true,
      }),
    );
  });
}
