// What a client is made with, as it shows on the wire.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, sdk, startServer, versions } from "./compare.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

/** Options of the client; `since`: the version that knows them. */
const clients = {
  nothing: {},
  "an organization": { organization: "org-1" },
  "a project": { project: "proj-1" },
  "an organization and a project": { organization: "org-1", project: "proj-1" },
  "an empty organization": { organization: "" },
  "no organization": { organization: null, project: null },
  "a webhook secret": { since: 5, webhookSecret: "whsec_1" },
  "an admin key": { since: 6, adminAPIKey: "sk-admin" },
  "a header": { defaultHeaders: { "X-One": "1" } },
  "a header over the SDK's": { defaultHeaders: { "User-Agent": "mine", accept: "text/plain" } },
  "a header over the key": { defaultHeaders: { Authorization: "Bearer sk-other" } },
  "a header over the content type": { defaultHeaders: { "Content-Type": "application/vnd+json" } },
  "a header that is removed": { defaultHeaders: { "x-stainless-os": null, "X-One": "1" } },
  "a retry count that is removed": { defaultHeaders: { "X-Stainless-Retry-Count": null } },
  "a retry count of its own": { defaultHeaders: { "x-stainless-retry-count": "7" } },
  "a timeout header of its own": { defaultHeaders: { "x-stainless-timeout": "7" } },
  "a header that is undefined": { defaultHeaders: { "x-one": undefined } },
  "an empty header": { defaultHeaders: { "x-one": "" } },
  "a header amid blanks": { since: 5, defaultHeaders: { "x-one": " 1\t" } },
  "a header in Latin-1": { defaultHeaders: { "x-name": "Zo\u00eb" } },
  "a Headers": { since: 5, defaultHeaders: new Headers({ "x-two": "2" }) },
  "pairs of headers": {
    since: 5,
    defaultHeaders: [
      ["x-two", "2"],
      ["x-two", "3"],
      ["x-three", null],
    ],
  },
  "a header with many values": { since: 5, defaultHeaders: { "x-two": ["2", "3"] } },
  "a key in api-key alone": { defaultHeaders: { Authorization: null, "api-key": "sk-azure" } },
  "a query": { defaultQuery: { "api-version": "1", q: "a b&c=d", e: "" } },
  "a query with undefined": { defaultQuery: { a: undefined, b: "1" } },
  "a query in other alphabets": { defaultQuery: { "\u00fc": "水" } },
  "no key": { change: (client) => (client.apiKey = null) },
  "an empty key": { change: (client) => (client.apiKey = "") },
  "a timeout": { timeout: 2_700 },
  "a timeout of less than a second": { timeout: 900 },
  "a slash at the end of the base URL": { baseURL: (url) => `${url}/` },
  "two slashes at the end of the base URL": { baseURL: (url) => `${url}//` },
  "a longer base URL": { baseURL: (url) => url.replace("/v1", "/openai/v1") },
  "a base URL with a query": { baseURL: (url) => `${url}?tenant=7&x=a%20b` },
  "a base URL with a query, and a query": {
    baseURL: (url) => `${url}?tenant=7&x=1`,
    defaultQuery: { x: "2" },
  },
  "a base URL with a repeated query": {
    baseURL: (url) => `${url}?a=1&a=2`,
    defaultQuery: { b: "2" },
  },
  "a base URL with a fragment": { baseURL: (url) => `${url}#part` },
  "a base URL with dots in its path": { baseURL: (url) => `${url}/a/../b/./c` },
  "a base URL with what URLs escape": { baseURL: (url) => `${url}/\u00fc b/%20/"<>` },
  "a base URL with what URLs leave": { since: 5, baseURL: (url) => `${url}/a|b^c'd` },
  "a base URL in capital letters": { baseURL: (url) => url.replace("http:", "HTTP:") },
  "a base URL with localhost": { baseURL: (url) => url.replace("127.0.0.1", "localhost") },
};

/** What is the transport's own matter, so that the client sends it itself. */
const delegated = {
  "no user agent": { defaultHeaders: { "user-agent": null } },
  "nothing it accepts": { defaultHeaders: { accept: null } },
  "no content type": { defaultHeaders: { "content-type": null }, until: 4 },
  "a base URL with a user's name": { baseURL: (url) => url.replace("//", "//me:secret@") },
  "a base URL that node-fetch escapes": { until: 4, baseURL: (url) => `${url}/a|b^c` },
};

/** What the SDK fails with before it sends anything. */
const mistakes = {
  "a base URL that is none": { baseURL: () => "example" },
  "a base URL of another scheme": { baseURL: () => "ftp://127.0.0.1/v1" },
  "a header that HTTP does not allow": { defaultHeaders: { "x-one": "a\nb" } },
  "a header's name that HTTP does not allow": { defaultHeaders: { "x one": "a" } },
  "a header beyond Latin-1": { defaultHeaders: { "x-one": "水" } },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const made = (options) => {
      const baseURL = options.baseURL?.(simulator.url) ?? simulator.url;
      return clientOf(version, simulator, { ...options, baseURL });
    };

    for (const [what, { since = 4, change, ...options }] of Object.entries(clients)) {
      if (version < since) continue;
      test(`a client with ${what} sends the same`, limit, () =>
        assertSame(simulator, { client: made(options), change }),
      );
    }

    for (const [what, { until = 7, ...options }] of Object.entries(delegated)) {
      if (version > until) continue;
      test(`a client with ${what} sends it itself`, limit, () =>
        assertSame(simulator, { client: made(options), delegated: true }),
      );
    }

    for (const [what, options] of Object.entries(mistakes)) {
      test(`a client with ${what} is left to fail by itself`, limit, () =>
        assertSame(simulator, { client: made(options) }),
      );
    }

    test("a default header given by the environment is sent", limit, async (t) => {
      process.env.OPENAI_CUSTOM_HEADERS = "X-Env: 1\nX-Other: a: b";
      process.env.OPENAI_ORG_ID = "org-env";
      process.env.OPENAI_PROJECT_ID = "proj-env";
      t.after(() => {
        for (const name of ["CUSTOM_HEADERS", "ORG_ID", "PROJECT_ID"])
          delete process.env[`OPENAI_${name}`];
      });
      await assertSame(simulator, { client: made({}) });
    });

    if (version > 4) {
      test("a key that is asked for is the one that is sent", limit, () =>
        assertSame(simulator, {
          client: (key) =>
            new sdk[version]({ baseURL: simulator.url, maxRetries: 0, apiKey: async () => key }),
        }),
      );

      for (const [what, apiKey] of Object.entries({
        "that cannot be had": async () => {
          throw new Error("no key today");
        },
        "that is empty": async () => "",
        "that is no string": async () => 17,
      })) {
        test(`a key ${what} fails the same`, limit, () =>
          assertSame(simulator, {
            client: () => new sdk[version]({ baseURL: simulator.url, maxRetries: 0, apiKey }),
          }),
        );
      }
    }
  });
}
