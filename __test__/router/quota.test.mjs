// The limits of a router: the free plans', the configuration's, and what is left of them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { collect, newKey, ours, requestsOf, until } from "../clients/sdks.mjs";
import { startRedis } from "../support/redis.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { createRouter } = ours;
const limit = { timeout: 120_000 };
const messages = [{ role: "user", content: "hi" }];

let simulator;
before(async () => {
  simulator = await startSimulator({ defaults: { tokens: 5 } });
});
after(() => simulator.stop());

const routerOf = (entries, config) =>
  createRouter({
    providers: entries.map((entry) => ({ apiKey: newKey(), baseUrl: simulator.url, ...entry })),
    retry: { maxRetries: 0 },
    ...config,
  });

/** Not within the last seconds of a minute: a new one has its limits anew. */
async function withinAMinute() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 8_000) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

test("40 calls at once against 20 a minute send exactly 20", limit, async () => {
  await withinAMinute();
  const apiKey = newKey();
  const router = routerOf([{ type: "openrouter", apiKey }]);
  const calls = Array.from({ length: 40 }, () =>
    router.createCompletion({ model: "gpt-oss-120b", messages }),
  );
  const settled = await Promise.allSettled(calls);
  const refused = settled.filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 20);
  for (const { reason } of refused) {
    assert.equal(reason.name, "AllProvidersExhaustedError");
    const inMs = reason.earliestResetTime.getTime() - Date.now();
    assert.ok(inMs > 0 && inMs <= 60_100, `${inMs} ms`);
  }
  assert.equal((await requestsOf(simulator, apiKey)).length, 20);
});

test("what one provider may not do any more, the next one does", limit, async () => {
  await withinAMinute();
  const router = routerOf([
    { type: "groq", limits: { rpm: 3 } },
    { type: "cerebras", priority: 1, limits: false },
  ]);
  const providers = [];
  for (let call = 0; call < 5; call++) {
    const { metadata } = await router.createCompletion({ model: "llama-3.1-8b", messages });
    providers.push(metadata.provider);
  }
  assert.deepEqual(providers, ["groq", "groq", "groq", "cerebras", "cerebras"]);
});

test("an account's limit of a model is that of all its keys", limit, async () => {
  const mine = { type: "groq", limits: false, sharedLimits: { accountModel: { rpd: 2 } } };
  const keys = [newKey(), newKey(), newKey()];
  const accounts = ["team", "team", "other"];
  const router = routerOf(
    keys.map((apiKey, priority) => ({ ...mine, apiKey, account: accounts[priority], priority })),
  );
  const ask = (model) => router.createCompletion({ model, messages });
  for (let call = 0; call < 4; call++) await ask("llama-3.1-8b");
  await assert.rejects(ask("llama-3.1-8b"), { name: "AllProvidersExhaustedError" });
  // Another model of the account has limits of its own.
  await ask("gpt-oss-120b");
  const asked = keys.map(async (key) => (await requestsOf(simulator, key)).length);
  assert.deepEqual(await Promise.all(asked), [3, 0, 2]);
});

test("of two limits of one name the status tells the one that ends first", limit, async () => {
  for (const [own, shared] of [
    [3, 7],
    [7, 3],
  ]) {
    const sharedLimits = { key: { rpd: shared } };
    const router = routerOf([{ type: "groq", limits: { rpd: own }, sharedLimits }]);
    for (const { quota } of router.getQuotaStatus()) assert.equal(quota.limits.rpd.remaining, 3);
  }
});

test(
  "the status tells limits, what is used and left, and when it is whole again",
  limit,
  async () => {
    await withinAMinute();
    const router = routerOf([
      { type: "groq" },
      { type: "groq", limits: { rpm: 5 } },
      { type: "openrouter" },
      { type: "groq", isFreeCredits: true },
      { type: "gemini", limits: { rpm: 10, rpd: 250 } },
    ]);
    const of = (id, model) =>
      router.getQuotaStatus().find((one) => one.id === id && one.model === model).quota;
    const before = of("groq", "gpt-oss-120b").limits;
    const { stream } = await router.createCompletionStream({ model: "gpt-oss-120b", messages });
    await collect(stream);
    assert.deepEqual(
      Object.entries(before)
        .map(([name, { limit, remaining }]) => [name, limit, remaining])
        .sort(),
      [
        ["rpd", 1000, 1000],
        ["rpm", 30, 30],
        ["tpd", 200_000, 200_000],
        ["tpm", 8000, 8000],
      ],
    );
    const { limits, state } = await until(() => {
      const quota = of("groq", "gpt-oss-120b");
      return quota.limits.rpm.used === 1 && quota;
    });
    assert.deepEqual([limits.rpm.remaining, limits.rpd.used, state], [29, 1, "ready"]);
    assert.ok(limits.tpm.used > 0 && limits.tpm.used < 200, `${limits.tpm.used}`);
    assert.ok(limits.rpm.resetsAt instanceof Date);
    assert.equal(of("groq-2", "gpt-oss-120b").limits.rpm.limit, 5);
    assert.deepEqual(of("groq-3", "gpt-oss-120b").limits, {});
    assert.equal(of("openrouter", "gpt-oss-120b").limits.rpd.limit, 50);
    // The day of a provider's own zone.
    const { resetsAt } = of("gemini", "gemini-2.5-flash").limits.rpd;
    const hour = new Intl.DateTimeFormat("en-US", {
      hour: "numeric",
      hourCycle: "h23",
      timeZone: "America/Los_Angeles",
    });
    assert.equal(Number(hour.format(resetsAt)), 0);
  },
);

