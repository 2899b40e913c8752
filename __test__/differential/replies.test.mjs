// What comes back from a successful call.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, hello, limit, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const answered = (body, headers = {}) => ({
  fault: {
    kind: "status",
    status: 200,
    body,
    headers: { "content-type": "application/json", ...headers },
  },
});

/** How the server answers, and to which parameters. */
const replies = {
  "a completion": {},
  "several choices": { params: { n: 3 } },
  "a completion with tool calls": { toolCalls: 2 },
  "a completion with reasoning": { reasoning: 3 },
  "a completion of Azure's": { shape: "azure" },
  "a completion without usage": { usage: false },
  "a completion in gzip": { gzip: true },
  "a completion without a request id": { requestId: null },
  "a completion of 200 KB": { bodyBytes: 200_000 },
  "another 2xx": { fault: { kind: "status", status: 201, body: { a: 1 } } },
  "no content": { fault: { kind: "noContent" } },
  "an empty body that claims to be JSON": answered(""),
  "an empty body": { fault: { kind: "emptyBody" } },
  HTML: { fault: { kind: "html" } },
  "text of type text/plain": { contentType: "text/plain" },
  "JSON of a vendor": { contentType: "application/vnd.api+json" },
  "JSON in capital letters": { contentType: "Application/JSON; charset=utf-8" },
  "an error with status 200": { fault: { kind: "errorEvent" } },
  null: answered("null"),
  "a number": answered("17"),
  "a string": answered('"text"'),
  "a list": answered("[1, 2]"),
  "numbers at the edge": answered(
    '{"a":1e400,"b":-0,"c":12345678901234567890,"d":0.1e-7,"e":9007199254740993}',
  ),
  "keys that mean something": answered(
    '{"__proto__":{"x":1},"constructor":1,"_request_id":"mine","10":1,"2":1,"toString":0}',
  ),
  "duplicate keys": answered('{"a":1,"b":2,"a":3}'),
  "strings of all kinds": answered('{"a":"\\ud800 \\u0000 \\u2028 zß水🍌","\\ud83c\\udf4c":"b"}'),
  "JSON with a byte order mark": {
    ...answered('\ufeff{"a":1}'),
    differs: [differences.byteOrderMark],
  },
  "JSON amid white space": answered(' \r\n\t{"a":1}\n\n'),
  "JSON with more after it": answered('{"a":1} x'),
  "half of a JSON text": answered('{"a":'),
  "a body that is no JSON": { fault: { kind: "invalidJson" } },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, { params, differs, ...behaviour }] of Object.entries(replies)) {
      test(`${what} comes back the same`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, { defaultHeaders: simulate(behaviour) }),
          params: { ...hello, ...params },
          differs: of(version, differs),
        }),
      );
    }
  });
}
