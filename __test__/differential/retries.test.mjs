// What is tried again, how often, and what each try carries.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const soon = { "retry-after-ms": "1" };
const status = (code, headers = {}) => ({
  kind: "status",
  status: code,
  headers: { ...soon, ...headers },
});
const again = { "x-should-retry": "true" };
const never = { "x-should-retry": "false" };

/** By what happens: the faults, one for each attempt, and what the client or the call allows. */
const cases = {
  ...Object.fromEntries(
    [
      400, 401, 403, 404, 408, 409, 410, 413, 418, 422, 424, 425, 500, 501, 502, 503, 504, 520, 599,
    ].map((code) => [`${code} twice`, { faults: [status(code), status(code)] }]),
  ),
  "503 more often than is allowed": { fault: status(503) },
  "503 with no retries": { fault: status(503), client: { maxRetries: 0 } },
  "503 with five retries": { faults: Array(5).fill(status(503)), client: { maxRetries: 5 } },
  "503 with one retry for the call": { fault: status(503), options: { maxRetries: 1 } },
  "503 with no retry for the call": { fault: status(503), options: { maxRetries: 0 } },
  "503 with more retries for the call": {
    faults: Array(3).fill(status(503)),
    options: { maxRetries: 3 },
  },
  "400 that asks for a retry": { faults: [status(400, again)] },
  "404 that always asks for a retry": { fault: status(404, again) },
  "503 that asks for none": { fault: status(503, never) },
  "409 that asks for none": { fault: status(409, never) },
  "503 that asks in other words": { faults: [status(503, { "x-should-retry": "maybe" })] },
  "503 that asks in capital letters": { faults: [status(503, { "x-should-retry": "FALSE" })] },
  "503, then 400": { faults: [status(503), status(400)] },
  "503, then a reset, then 502": {
    faults: [status(503), { kind: "reset" }, status(502)],
    client: { maxRetries: 3 },
  },
  "503, then a body that is no JSON": { faults: [status(503), { kind: "invalidJson" }] },
  "503, then an error with status 200": { faults: [status(503), { kind: "errorEvent" }] },
  "a reset": { faults: [{ kind: "reset" }] },
  "a reset each time": {
    fault: { kind: "reset" },
    options: { maxRetries: 1 },
  },
  "no answer in time, once": { faults: [{ kind: "noAnswer" }], options: { timeout: 150 } },
  "no answer in time, ever": {
    fault: { kind: "noAnswer" },
    options: { timeout: 60, maxRetries: 1 },
  },
  "Retry-After in seconds": {
    faults: [{ kind: "status", status: 503, headers: { "retry-after": "0.02" } }],
  },
  "Retry-After as a date": {
    faults: [{ kind: "status", status: 503 }],
    retryAfter: { httpDateInSeconds: 1 },
  },
  "Retry-After that says nothing": {
    faults: [{ kind: "status", status: 503, headers: { "retry-after": "soon" } }],
  },
  "an idempotency key": { faults: [status(503)], options: { idempotencyKey: "once" } },
  "headers and a query": {
    faults: [status(503)],
    options: { headers: { "x-a": "1" }, query: { b: "2" } },
  },
  "a retry count of its own": {
    faults: [status(503)],
    options: { headers: { "x-stainless-retry-count": "9" } },
  },
  "no retry count": {
    faults: [status(503)],
    options: { headers: { "x-stainless-retry-count": null } },
  },
  "a stream": { faults: [status(503)], params: { messages: [], stream: true } },
  429: { fault: status(429), differs: [differences.limited] },
  "429 that asks for a retry": { fault: status(429, again), differs: [differences.limited] },
  "429 that asks for none": { fault: status(429, never) },
  "429 with no retries": { fault: status(429), client: { maxRetries: 0 } },
  529: { fault: status(529), differs: [differences.limited] },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, each] of Object.entries(cases)) {
      const { client, options, params, differs = [], ...behaviour } = each;
      test(`${what}: the same tries are made`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, {
            maxRetries: 2,
            defaultHeaders: simulate(behaviour),
            ...client,
          }),
          options,
          params,
          differs: of(version, differs),
        }),
      );
    }

    if (version === 4) return;
    test("a key that is asked for is asked once for all tries", limit, () =>
      assertSame(simulator, {
        client: (key) => {
          let asked = 0;
          return clientOf(version, simulator, {
            maxRetries: 1,
            defaultHeaders: simulate({ fault: status(503) }),
          })(async () => `${key}-${asked++}`);
        },
        differs: [differences.keyOfRetries],
      }),
    );
  });
}
