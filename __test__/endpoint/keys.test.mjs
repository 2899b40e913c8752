// Keys of endpoints that change: given anew by `rotateKey()`, or told by a function.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";

import { hello, newClient, newKey, ours, rejection, requestsOf } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Multiplexer, reportOf } = ours;
const limit = { timeout: 30_000 };

let simulator;
before(async () => {
  const refused = { fault: { kind: "status", status: 401 } };
  simulator = await startSimulator({ defaults: { tokens: 3 }, keys: { old: refused } });
});
after(() => simulator.stop());

const resilient = () => new Multiplexer({ policy: "resilient", logger: false });
const endpoint = (apiKey) => ({ baseURL: simulator.url, apiKey });
const report = (multiplexer, id) => multiplexer.getReport().find((one) => one.id === id);

test("another key ends the rest of the refused one, and the counters stay", limit, async () => {
  const multiplexer = resilient();
  multiplexer.addModel(endpoint("old"), 1, "gpt");
  const error = await rejection(multiplexer.chat.completions.create(hello));
  assert.equal(error.status, 401);
  assert.equal(report(multiplexer, "gpt").state, "resting");
  multiplexer.rotateKey("gpt", newKey());
  assert.equal(report(multiplexer, "gpt").state, "ready");
  await multiplexer.chat.completions.create(hello);
  assert.deepEqual(report(multiplexer, "gpt").outcomes, { bad_credentials: 1, success: 1 });
});

test("all that share the key by name are given the new one", limit, async () => {
  const multiplexer = resilient();
  const next = newKey();
  multiplexer.addModel(endpoint("old"), 1, "one", { key: "shared" });
  multiplexer.addModel(endpoint("old"), 1, "two", { key: "shared" });
  multiplexer.addModel(endpoint(newKey()), 1, "three", { key: "another" });
  multiplexer.rotateKey("one", next);
  for (let call = 0; call < 30; call++) await multiplexer.chat.completions.create(hello);
  const models = (await requestsOf(simulator, next)).map(({ body }) => JSON.parse(body).model);
  assert.deepEqual([...new Set(models)].sort(), ["one", "two"]);
});

test("a rest that was not the key's goes on with another key", limit, async () => {
  const multiplexer = resilient();
  const limited = { fault: { kind: "status", status: 429 } };
  const headers = { "x-simulate": JSON.stringify(limited) };
  multiplexer.addModel({ ...endpoint(newKey()), headers }, 1, "gpt");
  await rejection(multiplexer.chat.completions.create(hello));
  multiplexer.rotateKey("gpt", newKey());
  assert.equal(report(multiplexer, "gpt").state, "resting");
});

test("a function is asked for the key of each request", limit, async () => {
  for (const multiplexer of [resilient(), new Multiplexer({ logger: false })]) {
    const keys = [newKey(), newKey()];
    const left = [...keys];
    multiplexer.addModel(
      endpoint(async () => left.shift()),
      1,
      "gpt",
    );
    for (const key of keys) {
      await multiplexer.chat.completions.create(hello);
      assert.equal((await requestsOf(simulator, key)).length, 1);
    }
  }
});

test(
  "a key that a function tells and that is refused is asked for once more in the call",
  limit,
  async () => {
    const multiplexer = resilient();
    const told = ["old", newKey()];
    multiplexer.addModel(
      endpoint(() => (told.length > 1 ? told.shift() : told[0])),
      1,
      "gpt",
    );
    await multiplexer.chat.completions.create(hello);
    assert.equal(report(multiplexer, "gpt").state, "ready");
  },
);

test(
  "an attempt with a refused key and the one with the next are both in the books",
  limit,
  async () => {
    const multiplexer = resilient();
    const fresh = newKey();
    const told = [fresh, fresh, "old"];
    const key = () => told.shift() ?? fresh;
    multiplexer.addModel(endpoint(key), 1, "gpt", { limits: { rpd: 100, tpd: 100_000 } });
    const left = () => {
      const limits = Object.values(multiplexer.getQuota())[0];
      return Object.fromEntries(limits.map(({ name, remaining }) => [name, remaining]));
    };
    const ask = () => multiplexer.chat.completions.create({ ...hello, max_tokens: 20_000 });
    await ask();
    const each = 100_000 - left().tpd;
    await ask();
    const value = await ask();
    assert.equal((await requestsOf(simulator, fresh)).length, 3);
    assert.deepEqual(left(), { rpd: 96, tpd: 100_000 - 3 * each });
    assert.deepEqual(report(multiplexer, "gpt").outcomes, { bad_credentials: 1, success: 3 });
    const { attempts } = reportOf(value);
    assert.deepEqual(
      attempts.map(({ outcome, status }) => [outcome, status]),
      [
        ["failed", 401],
        ["success", 200],
      ],
    );
  },
);

