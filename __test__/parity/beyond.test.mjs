// What ours does beyond the original: rests as the server asks, ids, loggers, changing and closing.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answering,
  clientOf,
  draws,
  failing,
  failure,
  hello,
  Multiplexer,
  ours,
  rejection,
  spyConsole,
} from "./modules.mjs";

const { ModelSelectionError, MultiplexerError } = ours;
const zeros = { success: 0, rateLimited: 0, failed: 0 };
const start = Date.UTC(2026, 0, 1);
const create = (multiplexer, ...rest) => multiplexer.chat.completions.create(hello, ...rest);

function stopClock(t) {
  spyConsole(t);
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: start });
}

/** For how long a model rests that has refused with these headers, in milliseconds. */
async function restAfter(headers, options) {
  const multiplexer = new Multiplexer(options);
  multiplexer.addModel(failing(failure({ status: 429, headers })), 1, "gpt");
  await rejection(create(multiplexer));
  return (await rejection(create(multiplexer))).retryAfterMs;
}

test("the error of a later exhaustion says that it is a 429, and when to come back", async (t) => {
  stopClock(t);
  const multiplexer = new Multiplexer();
  multiplexer.addModel(failing(failure({ status: 429, headers: { "retry-after": "30" } })), 1, "a");
  multiplexer.addModel(failing(failure({ status: 429, headers: { "retry-after": "20" } })), 1, "b");
  await rejection(create(multiplexer));
  t.mock.timers.tick(5_000);
  const error = await rejection(create(multiplexer));
  assert.ok(error instanceof ModelSelectionError && error instanceof MultiplexerError);
  const { name, message, status, code, retryAfterMs } = error;
  assert.deepEqual(
    { name, message, status, code, retryAfterMs },
    {
      name: "ModelSelectionError",
      message: "All models are temporarily rate limited.",
      status: 429,
      code: "rate_limited",
      retryAfterMs: 15_000,
    },
  );
});

test("the error of a multiplexer without models has a code and no status", async () => {
  const error = await rejection(create(new Multiplexer()));
  assert.ok(error instanceof ModelSelectionError);
  assert.deepEqual([error.code, error.status], ["no_models", undefined]);
});

const rests = [
  ["no headers at all", undefined, 60_000],
  ["headers that are null", null, 60_000],
  ["no such header", { server: "x" }, 60_000],
  ["seconds", { "retry-after": "7" }, 7_000],
  ["seconds under a name in capitals", { "Retry-After": "7" }, 7_000],
  ["seconds as a number", { "retry-after": 7 }, 7_000],
  ["fractional seconds", { "retry-after": "1.5" }, 1_500],
  ["zero seconds", { "retry-after": "0" }, 1_000],
  ["less than a second", { "retry-after": "0.2" }, 1_000],
  ["more than ten minutes", { "retry-after": "86400" }, 600_000],
  ["a number beyond all", { "retry-after": "99999999999999999999999" }, 600_000],
  ["milliseconds", { "retry-after-ms": "2500" }, 2_500],
  ["few milliseconds", { "retry-after-ms": "10" }, 1_000],
  ["milliseconds and seconds", { "retry-after": "9", "retry-after-ms": "2500" }, 2_500],
  ["senseless milliseconds and seconds", { "retry-after": "9", "retry-after-ms": "soon" }, 9_000],
  ["a date", { "retry-after": new Date(start + 30_000).toUTCString() }, 30_000],
  ["a date that is past", { "retry-after": new Date(start - 30_000).toUTCString() }, 1_000],
  ["a date far away", { "retry-after": new Date(start + 1e10).toUTCString() }, 600_000],
  ["words", { "retry-after": "soon" }, 60_000],
  ["an empty text", { "retry-after": "" }, 60_000],
  ["NaN", { "retry-after": "NaN" }, 60_000],
  ["an object", { "retry-after": {} }, 60_000],
];

for (const [what, headers, expected] of rests) {
  test(`a refusal with ${what} rests for ${expected} ms`, async (t) => {
    stopClock(t);
    assert.equal(await restAfter(headers), expected);
  });
}

test("a refusal's Headers are read like a plain object of headers", async (t) => {
  stopClock(t);
  assert.equal(await restAfter(new Headers({ "Retry-After": "7" })), 7_000);
  assert.equal(await restAfter(new Map([["retry-after", "8"]])), 8_000);
});

