// Azure's clients: deployments, versions, keys and tokens.

import { after, before, describe, test } from "node:test";
import { assertSame, limit, sdk, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const apiVersion = "2024-10-21";
const endpoint = () => simulator.url.replace(/\/v1$/, "");

/** What a client is made with beside its key; `calls`: the options of its calls. */
const clients = {
  "no deployment": {},
  "a deployment": { deployment: "mine" },
  "a deployment in other letters": { deployment: "d\u00e9p l/oy" },
  "a slash after its endpoint": { endpoint: () => `${endpoint()}/` },
  "a base URL": { endpoint: undefined, baseURL: () => `${endpoint()}/openai` },
  "a base URL of a deployment": {
    endpoint: undefined,
    baseURL: () => `${endpoint()}/openai/deployments/d1`,
  },
  "another version": { apiVersion: "2025-01-01-preview" },
  "headers and a query": { defaultHeaders: { "x-a": "1" }, defaultQuery: { q: "1" } },
  "an organization": { organization: "org-1", project: "proj-1" },
  "a key in its headers": { defaultHeaders: { "api-key": "sk-other" } },
  "another version for one call": {
    calls: [{ query: { "api-version": "2023-05-15" } }, undefined],
  },
  "headers for one call": { calls: () => [{ headers: { "x-b": "1" } }, undefined] },
  "another path for one call": { calls: [{ path: "/other" }, undefined] },
};

const changes = {
  "its deployment": (client) => (client.deploymentName = "d2"),
  "its version": (client) => {
    client.apiVersion = "2025-01-01-preview";
    client._options.defaultQuery = { "api-version": "2025-01-01-preview" };
  },
  "its key": (client) => (client.apiKey = "sk-another"),
  "its base URL": (client) => (client.baseURL = `${endpoint()}/openai/deployments/d3`),
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const make = (key, options) => {
      const { calls: _, ...given } = options;
      const { AzureOpenAI } = sdk[version];
      const made = { endpoint, apiVersion, apiKey: key, maxRetries: 0, ...given };
      for (const name of ["endpoint", "baseURL"]) {
        if (typeof made[name] === "function") made[name] = made[name]();
      }
      return new AzureOpenAI(made);
    };
    const all = (calls) => async (create, params) => {
      const outcomes = [];
      for (const options of typeof calls === "function" ? calls() : calls) {
        outcomes.push(await create(params, options).catch((error) => error));
      }
      return outcomes;
    };

    for (const [what, options] of Object.entries(clients)) {
      test(`a client with ${what} sends the same`, limit, () =>
        assertSame(simulator, {
          client: (key) => make(key, options),
          act: all(options.calls ?? [undefined, undefined]),
        }),
      );
    }

    for (const [what, change] of Object.entries(changes)) {
      test(`${what} may change: the next call is the same`, limit, () => {
        let client;
        return assertSame(simulator, {
          client: (key) => (client = make(key, { deployment: "d1" })),
          act: async (create, params) => {
            await create(params);
            change(client);
            return [await create(params), await create(params)];
          },
        });
      });
    }

    test("tokens are asked for, each time anew", limit, () =>
      assertSame(simulator, {
        client: (key) => {
          let asked = 0;
          return make(undefined, {
            deployment: "d1",
            azureADTokenProvider: async () => `${key}-${asked++}`,
          });
        },
        act: all([undefined, undefined]),
      }),
    );

    for (const [what, azureADTokenProvider] of Object.entries({
      "that cannot be had": async () => {
        throw new Error("no token today");
      },
      "that is empty": async () => "",
    })) {
      test(`a token ${what} fails the same`, limit, () =>
        assertSame(simulator, { client: () => make(undefined, { azureADTokenProvider }) }),
      );
    }

    test("an error fails the same", limit, () =>
      assertSame(simulator, {
        client: (key) =>
          make(key, {
            defaultHeaders: simulate({
              fault: {
                kind: "status",
                status: 404,
                body: { error: { code: "DeploymentNotFound", message: "none" } },
              },
            }),
          }),
      }),
    );

    test("a stream is the same", limit, () =>
      assertSame(simulator, {
        client: (key) => make(key, { deployment: "d1" }),
        params: { messages: [], stream: true },
      }),
    );

    test("a redirect is followed", limit, () =>
      assertSame(simulator, {
        client: (key) =>
          make(key, {
            deployment: "d1",
            defaultHeaders: simulate({
              fault: { kind: "redirect", status: 307, first: 1, location: "/v1/chat/completions" },
            }),
          }),
        differs: of(version, [differences.azureRedirect]),
      }),
    );

    if (version === 7) {
      test("a withOptions() copy sends the same", limit, () =>
        assertSame(simulator, {
          client: (key) => make(key, { deployment: "d1" }).withOptions({ timeout: 5_000 }),
        }),
      );
    }

    test("a subclass that prepares options sends its requests itself", limit, () => {
      class Mine extends sdk[version].AzureOpenAI {
        async prepareOptions(options) {
          await super.prepareOptions(options);
          options.headers = { ...options.headers, "x-prepared": "1" };
        }
      }
      return assertSame(simulator, {
        client: (apiKey) => new Mine({ endpoint: endpoint(), apiVersion, apiKey, maxRetries: 0 }),
        delegated: true,
      });
    });
  });
}
