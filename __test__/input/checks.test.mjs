// What the package refuses to be given, and that no secret is told by anything it says.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { startSimulator } from "../support/simulator.mjs";
import {
  hello,
  Multiplexer,
  newClient,
  newKey,
  ours,
  rejection,
  requestsOf,
  sdk,
  simulate,
  versions,
} from "../clients/sdks.mjs";

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

const { MultiplexerError } = ours;
const client = { chat: { completions: { create: async () => ({}) } } };
const endpoint = { baseURL: "https://api.example.test/v1", apiKey: "sk-secret-of-mine" };
/** The message begins with `place`, if there is one. */
const refused = (act, message, place = "") => {
  assert.throws(act, (error) => {
    assert.ok(error instanceof MultiplexerError && error instanceof Error);
    assert.ok(error.message.startsWith(place), error.message);
    const rest = error.message.slice(place.length).replace(/^: |^\.client\./, "");
    if (message instanceof RegExp) assert.match(rest, message);
    else assert.equal(rest, message);
    assert.ok(!inspect(error).includes("sk-secret"));
    return true;
  });
};

for (const value of [-1, 1.5, NaN, Infinity, "2", true, {}, [], 2 ** 32]) {
  test(`maxConcurrent ${inspect(value)} is refused`, () => {
    const multiplexer = new Multiplexer();
    for (const add of ["addModel", "addFallbackModel"]) {
      refused(
        () => multiplexer[add](client, 1, "gpt", { maxConcurrent: value }),
        /^options\.maxConcurrent must be an integer from 0 to 4294967295, or null for no limit, not /,
      );
    }
    assert.deepEqual(multiplexer.getStats(), {});
  });
}

const wrongOptions = {
  "null as options": [null, /options/],
  "a string as options": ["gpt", /options must be an object, not "gpt"/],
  "an array as options": [[], /options must be an object, not an array/],
  "an option that does not exist": [{ maxConcurent: 1 }, /maxConcurent.*maxConcurrent/],
  "an empty id": [{ id: "" }, /id/],
  "an id that is no string": [{ id: 7 }, /options\.id must be a non-empty string, not 7/],
  "an account that is no string": [{ account: 5 }, /options\.account must be .*, not 5/],
  "tags that are no object": [{ tags: "eu" }, /options\.tags must be an object .*, not "eu"/],
  "a tag that is no string": [{ tags: { eu: 1 } }, /options\.tags\.eu must be a string, not 1/],
  "too large a context": [{ contextWindow: 1e12 }, /from 0 to 4294967295, not 1000000000000/],
  "too large a limit": [
    { limits: { rpm: 2 ** 60 } },
    /rpm must be an integer from 1 to 9007199254740991, not 1152/,
  ],
  "limits that are an array": [{ limits: [] }, /options\.limits must be an object, not an array/],
  "an id that is null": [{ id: null }, /id/],
  "an unknown transport": [
    { transport: "http" },
    /transport must be one of auto, native, client, not "http"/,
  ],
};

for (const [what, [options, message]] of Object.entries(wrongOptions)) {
  test(`addModel refuses ${what}`, () => {
    refused(() => new Multiplexer().addModel(client, 1, "gpt", options), message);
  });
}

const wrongEndpoints = {
  "no URL": [{ apiKey: "sk-secret" }, /baseURL/],
  "a URL that is none": [
    { ...endpoint, baseURL: "sk-secret" },
    /^baseURL must be an http or https URL .*, not a string that is none\.$/,
  ],
  "a URL of another kind": [
    { ...endpoint, baseURL: "htps://user:sk-secret@example.test/v1?key=sk-secret" },
    /baseURL.* not one of "htps:\/\/example\.test"\.$/,
  ],
  "a URL that is no string": [{ ...endpoint, baseURL: ["sk-secret"] }, /baseURL.*not an array/],
  "a password in the URL": [
    { ...endpoint, baseURL: "https://user:sk-secret@example.test/v1?key=sk-secret" },
    /^baseURL must not hold a user name or a password/,
  ],
  "a user name in the URL": [
    { ...endpoint, baseURL: "https://sk-secret@example.test/v1" },
    /^baseURL must not hold a user name or a password/,
  ],
  "the key and the URL exchanged": [
    { baseURL: endpoint.apiKey, apiKey: endpoint.baseURL },
    /baseURL.*a string that is none/,
  ],
  "a member that it does not have": [
    { ...endpoint, header: { a: "b" } },
    'An endpoint has no member "header"; it has baseURL, apiKey, headers.',
  ],
  "its members' names in another spelling": [
    { baseUrl: endpoint.baseURL, api_key: "sk-secret" },
    /no member "baseUrl"/,
  ],
  "nothing in it": [{}, /baseURL.*not undefined/],
  "no key": [{ baseURL: endpoint.baseURL }, /apiKey/],
  "an empty key": [{ ...endpoint, apiKey: "" }, /apiKey/],
  "a key with a line break": [{ ...endpoint, apiKey: "sk-secret\nx: y" }, /apiKey.*line break/],
  "a key beyond Latin-1": [{ ...endpoint, apiKey: "sk-secret-水" }, /apiKey/],
  "headers that are a list": [{ ...endpoint, headers: [["a", "b"]] }, /headers/],
  "headers that are null": [{ ...endpoint, headers: null }, /headers/],
  "headers that are a Map": [{ ...endpoint, headers: new Map([["a", "b"]]) }, /headers.*Headers/],
  "a header's name with a blank": [{ ...endpoint, headers: { "a b": "c" } }, /headers.*a b/],
  "a header's value that is no string": [{ ...endpoint, headers: { a: 1 } }, /headers.*a/],
  "a header with a line break": [{ ...endpoint, headers: { a: "sk-secret\r\n" } }, /headers.*a/],
};

