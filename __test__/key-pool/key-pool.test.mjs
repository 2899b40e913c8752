// A pool's cascade of keys, models and providers, its strategies, hooks and errors, with real SDKs
// in the handler and a simulated provider on the wire.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";

import { newKey, ours, rejection, requestsOf, sdk, simulate, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { KeyPool, KeyPoolExhaustedError, reportOf } = ours;
const limit = { timeout: 30_000 };

let simulator;
before(async () => {
  simulator = await startSimulator({ defaults: { tokens: 5 } });
});
after(() => simulator.stop());

/** A handler that calls with openai 7, and notes whom it was given. */
function withOpenAI(behaviours = {}) {
  const given = [];
  const handler = ({ apiKey, provider, model, signal }) => {
    given.push(`${provider} ${model} ${apiKey}`);
    const behaviour = behaviours[apiKey] ?? behaviours[model] ?? behaviours[provider] ?? {};
    const client = new sdk[7]({ baseURL: simulator.url, apiKey, maxRetries: 0 });
    return client.chat.completions.create(
      { model, messages: [{ role: "user", content: "hi" }] },
      { headers: simulate({ text: `${provider} ${model}`, ...behaviour }), signal },
    );
  };
  return { handler, given };
}

const status = (code, more) => ({ fault: { kind: "status", status: code, ...more } });
const textOf = (completion) => completion.choices[0].message.content;

/** A pool of these providers by name: keys and models. */
function poolOf(providers, config) {
  const entries = Object.entries(providers);
  return new KeyPool({
    providers: entries.map(([name, { keys, models }]) => ({ name, keys, models })),
    ...config,
  });
}

describe("the cascade", () => {
  test(
    "goes from key to key, then to the next model, then to the next provider",
    limit,
    async () => {
      const pool = poolOf({
        one: { keys: ["a", "b"], models: ["m", "n"] },
        two: { keys: ["c"], models: ["o"] },
      });
      const { handler, given } = withOpenAI({ one: status(500) });
      const answer = await pool.executeWithFallback(["one", "two"], handler);
      assert.equal(textOf(answer), "two o");
      assert.deepEqual(given, ["one m a", "one m b", "one n a", "one n b", "two o c"]);
      const outcomes = reportOf(answer).attempts.map(({ outcome }) => outcome);
      assert.deepEqual(outcomes, ["success"]);
    },
  );

  test("a failed key rests, and the next call begins with the one after it", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } }, { cooldownMs: 30_000 });
    const { handler, given } = withOpenAI({ a: status(500) });
    for (let call = 0; call < 3; call++) await pool.executeWithFallback(["one"], handler);
    assert.deepEqual(given, ["one m a", "one m b", "one m b", "one m b"]);
    const rests = pool.getReport().find(({ id }) => id === "one/key-1/m").restsUntil - Date.now();
    assert.ok(rests > 20_000 && rests <= 30_000, `${rests} ms`);
    pool.clearAllCooldowns();
    await pool.executeWithFallback(["one"], handler);
    assert.equal(given[4], "one m a");
  });

  test("what the server asks for in Retry-After is kept to", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } }, { cooldownMs: 5_000 });
    const { handler } = withOpenAI({ a: { ...status(429), retryAfter: 120 } });
    await pool.executeWithFallback(["one"], handler);
    const rests = pool.getReport()[0].restsUntil - Date.now();
    assert.ok(rests > 110_000 && rests <= 120_000, `${rests} ms`);
  });

  test("a bad key rests for all of its models", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m", "n"] } });
    const { handler, given } = withOpenAI({ a: status(401), m: status(500) });
    await pool.executeWithFallback(["one"], handler);
    assert.deepEqual(given, ["one m a", "one m b", "one n b"]);
  });

  test("a bad request is tried with no other key, and fails as it did", limit, async () => {
    const pool = poolOf({
      one: { keys: ["a", "b"], models: ["m", "n"] },
      two: { keys: ["c"], models: ["o"] },
    });
    const { handler, given } = withOpenAI({ one: status(400) });
    const error = await rejection(pool.executeWithFallback(["one", "two"], handler));
    assert.ok(error instanceof sdk[7].BadRequestError, inspect(error));
    assert.deepEqual(given, ["one m a"]);
    assert.equal(reportOf(error).attempts.length, 1);
    assert.ok(pool.getReport().every(({ state }) => state === "ready"));
  });

  test(
    "a context that is too long is tried with the next model, not with the next key",
    limit,
    async () => {
      const pool = poolOf({ one: { keys: ["a", "b"], models: ["m", "n"] } });
      const tooLong = { fault: { kind: "refusal", provider: "openai", reason: "contextTooLong" } };
      const { handler, given } = withOpenAI({ m: tooLong });
      await pool.executeWithFallback(["one"], handler);
      assert.deepEqual(given, ["one m a", "one n a"]);
    },
  );

  test("a plain error of the handler's goes on to the next key", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } });
    const answer = await pool.executeWithFallback(["one"], ({ apiKey }) => {
      if (apiKey === "a") throw new Error("it did not work");
      return Promise.resolve({ apiKey });
    });
    assert.deepEqual(answer, { apiKey: "b" });
  });

  test("calls at the same time each get an answer", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } });
    const { handler } = withOpenAI({ a: status(429) });
    const calls = Array.from({ length: 20 }, () => pool.executeWithFallback(["one"], handler));
    for (const answer of await Promise.all(calls)) assert.equal(textOf(answer), "one m");
    const [limited, other] = pool.getReport();
    assert.equal(other.outcomes.success, 20);
    assert.equal(limited.inFlight + other.inFlight, 0);
  });
});

