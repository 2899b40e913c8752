// maxConcurrent: slots are taken before a call and come back whatever becomes of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "../support/simulator.mjs";
import {
  arrival,
  collect,
  hello,
  Multiplexer,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  simulate,
  until,
} from "../clients/sdks.mjs";

const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 15_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 5_000 })));
after(() => simulator.stop());

const streaming = { ...hello, stream: true };
const one = { maxConcurrent: 1 };
const client = (behaviour = {}, options) =>
  newClient(7, simulator, { defaultHeaders: simulate(behaviour), ...options });

/** The ways by which a target is asked. */
const transports = {
  "the engine": (behaviour) => [client(behaviour), {}],
  "the client itself": (behaviour) => [client(behaviour), { transport: "client" }],
  "an endpoint": (behaviour) => [
    { baseURL: simulator.url, apiKey: newKey(), headers: simulate(behaviour) },
    {},
  ],
};

async function assertFree(multiplexer) {
  const { object } = await multiplexer.chat.completions.create(hello, { headers: simulate({}) });
  assert.equal(object, "chat.completion");
}

async function assertFull(multiplexer) {
  const error = await rejection(multiplexer.chat.completions.create(hello));
  assert.ok(error instanceof ours.ModelSelectionError);
  assert.deepEqual(
    [error.message, error.status, error.code, error.retryAfterMs],
    ["All models are at capacity.", 429, "at_capacity", undefined],
  );
}

for (const [who, make] of Object.entries(transports)) {
  describe(`asked by ${who}`, () => {
    const target = (behaviour, options = one) => {
      const [asked, more] = make(behaviour);
      return { multiplexer: over(asked, { ...options, ...more }), key: asked.apiKey };
    };

    test("of 20 calls at once, never more than three are under way", limit, async () => {
      const { multiplexer, key } = target({ latencyMs: 100 }, { maxConcurrent: 3 });
      const calls = Array.from({ length: 20 }, () => multiplexer.chat.completions.create(hello));
      const results = await Promise.allSettled(calls);
      const answered = results.filter(({ status }) => status === "fulfilled");
      const codes = new Set(results.flatMap(({ reason }) => (reason ? [reason.code] : [])));
      assert.equal(answered.length, 3);
      assert.deepEqual([...codes], ["at_capacity"]);
      assert.equal((await requestsOf(simulator, key)).length, 3);
      await assertFree(multiplexer);
    });

    test("a full target gives way to the next, and then to the fallbacks", limit, async () => {
      const { multiplexer } = target({ latencyMs: 150 });
      const [second, more] = make({ latencyMs: 150 });
      multiplexer.addModel(second, 1, "second", { ...one, ...more });
      const [third, evenMore] = make({ latencyMs: 150 });
      multiplexer.addFallbackModel(third, 1, "third", { ...one, ...evenMore });
      const calls = Array.from({ length: 4 }, () => multiplexer.chat.completions.create(hello));
      const results = await Promise.allSettled(calls);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 3);
      assert.equal(results[3].reason.code, "at_capacity", "the last one comes too late");
      const counts = Object.values(multiplexer.getStats()).map(({ success }) => success);
      assert.deepEqual(counts, [1, 1, 1]);
    });

    for (const [what, behaviour, outcome] of [
      ["a success", {}, "answered"],
      ["a failure", { fault: { kind: "status", status: 400 } }, 400],
      ["a lost connection", { fault: { kind: "reset" } }, undefined],
    ]) {
      test(`the slot comes back after ${what}`, limit, async () => {
        const { multiplexer } = target(behaviour);
        const got = await multiplexer.chat.completions.create(hello, { maxRetries: 0 }).then(
          () => "answered",
          ({ status }) => status,
        );
        assert.equal(got, outcome);
        await assertFree(multiplexer);
      });
    }

    test("the slot comes back after a refusal and its rest", limit, async () => {
      const multiplexer = new Multiplexer({
        logger: false,
        cooldown: { defaultMs: 1, minMs: 1, maxMs: 1 },
      });
      const [asked, more] = make({ fault: { kind: "status", status: 429 } });
      multiplexer.addModel(asked, 1, "gpt", { ...one, ...more });
      const { status } = await rejection(
        multiplexer.chat.completions.create(hello, { maxRetries: 0 }),
      );
      assert.equal(status, 429);
      await until(() => assertFree(multiplexer).then(Boolean.bind(null, true), () => false));
    });

    test("the slot comes back after an abort", limit, async () => {
      const { multiplexer, key } = target({ fault: { kind: "noAnswer" } });
      const controller = new AbortController();
      const pending = rejection(
        multiplexer.chat.completions.create(hello, { signal: controller.signal }),
      );
      await arrival(simulator, key);
      await assertFull(multiplexer);
      controller.abort();
      assert.equal((await pending).message, "Request aborted");
      await assertFree(multiplexer);
    });

    for (const [what, leave] of Object.entries({
      "when a stream was read to its end": collect,
      "when the loop of a stream is left": async (stream) => {
        for await (const _ of stream) break;
      },
      "when a stream is aborted": async (stream) => stream.controller.abort(),
      "when an iterator is returned": async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        await iterator.return();
      },
      "when both branches of tee() were read": async (stream) => {
        await Promise.all(stream.tee().map(collect));
      },
      "when toReadableStream() was read": async (stream) => {
        await new Response(stream.toReadableStream()).text();
      },
    })) {
      test(`a stream keeps its slot, which comes back ${what}`, limit, async () => {
        const { multiplexer } = target({ tokens: 20, tokenIntervalMs: 3 });
        const stream = await multiplexer.chat.completions.create(streaming);
        await assertFull(multiplexer);
        await leave(stream);
        await assertFree(multiplexer);
      });
    }

    for (const kind of ["cut", "errorEvent", "malformedEvent"]) {
      test(`the slot comes back when a stream fails: ${kind}`, limit, async () => {
        const { multiplexer } = target({ tokens: 20, fault: { kind, afterTokens: 5 } });
        const stream = await multiplexer.chat.completions.create(streaming);
        await rejection(collect(stream));
        await assertFree(multiplexer);
        // What becomes of a stream of the client's own is the client's matter.
        const { failed } = multiplexer.getStats().gpt;
        if (who !== "the client itself") assert.equal(failed, 1);
      });
    }

    for (const [what, params] of [
      ["a cycle", () => Object.assign({}, hello, { metadata: cycle() })],
      ["a BigInt", () => ({ ...hello, seed: 1n })],
      [
        "a toJSON that throws",
        () => ({
          ...hello,
          metadata: {
            toJSON() {
              throw new TypeError("no JSON of this");
            },
          },
        }),
      ],
    ]) {
      test(`a body with ${what} is a TypeError, and costs no slot`, limit, async () => {
        const { multiplexer, key } = target({});
        const error = await rejection(multiplexer.chat.completions.create(params()));
        assert.ok(error instanceof TypeError, String(error));
        // A client's own mistakes are counted as `@upstash/model-multiplexer` does.
        const failed = who === "an endpoint" ? 0 : 1;
        assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed });
        assert.deepEqual(await requestsOf(simulator, key), []);
        await assertFree(multiplexer);
      });
    }

    test("a header with a line break is a failure, and costs no slot", limit, async () => {
      const { multiplexer, key } = target({});
      const headers = { "x-bad": "a\r\nx-injected: b" };
      const error = await rejection(multiplexer.chat.completions.create(hello, { headers }));
      assert.ok(error instanceof Error);
      assert.deepEqual(await requestsOf(simulator, key), []);
      assert.equal(multiplexer.getStats().gpt.failed, who === "an endpoint" ? 0 : 1);
      await assertFree(multiplexer);
    });
  });
}