for (const [what, [given, message]] of Object.entries(wrongEndpoints)) {
  test(`an endpoint with ${what} is refused`, () => {
    refused(() => new Multiplexer().addModel(given, 1, "gpt"), message);
    const models = [{ client: given, weight: 1, modelName: "gpt" }];
    refused(() => new Multiplexer().updateModels({ models }), message, "models[0]");
  });
}

for (const given of [undefined, null, "sk-secret", 5, true, ["sk-secret"]]) {
  test(`${inspect(given)} is no client`, () => {
    refused(
      () => new Multiplexer().addModel(given, 1, "gpt"),
      /^client must be an OpenAI client, .* or an endpoint \{ baseURL, apiKey \}, not (an? )?\w+\.$/,
    );
  });
}

test("a client that comes to be when it is used is none that was meant as an endpoint", async () => {
  const lazy = new Proxy({}, { get: (_, name) => client[name] });
  const multiplexer = new Multiplexer();
  multiplexer.addModel(lazy, 1, "gpt");
  assert.deepEqual(await multiplexer.chat.completions.create(hello), {});
  multiplexer.updateModels({
    models: [{ client: { embeddings: { create: async () => 1 } }, weight: 1, modelName: "e" }],
  });
  assert.equal(await multiplexer.embeddings.create({ model: "any", input: "a" }), 1);
});

test('an endpoint cannot be asked by transport "client"', () => {
  refused(
    () => new Multiplexer().addModel(endpoint, 1, "gpt", { transport: "client" }),
    /transport/,
  );
});

const wrongConstructions = {
  null: [null, /options/],
  "a string": ["x", /options must be an object, not "x"/],
  "an array": [[], /options must be an object, not an array/],
  "a logger that is an array": [{ logger: [] }, /options\.logger must be .*, not an array/],
  "a logger whose member is no function": [
    { logger: { warn: "x" } },
    /options\.logger\.warn must be a function, not "x"/,
  ],
  "a state that is a string": [{ state: "redis://:sk-secret@h" }, /"memory".*not another string/],
  "a state of no type": [
    { state: {} },
    /options\.state\.type must be "file" or "redis", not undef/,
  ],
  "a protocol that is none": [{ http2: 2n }, /options\.http2 must be .*, not 2/],
  ...Object.fromEntries(
    ["cooldown", "timeouts", "outcomes", "retryBudget", "hedge"].map((name) => [
      `${name} as an array`,
      [
        { policy: "resilient", [name]: [] },
        new RegExp(`options\\.${name} must be .*, not an array`),
      ],
    ]),
  ),
  "too many retries a second": [
    { policy: "resilient", retryBudget: { minPerSecond: 2 ** 32 } },
    /from 0 to 4294967295, not 4294967296/,
  ],
  "an unknown option": [{ loger: false }, /loger.*logger/],
  "a logger that is true": [{ logger: true }, /logger/],
  "a logger that is null": [{ logger: null }, /logger/],
  "a cooldown that is a number": [{ cooldown: 60 }, /cooldown/],
  "an unknown cooldown": [{ cooldown: { default: 1 } }, /cooldown.*default/],
  "a cooldown that is negative": [{ cooldown: { minMs: -1 } }, /minMs/],
  "a cooldown that is NaN": [{ cooldown: { maxMs: NaN } }, /maxMs/],
  "a cooldown that is a string": [{ cooldown: { defaultMs: "60" } }, /defaultMs/],
  "a shortest rest above the longest": [{ cooldown: { minMs: 9, maxMs: 8 } }, /minMs.*maxMs/],
  "a usual rest above the longest": [
    { cooldown: { defaultMs: 5_000, maxMs: 2_000 } },
    "options.cooldown.defaultMs (5000) must be from minMs (1000) to maxMs (2000).",
  ],
  "a usual rest below the shortest": [
    { policy: "resilient", cooldown: { defaultMs: 100, minMs: 2_000 } },
    "options.cooldown.defaultMs (100) must be from minMs (2000) to maxMs (86400000).",
  ],
};