describe("the strategies", () => {
  const providers = {
    one: { keys: ["a"], models: ["m", "n"] },
    two: { keys: ["b"], models: ["o"] },
  };
  const names = (given) => given.map((one) => one.split(" ").slice(0, 2).join(" "));

  test("priority begins with the first of the order each time", limit, async () => {
    const pool = poolOf(providers);
    const { handler, given } = withOpenAI();
    for (let call = 0; call < 3; call++) await pool.executeWithFallback(["two", "one"], handler);
    assert.deepEqual(names(given), ["two o", "two o", "two o"]);
  });

  test("sticky stays with the provider and the model that have succeeded last", limit, async () => {
    const pool = poolOf(providers, { strategy: "sticky", cooldownMs: 0 });
    const behaviours = { m: status(500) };
    const { handler, given } = withOpenAI(behaviours);
    await pool.executeWithFallback(["one", "two"], handler);
    delete behaviours.m;
    pool.clearAllCooldowns();
    await pool.executeWithFallback(["two", "one"], handler);
    assert.deepEqual(names(given), ["one m", "one n", "one n"]);
  });

  test("round-robin begins with the next provider each time", limit, async () => {
    const pool = poolOf(providers, { strategy: "round-robin" });
    const { handler, given } = withOpenAI();
    for (let call = 0; call < 3; call++) await pool.executeWithFallback(["one", "two"], handler);
    assert.deepEqual(names(given), ["one m", "two o", "one m"]);
  });
});

describe("the hooks", () => {
  test("tell the provider, the key and the error at each level", limit, async () => {
    const told = [];
    const note = (hook) => (failure) => {
      assert.deepEqual(Object.keys(failure).sort(), ["apiKey", "error", "provider"]);
      told.push(`${hook} ${failure.provider} ${failure.apiKey} ${failure.error.status}`);
    };
    const pool = poolOf(
      { one: { keys: ["a", "b"], models: ["m", "n"] }, two: { keys: ["c"], models: ["o"] } },
      {
        onKeyFailure: note("key"),
        onModelSwitch: note("model"),
        onProviderSwitch: note("provider"),
      },
    );
    const { handler } = withOpenAI({ one: status(500) });
    await pool.executeWithFallback(["one", "two"], handler);
    assert.deepEqual(told, [
      "key one a 500",
      "key one b 500",
      "model one b 500",
      "key one a 500",
      "key one b 500",
      "provider one b 500",
    ]);
  });

  test("what a hook throws or rejects with changes nothing", limit, async () => {
    const thrown = () => {
      throw new Error("from a hook");
    };
    const rejected = () => Promise.reject(new Error("from a hook"));
    const pool = poolOf(
      { one: { keys: ["a"], models: ["m", "n"] }, two: { keys: ["b"], models: ["o"] } },
      { onKeyFailure: thrown, onModelSwitch: rejected, onProviderSwitch: thrown },
    );
    const { handler } = withOpenAI({ one: status(500) });
    assert.equal(textOf(await pool.executeWithFallback(["one", "two"], handler)), "two o");
  });
});