for (const value of [0, null, undefined]) {
  test(`maxConcurrent ${value} is no limit`, limit, async () => {
    const multiplexer = over(client({ latencyMs: 50 }), { maxConcurrent: value });
    const calls = Array.from({ length: 20 }, () => multiplexer.chat.completions.create(hello));
    assert.equal((await Promise.all(calls)).length, 20);
  });
}

test("a target that rests and one that is full say both", limit, async () => {
  const multiplexer = over(client({ latencyMs: 200 }), one, "full");
  const pending = multiplexer.chat.completions.create(hello);
  multiplexer.addModel(client({ fault: { kind: "status", status: 429 } }), 1, "resting");
  await rejection(multiplexer.chat.completions.create(hello));
  const { code, status, retryAfterMs, message } = await rejection(
    multiplexer.chat.completions.create(hello),
  );
  assert.deepEqual([code, status], ["at_capacity", 429]);
  assert.ok(retryAfterMs > 50_000);
  assert.equal(message, "All models are at capacity or temporarily rate limited.");
  await pending;
});

test(
  "a stream of a client's own keeps its identity under a limit, and its slot until it ends",
  limit,
  async () => {
    async function* chunks() {
      yield 1;
      yield 2;
    }
    const stream = chunks();
    const multiplexer = over({ chat: { completions: { create: async () => stream } } }, one);
    const got = await multiplexer.chat.completions.create(streaming);
    assert.equal(got, stream);
    await assertFull(multiplexer);
    assert.deepEqual(await collect(got), [1, 2]);
    assert.equal(await multiplexer.chat.completions.create(streaming), stream);
  },
);

for (const transport of ["native", "client"]) {
  test(
    `the slot comes back when a stream is dropped unread and garbage is collected (${transport})`,
    limit,
    async () => {
      const program = fileURLToPath(new URL("dropped.mjs", import.meta.url));
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--expose-gc", program, simulator.url, newKey(), transport],
        { timeout: 14_000 },
      );
      assert.equal(stdout.trim(), "full, then\nfree");
    },
  );
}

test("an array that a client answers with holds no slot", limit, async () => {
  const multiplexer = over({ chat: { completions: { create: async () => [1] } } }, one);
  assert.deepEqual(await multiplexer.chat.completions.create(hello), [1]);
  assert.deepEqual(await multiplexer.chat.completions.create(hello), [1]);
});

for (const broken of [new (class Client {})(), { chat: {} }]) {
  test(
    `a client that cannot be called, ${JSON.stringify(broken)}, costs no slot`,
    limit,
    async () => {
      const multiplexer = over(broken, one);
      for (let count = 0; count < 3; count++) {
        const error = await rejection(multiplexer.chat.completions.create(hello));
        assert.ok(error instanceof TypeError, String(error));
      }
      assert.equal(multiplexer.getStats().gpt.failed, 3);
    },
  );
}

test("a call keeps its own slot when its target is registered anew", limit, async () => {
  const slow = client({ latencyMs: 200 });
  const multiplexer = over(slow, one);
  const pending = multiplexer.chat.completions.create(hello);
  multiplexer.updateModels({
    models: [{ client: slow, weight: 1, modelName: "gpt", maxConcurrent: 1 }],
  });
  await assertFull(multiplexer);
  await pending;
  await assertFree(multiplexer);
});

function cycle() {
  const value = {};
  value.self = value;
  return value;
}