test("a refusal whose headers cannot be read rests for the usual time", async (t) => {
  stopClock(t);
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("not to be read");
      },
      ownKeys() {
        throw new Error("not to be listed");
      },
    },
  );
  assert.equal(await restAfter(hostile), 60_000);
});

test("a refusal of a 529 rests as its server asks, too", async (t) => {
  stopClock(t);
  const multiplexer = new Multiplexer();
  const headers = { "retry-after": "7" };
  multiplexer.addModel(failing(failure({ status: 529, headers })), 1, "gpt");
  await rejection(create(multiplexer));
  assert.equal((await rejection(create(multiplexer))).retryAfterMs, 7_000);
});

test("a model is asked again as soon as its server's time is over", async (t) => {
  stopClock(t);
  const headers = { "retry-after": "7" };
  const multiplexer = new Multiplexer();
  multiplexer.addModel(failing(failure({ status: 429, headers })), 1, "gpt");
  await rejection(create(multiplexer));
  t.mock.timers.tick(7_001);
  assert.equal((await rejection(create(multiplexer))).message, "refused");
  assert.deepEqual(multiplexer.getStats(), { gpt: { ...zeros, rateLimited: 2 } });
});

test("a shorter rest that is told later does not shorten a longer one", async (t) => {
  stopClock(t);
  const gates = [];
  const multiplexer = new Multiplexer();
  multiplexer.addModel(
    clientOf(() => new Promise((_, reject) => gates.push(reject))),
    1,
    "gpt",
  );
  const calls = [1, 2].map(() => rejection(create(multiplexer)));
  gates[0](failure({ status: 429, headers: { "retry-after": "40" } }));
  await calls[0];
  gates[1](failure({ status: 429, headers: { "retry-after": "5" } }));
  await calls[1];
  t.mock.timers.tick(6_000);
  assert.equal((await rejection(create(multiplexer))).retryAfterMs, 34_000);
});

test("the log says for how long a model rests", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: start });
  const lines = spyConsole(t);
  await restAfter({ "retry-after": "7" });
  assert.deepEqual(lines, [
    ["warn", "Model gpt hit rate limit. Trying next model."],
    ["log", "Model gpt temporarily disabled for 7s due to rate limit."],
  ]);
});

test("the usual, the shortest and the longest rest can be set", async (t) => {
  stopClock(t);
  const cooldown = { defaultMs: 5_000, minMs: 2_000, maxMs: 9_000 };
  assert.equal(await restAfter(undefined, { cooldown }), 5_000);
  assert.equal(await restAfter({ "retry-after": "1" }, { cooldown }), 2_000);
  assert.equal(await restAfter({ "retry-after": "100" }, { cooldown }), 9_000);
});

for (const [cooldown, usual] of [
  [{ defaultMs: 3_600_000 }, 3_600_000],
  [{ defaultMs: 100 }, 100],
  [{ maxMs: 2_000 }, 2_000],
  [{ minMs: 90_000 }, 90_000],
]) {
  test(`what is not set of ${JSON.stringify(cooldown)} makes room for what is`, async (t) => {
    stopClock(t);
    assert.equal(await restAfter(undefined, { cooldown }), usual);
  });
}

test("a model that has refused is not asked again in the same call, even if it need not rest", async (t) => {
  spyConsole(t);
  let asked = 0;
  const refusing = clientOf(async () => {
    asked++;
    throw failure({ status: 429 });
  });
  const multiplexer = new Multiplexer({ cooldown: { defaultMs: 0, minMs: 0, maxMs: 0 } });
  multiplexer.addModel(refusing, 1, "a");
  multiplexer.addModel(refusing, 1, "b");
  assert.equal((await rejection(create(multiplexer))).status, 429);
  assert.equal(asked, 2);
});

test("a model that comes back while a call is under way is not asked again by that call", async (t) => {
  stopClock(t);
  const asked = [];
  draws(t, [0]);
  const multiplexer = new Multiplexer();
  const refuse = (name, headers) =>
    clientOf(async () => {
      asked.push(name);
      t.mock.timers.tick(2_000);
      throw failure({ status: 429, headers });
    });
  multiplexer.addModel(refuse("a", { "retry-after": "1" }), 1, "a");
  multiplexer.addModel(refuse("b", { "retry-after": "1" }), 1, "b");
  await rejection(create(multiplexer));
  assert.deepEqual(asked, ["a", "b"]);
});

