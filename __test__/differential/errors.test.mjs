// How a call fails when the server answers with a status that is not 2xx.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const status = (code, body, headers) => ({
  kind: "status",
  status: code,
  ...(body !== undefined && { body }),
  ...(headers !== undefined && { headers }),
});
const whole = {
  error: { message: "bad", type: "some_type", param: "messages", code: "some_code" },
};
const codes = [
  400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421,
  422, 423, 424, 425, 426, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 505, 507, 508, 511,
  520, 522, 524, 529, 599,
];

const failures = {
  ...Object.fromEntries(codes.map((code) => [`${code}`, status(code, whole)])),
  "300 without a location": status(300, whole),
  304: status(304, ""),
  "an error that is a string": status(400, { error: "oops" }),
  "an error that is a number": status(400, { error: 7 }),
  "an error that is false": status(400, { error: false }),
  "an error that is null": status(400, { error: null }),
  "an error that is an empty string": status(400, { error: "" }),
  "an error that is a list": status(400, { error: [{ message: "a" }] }),
  "an error that is empty": status(400, { error: {} }),
  "an error whose message is an object": status(400, { error: { message: { a: 1 } } }),
  "an error whose message is empty": status(400, { error: { message: "", code: "x" } }),
  "an error without a message": status(400, { error: { code: "x", more: [1] } }),
  "an error with numbers for type and code": status(400, {
    error: { message: "m", type: 1, code: 2 },
  }),
  "an error beside other fields": status(422, {
    error: { message: "m" },
    detail: [1],
    message: "n",
  }),
  "no error but a message": status(400, { message: "oops", code: "x", type: "t", param: null }),
  "no error but a detail": status(422, { detail: [{ loc: ["body"], msg: "required" }] }),
  "an empty object": status(400, {}),
  "a list": status(400, [1, 2]),
  "an empty list": status(400, []),
  null: status(400, "null"),
  false: status(400, "false"),
  0: status(400, "0"),
  "a number": status(400, "7"),
  "a JSON string": status(400, '"oops"'),
  "an empty JSON string": status(400, '""'),
  "plain text": status(400, "plain text", { "content-type": "text/plain" }),
  "text that looks like JSON": status(400, '{"error":{"message":"cut of'),
  "text with line breaks": status(400, "one\r\ntwo\n"),
  "blanks alone": status(400, "  \n"),
  "an empty body": status(400, ""),
  "a byte order mark": status(400, `\ufeff${JSON.stringify(whole)}`),
  "text in other alphabets": status(400, "zß水🍌"),
  "200 KB of text": status(400, "x".repeat(200_000)),
  "HTML from a proxy": { kind: "html", status: 502 },
  "500 with no body": { kind: "emptyBody", status: 500 },
  "many headers": status(400, whole, {
    "x-ratelimit-remaining-requests": "3",
    "openai-organization": "org",
    "set-cookie": "a=1; Path=/",
    "x-latin": "caf\u00e9",
  }),
  "429 with a hint": status(429, whole, { "retry-after": "7", "x-ratelimit-reset-requests": "7s" }),
};

const differ = {
  421: [differences.misdirected],
  "a byte order mark": [differences.byteOrderMark],
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, fault] of Object.entries(failures)) {
      test(`${what} fails the same`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, { defaultHeaders: simulate({ fault }) }),
          differs: of(version, differ[what]),
        }),
      );
    }

    test("a status that answers a request for a stream fails the same", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator, {
          defaultHeaders: simulate({ fault: status(422, whole) }),
        }),
        params: { messages: [], stream: true },
      }),
    );

    test("the headers of an error are read in any case", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator, {
          defaultHeaders: simulate({ fault: status(404, whole) }),
        }),
        act: async (create, params) => {
          const { headers } = await create(params).catch((error) => error);
          const names = ["content-type", "Content-Type", "X-Request-ID", "x-absent"];
          return names.map((name) => (version === 4 ? headers[name] : headers.get(name)));
        },
      }),
    );
  });
}
