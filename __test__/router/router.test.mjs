// `createRouter()`: models by name over simulated providers, each key with a behaviour of its own.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { inspect } from "node:util";

import { collect, newKey, ours, rejection, requestsOf, textOf, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { createRouter, reportOf } = ours;
const limit = { timeout: 30_000 };
const messages = [{ role: "user", content: "hi" }];

let simulator;
before(async () => {
  simulator = await startSimulator({ defaults: { tokens: 5 } });
});
after(() => simulator.stop());

const status = (code, more) => ({ fault: { kind: "status", status: code, ...more } });

/** A router over these entries, each with a key and a behaviour of its own. */
function routerOf(entries, config) {
  const keys = entries.map(() => newKey());
  const router = createRouter({
    providers: entries.map(({ behaviour = {}, ...entry }, index) => ({
      type: "groq",
      apiKey: keys[index],
      baseUrl: simulator.url,
      headers: { "x-simulate": JSON.stringify(behaviour) },
      ...entry,
    })),
    ...config,
  });
  const asked = async () => {
    const requests = await Promise.all(keys.map((key) => requestsOf(simulator, key)));
    return requests.map((of) => of.map(({ body }) => JSON.parse(body).model));
  };
  return { router, keys, asked };
}

describe("a model's name", () => {
  const table = [
    ["llama-3.3-70b", "llama-3.3-70b-versatile"],
    ["Llama-3.3-70B", "llama-3.3-70b-versatile"],
    ["llama-3.3-70b-versatile", "llama-3.3-70b-versatile"],
    ["mine", "llama-3.1-8b-instant"],
    ["MINE", "llama-3.1-8b-instant"],
    ["any-of-mine", "llama-3.3-70b-versatile"],
    ["best", "openai/gpt-oss-120b"],
    ["best-xl", "openai/gpt-oss-120b"],
    ["best-large", "llama-3.3-70b-versatile"],
    ["best-medium", "openai/gpt-oss-20b"],
    ["best-small", "llama-3.1-8b-instant"],
    ["fast", "llama-3.1-8b-instant"],
  ];
  for (const [name, sent] of table) {
    test(`${name} is ${sent} at groq`, limit, async () => {
      const { router, asked } = routerOf([{}], {
        modelAliases: { mine: "llama-3.1-8b", "Any-of-Mine": "best-large" },
      });
      await router.chat.completions.create({ model: name, messages });
      assert.deepEqual(await asked(), [[sent]]);
    });
  }

  test("that nobody has is refused with the models that there are", limit, async () => {
    const { router, asked } = routerOf([{}]);
    for (const model of ["gpt-4o", "no-such-model", undefined]) {
      const error = await rejection(router.chat.completions.create({ model, messages }));
      assert.equal(error.name, "ModelNotAvailableError");
      assert.deepEqual([error.code, error.status], ["model_not_found", 404]);
      assert.match(error.message, /llama-3\.3-70b/);
    }
    assert.deepEqual(await asked(), [[]]);
  });

  test("may be one of the configuration's own", limit, async () => {
    const { router, asked } = routerOf([
      { type: "openai-compatible", models: { "house-model": "h-1", "llama-3.1-8b": "l-8" } },
      { type: "vllm", models: ["house-model"] },
    ]);
    const { metadata } = await router.createCompletion({ model: "House-Model", messages });
    assert.deepEqual([metadata.provider, metadata.model], ["openai-compatible", "house-model"]);
    await router.chat.completions.create({ model: "fast", messages });
    assert.deepEqual(await asked(), [["h-1", "l-8"], []]);
  });

  test("and providers can be added to the catalogue as data", limit, async () => {
    const { router, asked } = routerOf([{ type: "house" }], {
      catalogue: {
        providers: [{ id: "house", baseUrl: "http://localhost:1/v1", keyOptional: true }],
        models: [
          { id: "house-1", tier: 4, aliases: ["h"], offers: [{ provider: "house", id: "h-one" }] },
        ],
      },
    });
    await router.chat.completions.create({ model: "H", messages });
    await router.chat.completions.create({ model: "best", messages });
    assert.deepEqual(await asked(), [["h-one", "h-one"]]);
  });
});

describe("who is asked", () => {
  test(
    "the lowest priority first, in the order of the configuration where it is the same",
    limit,
    async () => {
      const { router, asked } = routerOf(
        [
          { priority: 1 },
          { type: "cerebras", behaviour: status(429) },
          { behaviour: status(429) },
          { enabled: false },
        ],
        { retry: { maxRetries: 0 } },
      );
      const { metadata } = await router.createCompletion({ model: "gpt-oss-120b", messages });
      assert.deepEqual([metadata.provider, metadata.retryCount], ["groq", 2]);
      assert.deepEqual(await asked(), [
        ["openai/gpt-oss-120b"],
        ["gpt-oss-120b"],
        ["openai/gpt-oss-120b"],
        [],
      ]);
    },
  );

  test("every key of one provider, each with a rest of its own", limit, async () => {
    const limited = { limits: { rpm: 3 } };
    const { router, asked } = routerOf(
      [{}, {}, {}].map(() => ({ behaviour: limited, limits: false })),
    );
    for (let call = 0; call < 9; call++) {
      await router.chat.completions.create({ model: "fast", messages });
    }
    const counts = (await asked()).map((models) => models.length);
    assert.ok(
      counts.every((count) => count >= 3),
      inspect(counts),
    );
  });

  test(
    "what has been retired last, and then still when it is asked for by name",
    limit,
    async () => {
      const offer = (id, more) => ({ provider: "groq", id, ...more });
      const { router, asked } = routerOf([{}], {
        catalogue: {
          models: [
            { id: "old", tier: 4, offers: [offer("old-id", { retiresOn: "2020-01-01" })] },
            { id: "coming", tier: 4, offers: [offer("new-id", { retiresOn: "2999-01-01" })] },
            { id: "gpt-oss-120b", tier: 1 },
          ],
        },
      });
      await router.chat.completions.create({ model: "best-xl", messages });
      await router.chat.completions.create({ model: "old", messages });
      assert.deepEqual(await asked(), [["new-id", "old-id"]]);
    },
  );

  test("many calls at once are all answered, though a key is limited", limit, async () => {
    const { router } = routerOf([{ behaviour: status(429), limits: false }, { limits: false }]);
    const calls = Array.from({ length: 50 }, () =>
      router.createCompletion({ model: "fast", messages }),
    );
    const answers = await Promise.all(calls);
    assert.ok(answers.every(({ response }) => response.choices[0].message.content !== ""));
    assert.ok(router.getReport().every(({ inFlight }) => inFlight === 0));
  });
});

describe("the answer", () => {
  test("has metadata of who made it, and of how long it took", limit, async () => {
    const { router } = routerOf([{ behaviour: { latencyMs: 40 } }]);
    const { response, metadata } = await router.createCompletion({ model: "fast", messages });
    assert.equal(response.object, "chat.completion");
    assert.deepEqual(
      { ...metadata, latencyMs: metadata.latencyMs >= 35 },
      {
        provider: "groq",
        model: "llama-3.1-8b",
        latencyMs: true,
        retryCount: 0,
        timeToFirstTokenMs: undefined,
      },
    );
    assert.equal(reportOf(response).modelName, "llama-3.1-8b-instant");
  });

  test(
    "of a stream has the time to its first token, and is a stream whoever failed before",
    limit,
    async () => {
      const { router } = routerOf([
        { behaviour: { fault: { kind: "cut" } } },
        { behaviour: { firstTokenMs: 40, text: "so it is" } },
      ]);
      const { stream, metadata } = await router.createCompletionStream({ model: "fast", messages });
      assert.equal(textOf(await collect(stream)), "so it is");
      assert.equal(metadata.provider, "groq");
      assert.ok(metadata.retryCount >= 1);
      assert.ok(metadata.timeToFirstTokenMs >= 35, inspect(metadata));
      assert.equal(metadata.latencyMs, metadata.timeToFirstTokenMs);
    },
  );

  test(
    "of chat.completions.create is the SDK's: streams, withResponse, detached",
    limit,
    async () => {
      const { router } = routerOf([{}]);
      const { create } = router.chat.completions;
      const { data, response } = await create({ model: "fast", messages }).withResponse();
      assert.equal(data.object, "chat.completion");
      assert.equal(response.status, 200);
      const stream = await create({ model: "fast", messages, stream: true });
      assert.notEqual(textOf(await collect(stream)), "");
    },
  );

  test("of a stream counts the tokens that the provider reports", limit, async () => {
    const { router } = routerOf([{ behaviour: { tokens: 7 } }]);
    const { stream } = await router.createCompletionStream({
      model: "fast",
      messages,
      stream_options: { include_usage: true },
    });
    const chunks = await collect(stream);
    const { completion_tokens: reported } = chunks.at(-1).usage;
    assert.ok(reported > 0);
    const { tokens } = await until(() =>
      router
        .getReport()
        .find(({ outcomes, tokens }) => outcomes.success === 1 && tokens.reported.output > 0),
    );
    assert.equal(tokens.reported.output, reported);
  });
});

describe("failing", () => {
  test("a bad request is what it is, and asks nobody else", limit, async () => {
    const { router, asked } = routerOf([{ behaviour: status(400) }, {}]);
    const error = await rejection(router.chat.completions.create({ model: "fast", messages }));
    assert.ok(error instanceof ours.BadRequestError, inspect(error));
    assert.deepEqual(
      (await asked()).map((models) => models.length),
      [1, 0],
    );
  });

  test("a context that is too long everywhere is told as that", limit, async () => {
    const tooLong = { fault: { kind: "refusal", provider: "openai", reason: "contextTooLong" } };
    const { router } = routerOf([{ behaviour: tooLong }]);
    const error = await rejection(router.chat.completions.create({ model: "fast", messages }));
    assert.ok(error instanceof ours.BadRequestError, inspect(error));
    assert.equal(error.code, "context_length_exceeded");
  });

  test("everybody is limited: who was asked, and when the first returns", limit, async () => {
    const { router } = routerOf([
      { behaviour: { ...status(429), retryAfter: 90 } },
      { type: "cerebras", behaviour: { ...status(429), retryAfter: 40 } },
    ]);
    const call = () => router.chat.completions.create({ model: "llama-3.3-70b", messages });
    const first = await rejection(call());
    assert.equal(first.name, "AllProvidersExhaustedError");
    assert.deepEqual(first.attemptedProviders, ["groq", "cerebras"]);
    const inMs = first.earliestResetTime.getTime() - Date.now();
    assert.ok(inMs > 38_000 && inMs <= 40_000, `${inMs} ms`);
    const iso = first.earliestResetTime.toISOString();
    assert.equal(
      first.message,
      `All providers exhausted. Attempted: groq, cerebras. Earliest reset: ${iso}`,
    );
    assert.ok(first.cause instanceof ours.RateLimitError);
    assert.equal(first.status, 429);
    assert.equal(reportOf(first).attempts.length, 2);

    const second = await rejection(call());
    assert.deepEqual(second.attemptedProviders, []);
    assert.match(second.message, /Attempted: none\. Earliest reset: /);
    assert.equal(router.isModelAvailable("llama-3.3-70b"), false);
    assert.equal(router.isModelAvailable("fast"), true);
    router.clearAllCooldowns();
    assert.equal(router.isModelAvailable("llama-3.3-70b"), true);
  });

  test("with throwOnExhausted: false it is the last provider's own error", limit, async () => {
    const { router } = routerOf([{ behaviour: status(429) }], { throwOnExhausted: false });
    const error = await rejection(router.chat.completions.create({ model: "fast", messages }));
    assert.ok(error instanceof ours.RateLimitError, inspect(error));
  });

  test(
    "what fails in passing is waited for as long as the retries are together",
    limit,
    async () => {
      const { router, asked } = routerOf(
        [{ behaviour: { fault: { kind: "status", status: 503, first: 1 } } }],
        { retry: { maxRetries: 2, initialBackoffMs: 1500 } },
      );
      await router.chat.completions.create({ model: "fast", messages });
      assert.equal((await asked())[0].length, 2);
    },
  );

  test("nobody is waited for who cannot be back in time", limit, async () => {
    const { router } = routerOf([{ behaviour: { ...status(429), retryAfter: 30 } }]);
    const began = performance.now();
    const error = await rejection(router.chat.completions.create({ model: "fast", messages }));
    assert.equal(error.name, "AllProvidersExhaustedError");
    assert.ok(performance.now() - began < 5_000);
  });

  test("no secret is in an error or in what the router shows", limit, async () => {
    const { router, keys } = routerOf([{ behaviour: status(401) }], { retry: { maxRetries: 0 } });
    const error = await rejection(router.chat.completions.create({ model: "fast", messages }));
    const shown = inspect([error, router, router.getReport()], { depth: 10, showHidden: true });
    assert.ok(!shown.includes(keys[0]), shown);
  });
});

describe("an abort", () => {
  test("ends the call and the request", limit, async () => {
    const { router, keys } = routerOf([{ behaviour: { latencyMs: 60_000 } }]);
    const controller = new AbortController();
    const call = router.createCompletion(
      { model: "fast", messages },
      { signal: controller.signal },
    );
    await until(async () => (await requestsOf(simulator, keys[0])).length > 0);
    controller.abort();
    const error = await rejection(call);
    assert.ok(error instanceof ours.APIUserAbortError, inspect(error));
    await until(async () => (await requestsOf(simulator, keys[0]))[0].clientLeft);
  });

  test("of a call that waits ends the wait", limit, async () => {
    const { router } = routerOf([{ behaviour: { ...status(429), retryAfter: 3 } }]);
    const controller = new AbortController();
    const call = router.createCompletion(
      { model: "fast", messages },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(), 100);
    assert.match((await rejection(call)).message, /abort/i);
  });

  test("by close() ends what is under way and refuses what comes", limit, async () => {
    const { router, keys } = routerOf([{ behaviour: { latencyMs: 60_000 } }]);
    const call = rejection(router.createCompletion({ model: "fast", messages }));
    await until(async () => (await requestsOf(simulator, keys[0])).length > 0);
    await router.close();
    assert.match((await call).message, /abort/i);
    const error = await rejection(router.createCompletion({ model: "fast", messages }));
    assert.match(error.message, /closed/);
  });

  test("is a time-out after timeoutMs", limit, async () => {
    const { router } = routerOf([{ behaviour: { latencyMs: 60_000 } }, { type: "cerebras" }], {
      timeoutMs: 300,
    });
    const { metadata } = await router.createCompletion({ model: "llama-3.1-8b", messages });
    assert.deepEqual([metadata.provider, metadata.retryCount], ["cerebras", 1]);
  });
});

describe("events", () => {
  test("tell of attempts and rests by the ids of getReport()", limit, async () => {
    const { router } = routerOf([{ behaviour: status(429) }, {}]);
    const told = [];
    const listen = ({ id, failure }) => told.push([id, failure]);
    router.on("cooldown", listen);
    await router.chat.completions.create({ model: "fast", messages });
    await until(() => told.length > 0);
    assert.deepEqual(told, [["groq/llama-3.1-8b-instant", "rate_limited"]]);
    router.off("cooldown", listen);
  });
});

describe("what can be asked for", () => {
  test("is listed with tier, providers and whether somebody is there", limit, () => {
    const { router } = routerOf([{ type: "cerebras" }, { type: "groq" }]);
    const models = router.listModels();
    assert.deepEqual(
      models.find(({ id }) => id === "llama-3.3-70b"),
      {
        id: "llama-3.3-70b",
        tier: 3,
        family: "Llama",
        contextWindow: models.find(({ id }) => id === "llama-3.3-70b").contextWindow,
        providers: ["cerebras", "groq"],
        available: true,
      },
    );
    assert.equal(router.isModelAvailable("best-medium"), true);
    assert.equal(router.isModelAvailable("gpt-4o"), false);
  });
});

describe("another key", () => {
  test("in the place of a bad one is used at once, and the counters stay", limit, async () => {
    const { router } = routerOf([{}], { retry: { maxRetries: 0 } });
    await simulator.script({ defaults: { tokens: 5 }, keys: { "gsk-bad": status(401) } });
    router.rotateKey("groq", "gsk-bad");
    const call = () => router.chat.completions.create({ model: "fast", messages });
    assert.equal((await rejection(call())).cause.status, 401);
    assert.equal(router.isModelAvailable("best"), false);
    router.rotateKey("groq", "gsk-good");
    assert.equal(router.isModelAvailable("best"), true);
    await call();
    const { outcomes } = router.getReport().find(({ id }) => id === "groq/llama-3.1-8b-instant");
    assert.deepEqual(outcomes, { bad_credentials: 1, success: 1 });
    await simulator.script({ defaults: { tokens: 5 } });
  });

  test(
    "that a function tells is asked for again where the old one was refused",
    limit,
    async () => {
      await simulator.script({ defaults: { tokens: 5 }, keys: { "gsk-0": status(401) } });
      let number = 0;
      const { router } = routerOf([{ apiKey: () => `gsk-${number++}` }]);
      await router.chat.completions.create({ model: "fast", messages });
      assert.equal((await requestsOf(simulator, "gsk-0")).length, 1);
      assert.equal((await requestsOf(simulator, "gsk-2")).length, 1);
      assert.ok(router.getReport().every(({ state }) => state === "ready"));
      await simulator.script({ defaults: { tokens: 5 } });
    },
  );
});

describe("a configuration that is wrong", () => {
  const groq = { type: "groq", apiKey: "gsk" };
  const table = [
    [{ providers: [] }, "At least one provider must be configured"],
    [{}, "At least one provider must be configured"],
    [undefined, "config must be an object"],
    [{ providers: [{ ...groq, enabled: false }] }, "At least one provider must be configured and"],
    [{ providers: [{ type: "grok" }] }, "providers[0].type must be one of openai, "],
    [{ providers: [{ type: "groq", apiKey: "" }] }, "providers[0].apiKey must be a non-empty"],
    [{ providers: [{ type: "deepseek" }] }, "or DEEPSEEK_API_KEY be set"],
    [
      { providers: [{ ...groq, account: 7 }] },
      "providers[0].account must be a non-empty string, not 7",
    ],
    [
      { providers: [{ ...groq, maxConcurrent: -1 }] },
      "providers[0].maxConcurrent must be an integer from 0",
    ],
    [{ providers: [{ ...groq, models: null }] }, "providers[0].models must be an array of names"],
    [
      { providers: [{ ...groq, models: "llama" }] },
      "providers[0].models must be an array of names",
    ],
    [{ providers: [groq], catalogue: 7 }, "catalogue must be an object, not 7"],
    [{ providers: [groq], catalogue: Symbol("s") }, "catalogue must be an object, not Symbol(s)"],
    [{ providers: [groq], http2: 10n }, 'http2 must be true, false or "prior-knowledge", not 10n'],
    [{ providers: [groq], modelAliases: [] }, "modelAliases must be an object, not an array"],
    [{ providers: [{ ...groq, key: "x" }] }, 'providers[0]: there is no option "key"'],
    [{ providers: [{ ...groq, priority: "high" }] }, "providers[0].priority must be a number"],
    [
      { providers: [{ ...groq, baseUrl: "x" }] },
      "providers[0].baseUrl must be an http or https URL",
    ],
    [{ providers: [{ type: "azure", apiKey: "x" }] }, "providers[0].baseUrl must be given"],
    [
      { providers: [{ type: "vllm" }] },
      'providers[0].models must name the models of a provider of type "vllm"',
    ],
    [
      {
        providers: [
          { ...groq, id: "x" },
          { ...groq, id: "x" },
        ],
      },
      "providers[1].id must be a name of",
    ],
    [
      { providers: [groq], strategy: "random" },
      'strategy must be one of priority, least-used, not "random"',
    ],
    [
      { providers: [groq], timeoutMs: 0 },
      "timeoutMs must be a whole number of milliseconds from 1 to 2147483647, not 0",
    ],
    [
      { providers: [groq], timeoutMs: 30_000.5 },
      "timeoutMs must be a whole number of milliseconds from 1 to 2147483647, not 30000.5",
    ],
    [{ providers: [groq], timeoutMs: 2 ** 31 }, "timeoutMs must be a whole number"],
    [
      { providers: [groq], retry: { initialBackoffMs: 1e9, maxBackoffMs: 1e300 } },
      "retry.initialBackoffMs must be a number from 0 to 86400000, not 1000000000",
    ],
    [{ providers: [groq], retry: { maxBackoffMs: 1e300 } }, "retry.maxBackoffMs must be a number"],
    [{ providers: [groq], retry: [] }, "retry must be an object, not an array"],
    [
      { providers: [{ ...groq, priority: NaN }] },
      "providers[0].priority must be a number, not NaN",
    ],
    [
      { providers: [{ ...groq, account: 5 }] },
      "providers[0].account must be a non-empty string, not 5",
    ],
    [
      { providers: [{ ...groq, maxConcurrent: -1 }] },
      "providers[0].maxConcurrent must be an integer",
    ],
    [{ providers: [{ ...groq, id: null }] }, "providers[0].id must be a name of its own, not null"],
    [{ providers: [{ ...groq, headers: null }] }, "providers[0].headers must be"],
    [
      { providers: [{ ...groq, limits: { rpm: 1.5 } }] },
      "providers[0].limits.rpm must be an integer from 1 to 9007199254740991, not 1.5",
    ],
    [
      { providers: [{ ...groq, sharedLimits: [] }] },
      "providers[0].sharedLimits must be an object, not an array",
    ],
    [
      { providers: [groq], catalogue: { providers: [{ id: "groq", freePlan: { rpm: 0 } }] } },
      ".limits.rpm must be an integer from 1 to 9007199254740991, not 0",
    ],
    [{ providers: [groq], proxy: "ftp://x" }, ": proxy must be an http(s) URL"],
    [{ providers: [groq], http2: 2n }, ': http2 must be true, false or "prior-knowledge", not 2'],
    [{ providers: [groq], logger: null }, ": logger must be false or an object"],
    [{ providers: [groq], logger: { warn: "x" } }, ': logger.warn must be a function, not "x"'],
    [{ providers: [groq], stateStore: { type: "file", path: 5 } }, ": stateStore.path must be"],
    [{ providers: [groq], state: { type: "file", path: 5 } }, ": state.path must be"],
    [
      { providers: [{ ...groq, models: "llama-3.1-8b" }] },
      "providers[0].models must be an array of names of models, or an object from names to the provider's own, not a string",
    ],
    [{ providers: [{ ...groq, models: null }] }, "providers[0].models must be an array of names"],
    [{ providers: [{ ...groq, models: [undefined] }] }, "providers[0].models must be an array of"],
    [
      { providers: [{ type: "openai", apiKey: "k", models: { a: "gpt-4o", b: "gpt-4o" } }] },
      'providers[0].models must name each model once: "gpt-4o" is both "a" and "b"; further names',
    ],
    [
      { providers: [{ ...groq, models: ["llama-3.1-8b", "llama-3.1-8b-instant"] }] },
      '"llama-3.1-8b-instant" is "llama-3.1-8b" twice',
    ],
    [
      { providers: [groq], modelAliases: { quick: "lama-3.1-8b" } },
      'modelAliases.quick must be the name of a model, which "lama-3.1-8b" is not',
    ],
    [{ providers: [groq], modelAliases: ["a"] }, "modelAliases must be an object, not an array"],
    [
      { providers: [groq], catalogue: { models: [{ id: "new", tier: 9, offers: [] }] } },
      '("new"): tier must be from 1 to 4, not 9',
    ],
    [{ providers: [groq], retry: { maxRetries: -1 } }, "retry.maxRetries must be a number from 0"],
    [{ providers: [groq], retry: { tries: 1 } }, 'retry: there is no option "tries"'],
    [
      { providers: [groq], modelAliases: { a: 1 } },
      "modelAliases.a must be the name of a model, not 1",
    ],
    [{ providers: [groq], catalogue: { models: {} } }, "catalogue: models: must be an array"],
    [{ providers: [groq], startegy: "x" }, 'there is no option "startegy"'],
    // What may be a key in the wrong place is not repeated.
    ["sk-of-mine", "config must be an object, not a string"],
    [{ providers: "sk-of-mine" }, "providers must be an array, not a string"],
    [{ providers: ["sk-of-mine"] }, "providers[0] must be an object, not a string"],
    [{ providers: [{ type: "sk-of-mine" }] }, "not another string"],
    [{ providers: [groq], state: "redis://:sk-of-mine@h" }, "not another string"],
    [
      { providers: [groq], modelAliases: "sk-of-mine" },
      "modelAliases must be an object, not a str",
    ],
  ];
  for (const [config, message] of table) {
    test(`is refused: ${message}`, () => {
      assert.throws(
        () => createRouter(config),
        (error) => {
          assert.equal(error.name, "ConfigurationError");
          assert.ok(error instanceof ours.MultiplexerError);
          assert.ok(error.message.startsWith("Configuration error: "), error.message);
          assert.ok(error.message.includes(message), error.message);
          assert.ok(!inspect(error).includes("sk-of-mine"), error.message);
          return true;
        },
      );
    });
  }
});

describe("what a call requires besides its model", () => {
  test("is required as well: of a provider, say", limit, async () => {
    const { router, asked } = routerOf([{}, { type: "cerebras" }]);
    const require = { provider: "cerebras" };
    const options = { multiplexer: { require } };
    const { metadata } = await router.createCompletion(
      { model: "gpt-oss-120b", messages },
      options,
    );
    assert.equal(metadata.provider, "cerebras");
    assert.deepEqual(await asked(), [[], ["gpt-oss-120b"]]);
  });

  test("and nobody has is told as that", limit, async () => {
    const { router, asked } = routerOf([{}]);
    const options = { multiplexer: { require: { provider: "cerebras" } } };
    const error = await rejection(
      router.chat.completions.create({ model: "fast", messages }, options),
    );
    assert.deepEqual([error.name, error.code], ["ModelSelectionError", "no_models"]);
    assert.deepEqual(await asked(), [[]]);
  });

  const wrong = [
    [5, /options\.multiplexer must be an object, not 5/],
    [[], /options\.multiplexer must be an object, not an array/],
    [{ require: "groq" }, /options\.multiplexer\.require must be an object of strings.*"groq"/],
    [{ require: { a: 1 } }, /options\.multiplexer\.require\.a must be a string, not 1/],
    [{ require: { model: "x" } }, /options\.multiplexer\.require\.model must not be given/],
    [{ require: { tier: "4" } }, /options\.multiplexer\.require\.tier must not be given/],
  ];
  for (const [multiplexer, message] of wrong) {
    test(`is refused where it is ${inspect(multiplexer)}`, limit, async () => {
      const { router, asked } = routerOf([{}]);
      const error = await rejection(
        router.chat.completions.create({ model: "fast", messages }, { multiplexer }),
      );
      assert.ok(error instanceof ours.MultiplexerError, String(error));
      assert.match(error.message, message);
      assert.deepEqual(await asked(), [[]]);
    });
  }
});

test("a model that has no name is available nowhere", () => {
  const { router } = routerOf([{}]);
  for (const model of [undefined, null, 5]) assert.equal(router.isModelAvailable(model), false);
});
