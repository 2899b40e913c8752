// What a call's body becomes: byte for byte what the SDK sends.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, hello, limit, startServer, versions } from "./compare.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const user = (content) => ({ messages: [{ role: "user", content }] });
class Params {
  constructor() {
    this.model = "any";
    this.messages = hello.messages;
  }
  get temperature() {
    return 1;
  }
}

const bodies = {
  "a plain body": hello,
  "text of all kinds": user(
    'zß水🍌 "quoted" \\ / \u2028\u2029 \u0000\u001f\u007f \t\r\n </script>',
  ),
  "lone surrogates": user("\ud800 a \udc00 \udbff\udbff"),
  "members that are undefined": { ...hello, n: undefined, stop: [undefined], user: undefined },
  "functions and symbols": { ...hello, metadata: { f: () => 1, s: Symbol("s"), [Symbol("t")]: 1 } },
  "null for what may be": { ...hello, stop: null, metadata: null },
  dates: { ...hello, metadata: { at: new Date(0), never: new Date(Number.NaN) } },
  "toJSON inside": { ...hello, metadata: { a: { toJSON: (name) => `json of ${name}` } } },
  "boxed values": {
    ...hello,
    metadata: { a: new String("x"), b: new Number(1), c: new Boolean(false) },
  },
  numbers: {
    ...hello,
    metadata: [
      1e21,
      1e-7,
      -0,
      0.1 + 0.2,
      9007199254740992,
      Number.NaN,
      Infinity,
      -Infinity,
      5e-324,
    ],
  },
  "Maps, Sets and typed arrays": {
    ...hello,
    metadata: [new Map([[1, 2]]), new Set([1]), new Uint8Array(2)],
  },
  "regular expressions and errors": { ...hello, metadata: [/x/, new Error("e")] },
  "numbers as keys": { b: 1, 2: "two", 1: "one", ...hello },
  "a member __proto__": { ...hello, metadata: JSON.parse('{"__proto__":{"a":1}}') },
  "a list with holes": { ...hello, stop: [, "a", ,] }, // eslint-disable-line no-sparse-arrays
  "a getter": {
    ...hello,
    get temperature() {
      return 0.5;
    },
  },
  "an object of a class": new Params(),
  "an object without a prototype": Object.assign(Object.create(null), hello),
  "a frozen object": Object.freeze({ ...hello }),
  "members that are not enumerable": Object.defineProperty({ ...hello }, "hidden", { value: 1 }),
  "models inside": {
    ...hello,
    tools: [{ type: "function", function: { name: "f", parameters: { model: "inner" } } }],
    metadata: { model: '"model":"x"', "mo\\del": '{"model":1}' },
  },
  "the model last": { messages: hello.messages, model: "x" },
  "the model in the middle": { a: 1, model: 'y"\\\n', messages: hello.messages },
  "no model": { messages: hello.messages, temperature: 0 },
  "a model that is null": { model: null, messages: hello.messages },
  "a model that is undefined": { model: undefined, messages: hello.messages },
  "a model that is a number": { model: 7, messages: hello.messages },
  "a model that is an object": { model: { a: 1 }, messages: hello.messages },
  "a key that escapes to model": { "mod\u0065l": "z", messages: hello.messages },
  "nothing at all": {},
  "a body of 1 MB": user("ä".repeat(500_000)),
  "an object that is deep": {
    ...hello,
    metadata: Array.from({ length: 900 }).reduce((inner) => ({ inner }), 1),
  },
  "stream: false": { ...hello, stream: false },
  "stream: null": { ...hello, stream: null },
  "stream: 0": { ...hello, stream: 0 },
  "a stream": { ...hello, stream: true },
  "a stream with options": { ...hello, stream: true, stream_options: { include_usage: true } },
  "a function call": {
    ...hello,
    functions: [{ name: "f", parameters: {} }],
    function_call: "auto",
  },
};

/** What decides by itself what is sent: then the client does it. */
const delegated = {
  "toJSON of its own": { ...hello, toJSON: () => ({ model: "mine", messages: [] }) },
  "stream: 1": { ...hello, stream: 1 },
  'stream: "true"': { ...hello, stream: "true" },
};

const refused = {
  "a BigInt": { ...hello, seed: 1n },
  "itself inside": (() => {
    const body = { ...hello };
    body.metadata = { body };
    return body;
  })(),
  "a toJSON that throws": {
    ...hello,
    metadata: {
      toJSON: () => {
        throw new RangeError("not today");
      },
    },
  },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const client = (key) => clientOf(version, simulator)(key);
    for (const [what, params] of Object.entries(bodies)) {
      test(`${what}: the same bytes are sent`, limit, () =>
        assertSame(simulator, { client, params }),
      );
    }
    for (const [what, params] of Object.entries(delegated)) {
      test(`${what}: the client sends it itself`, limit, () =>
        assertSame(simulator, { client, params, delegated: true }),
      );
    }
    for (const [what, params] of Object.entries(refused)) {
      test(`${what}: it fails the same, and nothing is sent`, limit, () =>
        assertSame(simulator, { client, params }),
      );
    }

    test("the caller's object is not changed, and may be used again", limit, () =>
      assertSame(simulator, {
        client,
        act: async (create) => {
          const params = { ...hello };
          await create(params);
          params.temperature = 0.5;
          await create(params);
          return params;
        },
      }),
    );
  });
}
