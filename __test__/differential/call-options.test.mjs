// What is given with a call, as it shows on the wire.

import { Readable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, startServer, versions } from "./compare.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const nested = { a: { b: [1, 2] }, c: "d e&f", g: undefined, h: null, i: true };

/** Options of a call; `client`: those of the client; `since`: the version that takes them. */
const calls = {
  "no options": undefined,
  "options that are empty": {},
  "options that are null": null,
  headers: { headers: { "X-Two": "2", accept: "text/plain" } },
  "headers that are null": { since: 5, headers: null },
  "a header over the client's": {
    client: { defaultHeaders: { "X-One": "1" } },
    headers: { "x-one": "2" },
  },
  "a header that removes the client's": {
    client: { defaultHeaders: { "X-One": "1" } },
    headers: { "x-one": null, "X-Stainless-Lang": null },
  },
  "a header that is undefined": {
    client: { defaultHeaders: { a: "1" } },
    headers: { a: undefined },
  },
  "a key of its own": { headers: { Authorization: "Bearer sk-mine" } },
  "a content type of its own": { headers: { "Content-Type": "application/json; charset=utf-8" } },
  "a retry count of its own": { headers: { "x-stainless-retry-count": "3" } },
  "no retry count": { headers: { "x-stainless-retry-count": null } },
  "a header in Latin-1": { headers: { "x-name": "Zo\u00eb" } },
  "a Headers": { since: 5, headers: new Headers({ "x-two": "2" }) },
  "pairs of headers": {
    since: 5,
    headers: [
      ["x-two", "2"],
      ["X-Two", "3"],
    ],
  },
  "a header with many values": { since: 5, headers: { "x-two": ["2", "3"] } },
  "a query": { query: { a: "1", b: 2, c: true, d: null, e: undefined, f: "x y&z" } },
  "a nested query": { query: nested },
  "a query over the client's": { client: { defaultQuery: { a: "1", b: "2" } }, query: { b: "3" } },
  "a query that is null": { query: null },
  "a query that is a list": { query: ["a", "b"] },
  "a query with a date": { since: 5, query: { at: new Date(0) } },
  "a timeout": { timeout: 1_500 },
  "a timeout of less than a second": { timeout: 700 },
  "no retries": { maxRetries: 0 },
  "three retries": { maxRetries: 3 },
  "an idempotency key": { idempotencyKey: "once" },
  "another path": { path: "/v1/other?x=1" },
  "a path that is a number": { path: 7 },
  "a path that is a URL": { path: (url) => `${url}/embeddings` },
  "a signal": () => ({ signal: new AbortController().signal }),
  "a signal that is null": { signal: null },
  "stream: true, which the body decides": { stream: true },
  "a default base URL": { since: 5, defaultBaseURL: "http://127.0.0.1:9/v1", delegated: true },
  "the method": { method: "post", delegated: true },
  "another body": { body: { model: "other", messages: [] }, delegated: true },
  "a body of bytes": () => ({
    body: new TextEncoder().encode('{"model":"bytes"}'),
    delegated: true,
  }),
  "a body that streams": () => ({
    since: 5,
    body: Readable.toWeb(Readable.from([new TextEncoder().encode('{"model":"streamed"}')])),
    delegated: true,
  }),
  "options of fetch": { since: 5, fetchOptions: { keepalive: false }, delegated: true },
  "a form's content type": {
    since: 6,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    delegated: true,
  },
  "options of a class": () =>
    Object.assign(
      Object.create({
        maxRetries: 1,
        get timeout() {
          return 1;
        },
      }),
      { headers: { a: "1" }, delegated: true },
    ),
  "options without a prototype": () => Object.assign(Object.create(null), { headers: { a: "1" } }),
  "options that are frozen": () => Object.freeze({ headers: Object.freeze({ a: "1" }) }),
  "a member that nobody knows": { extra: 1, delegated: true },
};

/** What the SDK refuses. */
const mistakes = {
  "a timeout that is undefined": { timeout: undefined },
  "a timeout that is null": { timeout: null },
  "a timeout that is a string": { timeout: "10" },
  "a timeout that is negative": { timeout: -1 },
  "a timeout that is a fraction": { timeout: 1.5 },
  "a timeout that is no number": { timeout: Number.NaN },
  "a header that HTTP does not allow": { headers: { "x-one": "a\nb" } },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, given] of Object.entries(calls)) {
      const make = typeof given === "function" ? given : () => given;
      const { since = 4, client, delegated } = make() ?? {};
      if (version < since) continue;
      const options = () => {
        const made = make();
        if (typeof made !== "object" || made === null || Object.isFrozen(made)) return made;
        const own = Object.assign(Object.create(Object.getPrototypeOf(made)), made);
        for (const name of ["since", "client", "delegated"]) delete own[name];
        if (typeof own.path === "function") own.path = own.path(simulator.url);
        return own;
      };
      test(`a call with ${what} sends the same`, limit, () =>
        assertSame(simulator, { client: clientOf(version, simulator, client), options, delegated }),
      );
    }

    for (const [what, options] of Object.entries(mistakes)) {
      for (const when of ["first", "later"]) {
        test(`a call with ${what} fails the same, as the ${when} call`, limit, () =>
          assertSame(simulator, {
            client: clientOf(version, simulator),
            options,
            act: async (create, params, own) => {
              if (when === "later") await create(params);
              return create(params, own).then(
                (value) => ({ value }),
                (error) => ({ error }),
              );
            },
          }),
        );
      }
    }

    test("what one call is given does not stay for the next", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator),
        act: async (create, params) => {
          const headers = { "x-a": "1" };
          await create(params, { headers });
          headers["x-a"] = "2";
          await create(params, { headers, timeout: 3_000 });
          await create(params, { query: { q: "1" } });
          await create(params, { query: { q: 1 } });
          await create(params);
          await create(params, { headers: { "x-a": null } });
          await create(params, { headers: { "x-a": undefined } });
        },
      }),
    );
  });
}