for (const [status, outcome] of [
  [400, "bad_request"],
  [401, "bad_credentials"],
  [402, "quota_used_up"],
  [404, "model_not_found"],
  [500, "unavailable"],
  [503, "overloaded"],
]) {
  test(`the report tells what a ${status} was, and the statistics that it failed`, async (t) => {
    spyConsole(t);
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status })), 1, "gpt");
    await rejection(create(multiplexer));
    assert.deepEqual(multiplexer.getReport()[0].outcomes, { [outcome]: 1 });
    assert.deepEqual(multiplexer.getStats(), { gpt: { ...zeros, failed: 1 } });
  });
}

test("one model can be registered for two keys, told apart by id", async (t) => {
  stopClock(t);
  draws(t, [0]);
  const seen = [];
  const spy = (key, outcome) =>
    clientOf(async ({ model }) => {
      seen.push([key, model]);
      return outcome();
    });
  const multiplexer = new Multiplexer();
  const refuse = () => Promise.reject(failure({ status: 429 }));
  multiplexer.addModel(spy("first", refuse), 1, "gpt", { id: "one" });
  multiplexer.addModel(
    spy("second", () => "answer"),
    1,
    "gpt",
    { id: "two" },
  );
  assert.equal(await create(multiplexer), "answer");
  assert.deepEqual(seen, [
    ["first", "gpt"],
    ["second", "gpt"],
  ]);
  assert.deepEqual(multiplexer.getStats(), {
    one: { ...zeros, rateLimited: 1 },
    two: { ...zeros, success: 1 },
  });
});

test("an id that is taken is skipped with a warning, whatever the model", (t) => {
  const lines = spyConsole(t);
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering(1), 1, "gpt");
  multiplexer.addFallbackModel(answering(2), 1, "other", { id: "gpt" });
  assert.deepEqual(lines, [
    ["warn", "Attempted to add a model with the same name 'gpt' multiple times. Skipping."],
  ]);
  assert.deepEqual(Object.keys(multiplexer.getStats()), ["gpt"]);
});

test("an id that means something to objects is an id like any other", async () => {
  const multiplexer = new Multiplexer();
  const ids = ["__proto__", "constructor", "toString", "7"];
  for (const id of ids) multiplexer.addModel(answering(id), 1, id);
  const stats = multiplexer.getStats();
  assert.deepEqual(Object.keys(stats).sort(), [...ids].sort());
  for (const id of ids) assert.deepEqual(stats[id], zeros);
});

test("a logger of the program's gets the messages in place of the console", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: start });
  const onConsole = spyConsole(t);
  const lines = [];
  const error = failure({ status: 500 });
  const logger = Object.fromEntries(
    ["log", "warn", "error"].map((level) => [level, (...args) => lines.push([level, ...args])]),
  );
  const multiplexer = new Multiplexer({ logger });
  multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
  multiplexer.addFallbackModel(failing(error), 1, "fallback");
  await rejection(create(multiplexer));
  t.mock.timers.tick(60_000);
  assert.deepEqual(onConsole, []);
  assert.deepEqual(lines, [
    ["warn", "Model gpt hit rate limit. Trying next model."],
    ["log", "Model gpt temporarily disabled for 60s due to rate limit."],
    ["error", "Error in Multiplexer: fallback", error],
    ["log", "Model gpt re-enabled after rate limit."],
  ]);
});

test("logger: false says nothing anywhere", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: start });
  const onConsole = spyConsole(t);
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
  multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
  multiplexer.addFallbackModel(failing(failure({ status: 500 })), 1, "fallback");
  await rejection(create(multiplexer));
  t.mock.timers.tick(60_000);
  assert.deepEqual(onConsole, []);
});

test("a logger that lacks levels or throws does not fail a call", async (t) => {
  stopClock(t);
  for (const logger of [
    {},
    {
      warn() {
        throw new Error("full disk");
      },
    },
  ]) {
    const multiplexer = new Multiplexer({ logger });
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    assert.deepEqual(await create(multiplexer), { from: "fallback" });
  }
});

test("updateModels() keeps the statistics and rests of ids that stay", async (t) => {
  stopClock(t);
  const multiplexer = new Multiplexer();
  const limited = failing(failure({ status: 429 }));
  multiplexer.addModel(limited, 1, "limited");
  multiplexer.addModel(answering("leaves"), 1, "leaves");
  draws(t, [0]);
  await create(multiplexer);
  multiplexer.updateModels({
    models: [
      { client: limited, weight: 2, modelName: "limited" },
      { client: answering("comes"), weight: 1, modelName: "comes" },
    ],
    fallbackModels: [{ client: answering("behind"), weight: 1, modelName: "behind" }],
  });
  assert.deepEqual(Object.entries(multiplexer.getStats()), [
    ["limited", { ...zeros, rateLimited: 1 }],
    ["comes", zeros],
    ["behind", zeros],
  ]);
  assert.deepEqual(await create(multiplexer), { from: "comes" });
  t.mock.timers.tick(60_001);
  await create(multiplexer);
  assert.equal(multiplexer.getStats().limited.rateLimited, 2, "its rest is over, and it is asked");
});