test("a function that tells the same refused key again changes nothing", limit, async () => {
  const multiplexer = resilient();
  let asked = 0;
  const ask = () => {
    asked++;
    return "old";
  };
  multiplexer.addModel(endpoint(ask), 1, "gpt");
  assert.equal((await rejection(multiplexer.chat.completions.create(hello))).status, 401);
  assert.equal(asked, 2);
  assert.equal(report(multiplexer, "gpt").state, "resting");
  multiplexer.rotateKey("gpt");
  assert.equal(report(multiplexer, "gpt").state, "ready");
});

const noVault = new Error("no vault");
const withoutKeys = {
  throws: () => {
    throw noVault;
  },
  "rejects later": async () => {
    throw noVault;
  },
  "tells no key": () => "",
};

for (const [what, tell] of Object.entries(withoutKeys)) {
  const isExpected = (error) =>
    error === noVault || /^apiKey must be a non-empty string/.test(error.message);

  test(`a key's function that ${what} is what the call fails with`, limit, async () => {
    for (const multiplexer of [resilient(), new Multiplexer({ logger: false })]) {
      multiplexer.addModel(endpoint(tell), 1, "gpt");
      assert.ok(isExpected(await rejection(multiplexer.chat.completions.create(hello))));
    }
  });

  test(`the next is asked where a key's function ${what}, and it rests`, limit, async () => {
    const multiplexer = new Multiplexer({
      policy: "resilient",
      cooldown: { failureMs: 60_000 },
      logger: false,
    });
    multiplexer.addModel(endpoint(tell), 1, "keyless", { limits: { rpm: 9 } });
    multiplexer.addFallbackModel(endpoint(newKey()), 1, "other");
    const { model } = await multiplexer.chat.completions.create(hello);
    assert.equal(model, "other");
    const { state, outcomes, limits } = report(multiplexer, "keyless");
    assert.deepEqual([state, outcomes], ["resting", { unavailable: 1 }]);
    // Nothing was sent.
    assert.equal(limits[0].remaining, 9);
  });
}

test("what cannot be given another key is refused, without the key in the message", limit, () => {
  const multiplexer = resilient();
  multiplexer.addModel(newClient(7, simulator), 1, "client");
  multiplexer.addModel(endpoint("old"), 1, "gpt");
  const table = [
    [["none", "k"], /There is no model with the id "none"/],
    [["client", "k"], /"client" is no endpoint: give its client the new key itself/],
    [["gpt"], /apiKey must be a non-empty string/],
    [["gpt", ""], /apiKey must be a non-empty string/],
    [["gpt", "secret\n"], /apiKey must not contain line breaks/],
  ];
  for (const [args, message] of table) {
    assert.throws(
      () => multiplexer.rotateKey(...args),
      (error) => message.test(error.message) && !inspect(error).includes("secret"),
    );
  }
});

test("a model of a higher tier number is asked only while no lower one can be", limit, async () => {
  const multiplexer = resilient();
  const keys = [newKey(), newKey(), newKey()];
  keys.forEach((key, index) => {
    multiplexer.addModel(endpoint(key), 1, `m${index}`, { tier: 7 - index, maxConcurrent: 1 });
  });
  await Promise.all([0, 1, 2].map(() => multiplexer.chat.completions.create(hello)));
  await multiplexer.chat.completions.create(hello);
  const counts = await Promise.all(keys.map((key) => requestsOf(simulator, key)));
  assert.deepEqual(
    counts.map(({ length }) => length),
    [1, 1, 2],
  );
  for (const tier of [-1, 1.5, 65_536, "1"]) {
    assert.throws(
      () => multiplexer.addModel(endpoint("k"), 1, "new", { tier }),
      /options\.tier must be an integer from 0 to 65535/,
    );
  }
});