for (const [what, [options, message]] of Object.entries(wrongConstructions)) {
  test(`the constructor refuses ${what}`, () => {
    refused(() => new Multiplexer(options), message);
  });
}

const definition = { client, weight: 1, modelName: "gpt" };
const wrongUpdates = {
  "no update": [undefined, /^update must be an object, not undefined/],
  "an update without models": [{}, /^models must be an array, not undefined/],
  "models that are null": [{ models: null }, /^models must be an array, not null/],
  "a model that is null": [{ models: [null] }, /^models\[0\] must be an object, not null/],
  "a member that does not exist": [
    { models: [definition], fallbackModel: [definition] },
    /^update: there is no option "fallbackModel"; there are models, fallbackModels/,
  ],
  "fallbacks that are null": [
    { models: [], fallbackModels: null },
    /^fallbackModels must be an array, not null/,
  ],
  "a definition's unknown option": [
    { models: [definition, { ...definition, id: "b", maxConcurent: 1 }] },
    /^models\[1\]: there is no option "maxConcurent"/,
  ],
  "a definition's wrong option": [
    { models: [definition], fallbackModels: [{ ...definition, tier: -1 }] },
    /^fallbackModels\[0\]\.tier must be an integer from 0 to 65535, not -1/,
  ],
  "a definition's limits that lack a name": [
    { models: [{ ...definition, sharedLimits: { account: { rpm: 1 } } }] },
    /^models\[0\]\.sharedLimits\.account needs models\[0\]\.account/,
  ],
  "a definition's weight": [
    { models: [definition, { ...definition, id: "b", weight: 0 }] },
    /^models\[1\]: Weight must be a positive integer\.$/,
  ],
  "a definition's endpoint": [
    { models: [{ ...definition, client: { ...endpoint, apiKey: "" } }] },
    /^models\[0\]\.client\.apiKey must be a non-empty string/,
  ],
};

for (const [what, [update, message]] of Object.entries(wrongUpdates)) {
  test(`updateModels refuses ${what}, and nothing has changed`, () => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "before");
    refused(() => multiplexer.updateModels(update), message);
    assert.deepEqual(Object.keys(multiplexer.getStats()), ["before"]);
  });
}

test("undefined stands for every option's default", () => {
  new Multiplexer(undefined);
  new Multiplexer({ logger: undefined, cooldown: undefined });
  new Multiplexer({ cooldown: { defaultMs: undefined, minMs: undefined, maxMs: undefined } });
  const options = { id: undefined, maxConcurrent: undefined, transport: undefined };
  new Multiplexer().addModel(client, 1, "gpt", options);
});

for (const [name, value] of [
  ["timeout", -1],
  ["timeout", 1.5],
  ["timeout", "5"],
  ["maxRetries", -1],
  ["maxRetries", 0.5],
  ["maxRetries", 2 ** 32],
]) {
  test(`an endpoint's call refuses the ${name} ${inspect(value)}`, async () => {
    const multiplexer = new Multiplexer({ logger: false });
    multiplexer.addModel(endpoint, 1, "gpt");
    const error = await rejection(multiplexer.chat.completions.create(hello, { [name]: value }));
    assert.ok(error instanceof MultiplexerError);
    assert.match(
      error.message,
      new RegExp(`^options\\.${name} must be an integer from 0 to \\d+, not `),
    );
  });
}

const wrongCalls = {
  "options that are a number": [5, "options must be an object, not a number."],
  "options that are a string": ["x", "options must be an object, not a string."],
  "options that are a list": [[], "options must be an object, not an array."],
  "a signal that is none": [{ signal: 5 }, /^options\.signal must be an AbortSignal, not a number/],
  "a signal that cannot be heard": [{ signal: {} }, /^options\.signal must be an AbortSignal/],
  "headers that are a number": [{ headers: 5 }, /^options\.headers must be an object/],
  "a header that is an object": [
    { headers: { a: {} } },
    /^headers: the value of a must be a string/,
  ],
  "a header's name with a blank": [{ headers: { "a b": "c" } }, /"a b" is not a valid header name/],
  "a path that is a number": [{ path: 5 }, "path must be a string, not a number."],
  "a query that is a number": [{ query: 5 }, "query must be an object, not a number."],
  "a timeout that is negative": [{ timeout: -1 }, /^options\.timeout must be an integer/],
  "a body with a BigInt": [undefined, /BigInt/, { ...hello, seed: 1n }],
};