test("updateModels() changes nothing if anything in it is wrong", async () => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering("stays"), 1, "stays");
  const good = { client: answering("new"), weight: 1, modelName: "new" };
  for (const models of [
    [good, { ...good, modelName: "other", weight: 0 }],
    [good, { ...good, modelName: "" }],
    [good, good],
  ]) {
    assert.throws(() => multiplexer.updateModels({ models }), MultiplexerError);
    assert.throws(
      () => multiplexer.updateModels({ models: [], fallbackModels: models }),
      MultiplexerError,
    );
  }
  assert.deepEqual(multiplexer.getStats(), { stays: zeros });
  assert.deepEqual(await create(multiplexer), { from: "stays" });
});

test("a call under way when its model is taken away by updateModels() is finished", async () => {
  const gate = {};
  const multiplexer = new Multiplexer();
  multiplexer.addModel(
    clientOf(() => new Promise((resolve) => Object.assign(gate, { resolve }))),
    1,
    "old",
  );
  const pending = create(multiplexer);
  multiplexer.updateModels({
    models: [{ client: answering("new"), weight: 1, modelName: "new" }],
  });
  gate.resolve("late");
  assert.equal(await pending, "late");
  assert.deepEqual(multiplexer.getStats(), { new: zeros });
});

test("removeModel() takes one model away by its id, and says whether it was there", async () => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering("a"), 1, "gpt", { id: "a" });
  multiplexer.addFallbackModel(answering("b"), 1, "gpt", { id: "b" });
  assert.equal(multiplexer.removeModel("gpt"), false);
  assert.equal(multiplexer.removeModel("a"), true);
  assert.equal(multiplexer.removeModel("a"), false);
  assert.deepEqual(await create(multiplexer), { from: "b" });
  assert.deepEqual(Object.keys(multiplexer.getStats()), ["b"]);
});

test("a removed model says nothing more when its rest would have ended", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"], now: start });
  const lines = spyConsole(t);
  const multiplexer = new Multiplexer();
  multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
  await rejection(create(multiplexer));
  multiplexer.removeModel("gpt");
  lines.length = 0;
  t.mock.timers.tick(120_000);
  assert.deepEqual(lines, []);
});

test("a closed multiplexer refuses calls and models, and can be closed again", async () => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering("gpt"), 1, "gpt");
  await multiplexer.close();
  await multiplexer.close();
  const pending = create(multiplexer);
  const error = await rejection(pending);
  assert.ok(error instanceof MultiplexerError);
  assert.equal(error.message, "The multiplexer was closed.");
  const add = () => multiplexer.addModel(answering("gpt"), 1, "gpt");
  assert.throws(add, { name: "MultiplexerError", message: "The multiplexer was closed." });
  assert.deepEqual(multiplexer.getStats(), {});
});

test("a closed multiplexer refuses calls with a promise that has withResponse(), too", async () => {
  const multiplexer = new Multiplexer();
  await multiplexer.close();
  const { message } = await rejection(create(multiplexer).withResponse());
  assert.equal(message, "The multiplexer was closed.");
});

test("a closed multiplexer refuses updateModels()", async () => {
  const multiplexer = new Multiplexer();
  await multiplexer.close();
  const models = [{ client: answering("gpt"), weight: 1, modelName: "gpt" }];
  assert.throws(() => multiplexer.updateModels({ models }), /closed/);
});

test("Symbol.asyncDispose, by which await using ends, closes", async () => {
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering("gpt"), 1, "gpt");
  await multiplexer[Symbol.asyncDispose]();
  assert.match((await rejection(create(multiplexer))).message, /closed/);
});

test("a call of a client's own that is under way at close() goes on to its end", async () => {
  const gate = {};
  const multiplexer = new Multiplexer();
  multiplexer.addModel(
    clientOf(() => new Promise((resolve) => Object.assign(gate, { resolve }))),
    1,
    "gpt",
  );
  const pending = create(multiplexer);
  await multiplexer.close();
  gate.resolve("late");
  assert.equal(await pending, "late");
});