describe("events", () => {
  test("tell of each attempt by ids, and hold no key", limit, async () => {
    const keys = [newKey(), newKey()];
    const pool = poolOf({ one: { keys, models: ["m"] } });
    const told = [];
    const listen = (event) => told.push(event);
    pool.on("attemptEnded", listen).on("cooldown", listen);
    const { handler } = withOpenAI({ [keys[0]]: status(500) });
    await pool.executeWithFallback(["one"], handler);
    await until(() => told.length === 3);
    assert.deepEqual(
      told.map(({ id }) => id),
      ["one/key-1/m", "one/key-1/m", "one/key-2/m"],
    );
    const shown = inspect(told, { depth: 8 });
    for (const key of keys) assert.ok(!shown.includes(key), shown);
    pool.off("attemptEnded", listen);
    await pool.executeWithFallback(["one"], handler);
    assert.equal(told.length, 3);
  });
});

describe("the end", () => {
  test("lists every attempt with its outcome, and holds no key", limit, async () => {
    const keys = [newKey(), newKey()];
    const messages = [];
    const log = (...parts) => messages.push(inspect(parts));
    const pool = poolOf(
      { one: { keys, models: ["m"] } },
      { logger: { log, warn: log, error: log } },
    );
    const error = await rejection(
      pool.executeWithFallback(["one"], ({ apiKey }) => {
        throw Object.assign(new Error(`${apiKey} is limited`), { status: 429 });
      }),
    );
    assert.ok(error instanceof KeyPoolExhaustedError);
    assert.ok(error instanceof ours.MultiplexerError);
    assert.equal(error.code, "key_pool_exhausted");
    const told = error.attempts.map(({ key, model, outcome, status }) => [
      key,
      model,
      outcome,
      status,
    ]);
    assert.deepEqual(told, [
      ["one/key-1", "m", "rate_limited", 429],
      ["one/key-2", "m", "rate_limited", 429],
    ]);
    assert.equal(error.errors.length, 2);
    assert.equal(error.cause, error.errors[1]);
    assert.match(error.message, /one, m, one\/key-1: rate_limited 429: \*\*\* is limited/);
    assert.ok(error.retryAfterMs > 40_000 && error.retryAfterMs <= 60_000, `${error.retryAfterMs}`);
    for (const key of keys) {
      assert.ok(!error.message.includes(key) && !error.stack.includes(key));
      assert.ok(!messages.join("\n").includes(key), messages.join("\n"));
      assert.ok(!inspect(pool, { depth: 10, showHidden: true }).includes(key));
    }
  });

  test("holds no key that was rotated during the call either", limit, async () => {
    let key = "sk-one";
    const next = { "sk-one": "sk-one-more", "sk-one-more": "sk-another" };
    const pool = poolOf({ one: { keys: [() => key], models: ["m", "n"] } }, { cooldownMs: 0 });
    const error = await rejection(
      pool.executeWithFallback(["one"], ({ apiKey }) => {
        key = next[apiKey];
        throw Object.assign(new Error(`denied for ${apiKey}`), { status: 500 });
      }),
    );
    assert.equal(error.attempts.length, 2);
    assert.deepEqual(error.message.match(/denied for .*/g), ["denied for ***", "denied for ***"]);
  });

  test("says that all rest where nobody could be asked", limit, async () => {
    const pool = poolOf({ one: { keys: ["a"], models: ["m"] } });
    const { handler, given } = withOpenAI({ a: status(429) });
    await rejection(pool.executeWithFallback(["one"], handler));
    const error = await rejection(pool.executeWithFallback(["one"], handler));
    assert.equal(given.length, 1);
    assert.deepEqual(error.attempts, []);
    assert.match(error.message, /All keys of all providers rest/);
    assert.ok(error.retryAfterMs > 0);
  });
});