for (const [what, [options, message, params = hello]] of Object.entries(wrongCalls)) {
  for (const policy of ["compat", "resilient"]) {
    test(`a call with ${what} is the program's mistake, and nobody's failure (${policy})`, async () => {
      const multiplexer = new Multiplexer({ logger: false, policy });
      const apiKey = newKey();
      multiplexer.addModel({ baseURL: simulator.url, apiKey }, 1, "gpt", { limits: { rpm: 1 } });
      const error = await rejection(multiplexer.chat.completions.create(params, options));
      if (message instanceof RegExp) assert.match(error.message, message);
      else assert.equal(error.message, message);
      assert.ok(params !== hello || error instanceof MultiplexerError);
      assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 0 });
      assert.deepEqual(multiplexer.getReport()[0].outcomes, {});
      assert.equal(multiplexer.getQuota().gpt[0].remaining, 1);
      await multiplexer.chat.completions.create(hello);
    });
  }
}

test("a client's call with a wrong time-out rests nobody under the policy resilient", async () => {
  const multiplexer = new Multiplexer({ logger: false, policy: "resilient" });
  multiplexer.addModel(newClient(7, simulator), 1, "gpt");
  const error = await rejection(multiplexer.chat.completions.create(hello, { timeout: -1 }));
  assert.match(error.message, /^options\.timeout must be an integer/);
  assert.deepEqual(multiplexer.getReport()[0].outcomes, {});
});

test("an endpoint takes a header that is a number, and a query of URLSearchParams, as fetch does", async () => {
  const apiKey = newKey();
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel({ baseURL: simulator.url, apiKey }, 1, "gpt");
  const query = new URLSearchParams({ a: "1" });
  await multiplexer.chat.completions.create(hello, { headers: { "x-number": 5 }, query });
  const [{ path, headers }] = await requestsOf(simulator, apiKey);
  assert.equal(path, "/v1/chat/completions?a=1");
  assert.equal(Object.fromEntries(headers)["x-number"], "5");
});

/** All that can be got out of a value by printing it. */
const everything = (value) =>
  [
    inspect(value, { depth: 20, showHidden: true, getters: false }),
    String(value?.stack),
    String(value?.message),
    JSON.stringify(value, Object.getOwnPropertyNames(Object(value))),
  ].join("\n");

const troubles = {
  "a refusal": { fault: { kind: "status", status: 429 } },
  "a failure": { fault: { kind: "status", status: 401 } },
  "a reset": { fault: { kind: "reset" } },
  "a reply that is no JSON": { fault: { kind: "invalidJson" } },
};

for (const [what, behaviour] of Object.entries(troubles)) {
  test(`no key is told by errors, logs or the multiplexer after ${what}`, async () => {
    const lines = [];
    const write = (...args) => void lines.push(...args);
    const keys = [];
    const multiplexer = new Multiplexer({ logger: { log: write, warn: write, error: write } });
    for (const version of versions) {
      const apiKey = newKey();
      keys.push(apiKey);
      const defaultHeaders = simulate(behaviour);
      multiplexer.addModel(
        newClient(version, simulator, { apiKey, defaultHeaders }),
        1,
        apiKey.slice(-3),
      );
    }
    const apiKey = newKey();
    keys.push(apiKey, "another-secret");
    const headers = { ...simulate(behaviour), "x-token": "another-secret" };
    multiplexer.addModel({ baseURL: simulator.url, apiKey, headers }, 1, "endpoint");
    const said = [];
    for (let count = 0; count < 30; count++) {
      said.push(await rejection(multiplexer.chat.completions.create(hello, { maxRetries: 0 })));
    }
    said.push(multiplexer, multiplexer.getStats(), ...lines);
    const text = said.map(everything).join("\n");
    for (const key of keys) assert.ok(!text.includes(key), `${key} is in ${text}`);
  });
}

test("a connection that fails names no key, even one in the URL's query", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  const baseURL = "http://127.0.0.1:9/v1?key=secret-in-query";
  multiplexer.addModel({ baseURL, apiKey: "sk-secret-of-mine" }, 1, "endpoint");
  const error = await rejection(multiplexer.chat.completions.create(hello, { maxRetries: 0 }));
  assert.ok(!everything(error).includes("sk-secret-of-mine"));
  assert.ok(!everything(error).includes("secret-in-query"));
});

test("a client's header with a line break fails, and its value is not told", async () => {
  for (const version of versions) {
    const apiKey = "sk-secret\r\nx-injected: 1";
    const bad = new sdk[version]({ baseURL: simulator.url, apiKey, maxRetries: 0 });
    const multiplexer = new Multiplexer({ logger: false });
    multiplexer.addModel(bad, 1, "gpt");
    const error = await rejection(multiplexer.chat.completions.create(hello));
    assert.ok(error instanceof Error);
    assert.equal(multiplexer.getStats().gpt.failed, 1);
  }
  const arrived = await simulator.journal();
  assert.ok(!arrived.some(({ headers }) => headers.some(([name]) => name === "x-injected")));
});