test("all models of an account share the limits where the catalogue says so", limit, async () => {
  await withinAMinute();
  const router = routerOf([{ type: "openrouter", limits: { rpm: 3 } }]);
  await router.createCompletion({ model: "gpt-oss-120b", messages });
  await router.createCompletion({ model: "gpt-oss-20b", messages });
  const left = router.getQuotaStatus().map(({ quota }) => quota.limits.rpm.remaining);
  assert.deepEqual([...new Set(left)], [1]);
});

test("clearing the rests gives no quota back", limit, async () => {
  await withinAMinute();
  const router = routerOf([{ type: "groq", limits: { rpm: 1 } }]);
  const call = () => router.createCompletion({ model: "fast", messages });
  await call();
  router.clearAllCooldowns();
  await assert.rejects(call(), { name: "AllProvidersExhaustedError" });
  router.rotateKey("groq", newKey());
  await assert.rejects(call(), { name: "AllProvidersExhaustedError" });
});

test("a limit that is none is refused with its place", () => {
  assert.throws(() => routerOf([{ type: "groq", limits: { rpm: 0 } }]), {
    message:
      "Configuration error: providers[0].limits.rpm must be an integer from 1 to 9007199254740991, not 0",
  });
});

test("what a file keeps is there for the router that comes after", limit, async () => {
  const folder = mkdtempSync(join(tmpdir(), "router-"));
  try {
    const path = join(folder, "state.json");
    const open = () =>
      routerOf([{ type: "groq", limits: { rpd: 2 } }], { stateStore: { type: "file", path } });
    const call = (router) => router.createCompletion({ model: "fast", messages });
    const first = open();
    await call(first);
    assert.throws(open, {
      name: "ConfigurationError",
      message: /Configuration error: stateStore: /,
    });
    await first.close();
    const second = open();
    await call(second);
    await assert.rejects(call(second), { name: "AllProvidersExhaustedError" });
    await second.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("routers of one name share what may be spent", limit, async () => {
  const share = newKey();
  const routers = [0, 1].map(() => routerOf([{ type: "groq", limits: { rpd: 3 } }], { share }));
  const calls = Array.from({ length: 8 }, (_, index) =>
    routers[index % 2].createCompletion({ model: "fast", messages }),
  );
  const settled = await Promise.allSettled(calls);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 3);
});

test("a store that is none is refused with its field", () => {
  const table = [
    [
      { stateStore: { type: "disk" } },
      /stateStore\.type must be one of memory, file, redis, not "disk"/,
    ],
    [
      { stateStore: { type: "file", path: 5 } },
      /: stateStore\.path must be the path of a file, not 5/,
    ],
    [{ stateStore: { type: "redis", url: 5 } }, /stateStore\.url must be a URL/],
    [{ stateStore: { type: "memory" }, state: "memory" }, /give one of them/],
    [{ stateStore: "file" }, /stateStore must be an object, not a string/],
  ];
  for (const [config, message] of table) {
    assert.throws(() => routerOf([{ type: "groq" }], config), {
      name: "ConfigurationError",
      message,
    });
  }
});

test("least-used asks the key with the largest share of its limits left", limit, async () => {
  await withinAMinute();
  const keys = [newKey(), newKey()];
  const router = routerOf(
    [
      { type: "groq", apiKey: keys[0], limits: { rpm: 10 } },
      { type: "groq", apiKey: keys[1], limits: { rpm: 30 } },
    ],
    { strategy: "least-used" },
  );
  for (let call = 0; call < 20; call++) {
    await router.createCompletion({ model: "fast", messages });
  }
  const counts = await Promise.all(keys.map((key) => requestsOf(simulator, key)));
  assert.deepEqual(
    counts.map(({ length }) => length),
    [5, 15],
  );
});

test("routers of one Redis share what may be spent, and their rests", limit, async () => {
  const redis = await startRedis();
  const routers = [];
  try {
    const open = (more) => {
      const stateStore = { type: "redis", url: redis.url, prefix: "routers" };
      // A call may have to wait for what Redis grants.
      const router = routerOf([{ type: "groq", limits: { rpd: 12 }, ...more }], {
        stateStore,
        retry: { maxRetries: 1, initialBackoffMs: 2000 },
      });
      routers.push(router);
      return router;
    };
    const apiKey = newKey();
    const pair = [open({ apiKey }), open({ apiKey })];
    const calls = Array.from({ length: 30 }, (_, index) =>
      pair[index % 2].createCompletion({ model: "fast", messages }),
    );
    const settled = await Promise.allSettled(calls);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 12);
    assert.equal((await requestsOf(simulator, apiKey)).length, 12);

    const limited = { fault: { kind: "status", status: 429 } };
    const headers = { "x-simulate": JSON.stringify(limited) };
    const first = open({ id: "other", headers, limits: false });
    const second = open({ id: "other", headers, limits: false });
    await assert.rejects(first.createCompletion({ model: "best-large", messages }));
    await until(() => !second.isModelAvailable("best-large"));
  } finally {
    await Promise.all(routers.map((router) => router.close()));
    await redis.stop();
  }
});