describe("an abort", () => {
  test("rejects at once with the signal's reason, and counts nothing", limit, async () => {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } });
    const { handler, given } = withOpenAI({ a: { latencyMs: 60_000 } });
    const controller = new AbortController();
    const call = pool.executeWithFallback(["one"], handler, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    const error = await rejection(call);
    assert.equal(error.message, "enough");
    assert.deepEqual(given, ["one m a"]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [first] = pool.getReport();
    assert.deepEqual([first.state, first.inFlight, first.outcomes], ["ready", 0, { aborted: 1 }]);
  });

  test("is listened for once, however many calls share the signal", limit, async () => {
    const pool = poolOf({ one: { keys: ["a"], models: ["m"] } });
    const { signal } = new AbortController();
    let finish;
    const finished = new Promise((resolve) => (finish = resolve));
    const calls = Array.from({ length: 20 }, () =>
      pool.executeWithFallback(["one"], () => finished, { signal }),
    );
    assert.equal(getEventListeners(signal, "abort").length, 1);
    finish("done");
    assert.deepEqual(new Set(await Promise.all(calls)), new Set(["done"]));
    await until(() => getEventListeners(signal, "abort").length === 0);
  });

  test("that came before the call asks nobody", limit, async () => {
    const pool = poolOf({ one: { keys: ["a"], models: ["m"] } });
    const { handler, given } = withOpenAI();
    const signal = AbortSignal.abort(new Error("too late"));
    const error = await rejection(pool.executeWithFallback(["one"], handler, { signal }));
    assert.equal(error.message, "too late");
    assert.deepEqual(given, []);
  });
});

describe("what handlers throw", () => {
  /** The outcome of the first key when its handler throws this, and how long it rests. */
  async function judged(thrown) {
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } });
    const error = await rejection(
      pool.executeWithFallback(["one"], () => {
        throw thrown;
      }),
    );
    const [{ outcomes, restsUntil = 0 }] = pool.getReport();
    const restsMs = Math.max(0, restsUntil - Date.now());
    return { outcomes: Object.keys(outcomes), restsMs, error };
  }

  const google = (code, statusName, details = []) =>
    JSON.stringify({ error: { code, message: "no", status: statusName, details } });
  const retryInfo = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "33s" };
  const table = {
    "status 429": [{ status: 429 }, "rate_limited"],
    "statusCode 429, with headers": [
      { statusCode: 429, responseHeaders: { "Retry-After": "90" } },
      "rate_limited",
      90_000,
    ],
    "response.status of axios": [
      { response: { status: 429, headers: { "retry-after": "91" }, data: {} } },
      "rate_limited",
      91_000,
    ],
    "a cause": [{ cause: { status: 401 } }, "bad_credentials"],
    "the last error of the AI SDK's retries": [
      {
        reason: "maxRetriesExceeded",
        errors: [{ statusCode: 500 }],
        lastError: { statusCode: 429 },
      },
      "rate_limited",
    ],
    "an answer within what only says that it failed": [
      {
        message: "Failed after 2 attempts.",
        lastError: {
          statusCode: 429,
          responseBody: google(429, "RESOURCE_EXHAUSTED", [retryInfo]),
        },
      },
      "rate_limited",
      33_000,
    ],
    "a network code": [{ message: "fetch failed", cause: { code: "ECONNREFUSED" } }, "unavailable"],
    "a time-out": [Object.assign(new Error("late"), { name: "TimeoutError" }), "timed_out"],
    "Google's message that is JSON": [
      { status: 429, message: google(429, "RESOURCE_EXHAUSTED", [retryInfo]) },
      "rate_limited",
      33_000,
    ],
    "Google's message with words before": [
      {
        status: 400,
        message: `got status: 400. ${google(400, "INVALID_ARGUMENT", [{ reason: "API_KEY_INVALID" }])}`,
      },
      "bad_credentials",
    ],
    "Google's errorDetails": [
      { status: 429, errorDetails: [retryInfo], message: "no" },
      "rate_limited",
      33_000,
    ],
    "a body as text": [
      { statusCode: 429, responseBody: '{"error":{"code":"insufficient_quota","message":"no"}}' },
      "quota_used_up",
    ],
    "nothing at all": [undefined, "unavailable"],
    "a word": ["no", "unavailable"],
  };

  for (const [name, [thrown, outcome, restsMs]] of Object.entries(table)) {
    test(`${name}: ${outcome}`, limit, async () => {
      const found = await judged(thrown);
      assert.deepEqual(found.outcomes, [outcome]);
      if (restsMs !== undefined) {
        assert.ok(Math.abs(found.restsMs - restsMs) < 2_000, `${found.restsMs} ms`);
      }
      assert.equal(found.error.errors.length, 2);
    });
  }

  test("errors of every openai SDK are judged by what they hold", limit, async () => {
    for (const version of [4, 5, 6, 7]) {
      const keys = [newKey(), newKey()];
      const pool = poolOf({ one: { keys, models: ["m"] } });
      const behaviour = (key) =>
        key === keys[0] ? { fault: { kind: "refusal", provider: "openai", reason: "badKey" } } : {};
      await pool.executeWithFallback(["one"], ({ apiKey, model }) =>
        new sdk[version]({ baseURL: simulator.url, apiKey, maxRetries: 0 }).chat.completions.create(
          { model, messages: [{ role: "user", content: "hi" }] },
          { headers: simulate(behaviour(apiKey)) },
        ),
      );
      assert.deepEqual(
        Object.keys(pool.getReport()[0].outcomes),
        ["bad_credentials"],
        `${version}`,
      );
      assert.equal((await requestsOf(simulator, keys[0])).length, 1);
    }
  });

  test("an error of the AI SDK's is judged by what it holds", limit, async () => {
    const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible");
    const { generateText } = await import("ai");
    const pool = poolOf({ one: { keys: ["a", "b"], models: ["m"] } });
    const { text } = await pool.executeWithFallback(["one"], ({ apiKey, model }) => {
      const behaviour = apiKey === "a" ? { ...status(429), retryAfter: 77 } : { text: "well" };
      const provider = createOpenAICompatible({
        name: "simulated",
        baseURL: simulator.url,
        apiKey,
        headers: simulate(behaviour),
      });
      return generateText({ model: provider(model), prompt: "hi", maxRetries: 0 });
    });
    assert.equal(text, "well");
    const [{ outcomes, restsUntil }] = pool.getReport();
    assert.deepEqual(Object.keys(outcomes), ["rate_limited"]);
    assert.ok(restsUntil - Date.now() > 70_000);
  });
});

describe("limits", () => {
  const limited = (limits) =>
    new KeyPool({ providers: [{ name: "one", keys: ["a", "b"], models: ["m"], limits }] });

  test("are each key's own, and no more calls are made than they allow", limit, async () => {
    const pool = limited({ rpd: 3 });
    const given = [];
    const calls = Array.from({ length: 10 }, () =>
      pool.executeWithFallback(["one"], async ({ apiKey }) => given.push(apiKey)),
    );
    const settled = await Promise.allSettled(calls);
    assert.deepEqual(given.sort(), ["a", "a", "a", "b", "b", "b"]);
    const refused = settled.filter(({ status }) => status === "rejected");
    assert.equal(refused.length, 4);
    for (const { reason } of refused) assert.ok(reason.retryAfterMs > 0, inspect(reason));
  });

  const answers = {
    openai: { usage: { prompt_tokens: 7, completion_tokens: 5 } },
    anthropic: { usage: { input_tokens: 7, output_tokens: 5 } },
    "the AI SDK": { usage: { inputTokens: 7, outputTokens: 5, totalTokens: 12 } },
    google: {
      usageMetadata: { promptTokenCount: 7, candidatesTokenCount: 3, thoughtsTokenCount: 2 },
    },
  };
  for (const [name, answer] of Object.entries(answers)) {
    test(`of tokens are settled with what an answer of ${name} tells`, limit, async () => {
      const pool = limited({ tpd: 100 });
      await pool.executeWithFallback(["one"], () => answer);
      const [{ limits, tokens }] = pool.getReport();
      assert.equal(limits[0].remaining, 88);
      assert.deepEqual(tokens.reported, { input: 7, output: 5 });
    });
  }
});

describe("another key", () => {
  test("in the place of a bad one is used at once, and the counters stay", limit, async () => {
    const pool = poolOf({ one: { keys: ["a"], models: ["m", "n"] } });
    const { handler, given } = withOpenAI({ a: status(401) });
    await rejection(pool.executeWithFallback(["one"], handler));
    pool.rotateKey("one/key-1", "b");
    await pool.executeWithFallback(["one"], handler);
    assert.deepEqual(given, ["one m a", "one m b"]);
    const { outcomes } = pool.getReport()[0];
    assert.deepEqual(outcomes, { bad_credentials: 1, success: 1 });
  });

  test("does not end a rest that was not the key's", limit, async () => {
    const pool = poolOf({ one: { keys: ["a"], models: ["m"] } });
    const { handler } = withOpenAI({ a: status(429) });
    await rejection(pool.executeWithFallback(["one"], handler));
    pool.rotateKey("one/key-1", "b");
    assert.equal(pool.getReport()[0].state, "resting");
  });

  test("that cannot be told is a failure like any other, of no key", limit, async () => {
    const told = [];
    const vault = () => {
      throw new Error("no vault");
    };
    const pool = poolOf(
      { one: { keys: ["a", vault, "c"], models: ["m"] } },
      { onKeyFailure: ({ apiKey, error }) => told.push([apiKey, error.message ?? error.status]) },
    );
    const { handler, given } = withOpenAI({ a: status(500) });
    await pool.executeWithFallback(["one"], handler);
    assert.deepEqual(given, ["one m a", "one m c"]);
    assert.deepEqual(told[1], ["", "no vault"]);
  });

  test("is told by a function, which is asked for each call", limit, async () => {
    let number = 0;
    const pool = poolOf({ one: { keys: [async () => `k${++number}`], models: ["m"] } });
    const { handler, given } = withOpenAI();
    for (let call = 0; call < 2; call++) await pool.executeWithFallback(["one"], handler);
    assert.deepEqual(given, ["one m k1", "one m k2"]);
  });
});

describe("a configuration that is wrong", () => {
  const provider = { name: "one", keys: ["a"], models: ["m"] };
  const table = [
    [{}, /providers must be an array of at least one, not undefined/],
    [{ providers: [] }, /providers must be an array of at least one, not one of none/],
    ["sk-of-mine", /config must be an object, not a string/],
    [{ providers: "sk-of-mine" }, /providers must be an array of at least one, not a string/],
    [{ providers: ["sk-of-mine"] }, /providers\[0\] must be an object, not a string/],
    [
      { providers: [{ ...provider, maxConcurrent: 1.5 }] },
      /: providers\[0\]\.maxConcurrent must be an integer from 0 to 4294967295, .* not 1\.5/,
    ],
    [
      { providers: [{ ...provider, limits: { rpm: 0 } }] },
      /: providers\[0\]\.limits\.rpm must be an integer from 1/,
    ],
    [
      { providers: [{ ...provider, sharedLimits: { account: { rpm: 1 } } }] },
      /: providers\[0\]\.sharedLimits: there is no option "account"; there are key, provider, model/,
    ],
    [{ providers: [provider], state: { type: "file", path: 5 } }, /: state\.path must be/],
    [{ providers: [provider], logger: true }, /: logger must be false or an object .* not true/],
    [{ providers: [provider], logger: "console" }, /: logger must be false or an object/],
    [{ providers: [provider], logger: { warn: 5 } }, /: logger\.warn must be a function, not 5/],
    [{ providers: [{ ...provider, name: "" }] }, /providers\[0\]\.name must be a non-empty string/],
    [
      { providers: [{ ...provider, keys: [] }] },
      /providers\[0\]\.keys must be an array of at least/,
    ],
    [{ providers: [{ ...provider, keys: ["a", ""] }] }, /providers\[0\]\.keys\[1\] must be a key/],
    [{ providers: [{ ...provider, models: [] }] }, /providers\[0\]\.models must be an array/],
    [{ providers: [provider, provider] }, /providers\[1\]\.name: "one" occurs twice/],
    [
      { providers: [provider], strategy: "any" },
      /strategy must be one of priority, sticky, round-robin, not "any"/,
    ],
    [{ providers: [provider], cooldownMs: -1 }, /cooldownMs must be a number from 0, not -1/],
    [{ providers: [provider], onKeyFailure: 1 }, /onKeyFailure must be a function, not 1/],
    [{ providers: [provider], onkeyfailure: 1 }, /there is no option "onkeyfailure"/],
  ];
  for (const [config, message] of table) {
    test(`is refused: ${message.source}`, () => {
      assert.throws(
        () => new KeyPool(config),
        (error) => {
          assert.equal(error.name, "ConfigurationError");
          assert.match(error.message, message);
          assert.ok(!inspect(error).includes("sk-of-mine"), error.message);
          return true;
        },
      );
    });
  }

  test("may have a rest of more than a day", () => {
    assert.equal(new KeyPool({ providers: [provider], cooldownMs: 1e9 }).getReport().length, 1);
  });

  for (const options of [undefined, null, {}, { signal: undefined }, { signal: null }]) {
    test(`takes ${inspect(options)} as a call's options`, limit, async () => {
      const pool = poolOf({ one: provider });
      const answer = await pool.executeWithFallback(["one"], ({ signal }) => [signal], options);
      assert.deepEqual(answer, [undefined]);
    });
  }

  const wrong = [
    [5, /options must be an object, not 5/],
    [[], /options must be an object, not an array/],
    [{ singal: 1 }, /options: there is no option "singal"/],
    [{ signal: 5 }, /options\.signal must be an AbortSignal, not a number/],
    [{ signal: {} }, /options\.signal must be an AbortSignal, not an object/],
  ];
  for (const [options, message] of wrong) {
    test(
      `${inspect(options)} as a call's options is refused, and no handler runs`,
      limit,
      async () => {
        const pool = poolOf({ one: provider });
        let runs = 0;
        const handler = async () => {
          runs += 1;
          throw new Error("no");
        };
        const error = await rejection(pool.executeWithFallback(["one"], handler, options));
        assert.ok(error instanceof ours.MultiplexerError, String(error));
        assert.match(error.message, message);
        assert.equal(runs, 0);
      },
    );
  }

  test("names the providers that there are where an order names another", limit, async () => {
    const pool = poolOf({ one: provider });
    const error = await rejection(pool.executeWithFallback(["two"], () => 1));
    assert.match(error.message, /there is no provider "two"; there are one/);
  });
});

test("an account's limits are refused: a pool knows of none", () => {
  for (const scope of ["account", "accountModel"]) {
    const provider = {
      name: "p",
      keys: ["k"],
      models: ["m"],
      sharedLimits: { [scope]: { rpm: 1 } },
    };
    assert.throws(() => new KeyPool({ providers: [provider] }), {
      name: "ConfigurationError",
      message: new RegExp(`providers\\[0\\]\\.sharedLimits.*"${scope}".*key, provider, model`),
    });
  }
});
