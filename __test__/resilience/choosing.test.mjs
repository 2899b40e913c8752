// Who is asked: strategies, tags, sessions, larger contexts, and what may not be asked twice.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import {
  collect,
  hello,
  Multiplexer,
  newClient,
  newKey,
  ours,
  rejection,
  sdk,
  simulate,
  textOf,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { refusal, status, targetsOf } from "./targets.mjs";

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

/** What so many calls in a row are answered by. */
async function answers(ask, count, ...args) {
  const given = [];
  for (let i = 0; i < count; i++) given.push(await ask(...args));
  return given;
}

describe("strategies", limit, () => {
  const three = () => ({ a: {}, b: {}, c: {} });

  test("priority asks the first for as long as it can", async () => {
    const { ask } = multiplexer(three());
    assert.deepEqual(await answers(ask, 4), ["a", "a", "a", "a"]);
  });

  test("round-robin asks each in its turn", async () => {
    const { ask } = multiplexer(three(), { strategy: "round-robin" });
    assert.deepEqual(await answers(ask, 6), ["a", "b", "c", "a", "b", "c"]);
  });

  test("least-busy asks the one with the fewest calls under way", async () => {
    const behaviour = { latencyMs: 500 };
    const { ask } = multiplexer(
      { a: { behaviour }, b: { behaviour }, c: { behaviour } },
      { strategy: "least-busy" },
    );
    const given = await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()]);
    assert.deepEqual(given.sort(), ["a", "a", "b", "b", "c", "c"]);
  });

  test("least-busy counts streams of clients that are called themselves", async () => {
    const { made } = multiplexer(
      Object.fromEntries(
        ["a", "b", "c"].map((id) => {
          const client = newClient(7, simulator, { defaultHeaders: simulate({ tokens: 2 }) });
          return [id, { client, transport: "client" }];
        }),
      ),
      { strategy: "least-busy" },
    );
    const open = () => made.chat.completions.create({ ...hello, stream: true });
    const streams = [await open(), await open(), await open()];
    const busy = () => made.getReport().map(({ inFlight }) => inFlight);
    assert.deepEqual(busy(), [1, 1, 1]);
    for await (const chunk of streams[1]) assert.ok(chunk);
    assert.deepEqual(busy(), [1, 0, 1]);
    const fourth = await open();
    assert.deepEqual(busy(), [1, 1, 1]);
    for (const stream of [streams[0], streams[2], fourth]) stream.controller.abort();
  });

  test("latency comes to ask the sooner one", async () => {
    const { stream } = multiplexer(
      { slow: { behaviour: { firstTokenMs: 150 } }, quick: {} },
      { strategy: "latency" },
    );
    const ask = async () => textOf(await collect(await stream()));
    const given = await answers(ask, 12);
    assert.deepEqual(new Set(given.slice(-6)), new Set(["quick"]), String(given));
  });

  test("sticky keeps a session with its target, and lets it move on when that fails", async () => {
    const { made, ask } = multiplexer(three(), { strategy: "sticky" });
    const sessions = ["x", "y", "z", "u", "v"];
    const homes = {};
    for (const session of sessions) {
      homes[session] = await ask({}, { multiplexer: { session } });
      assert.deepEqual(new Set(await answers(ask, 3, {}, { multiplexer: { session } })).size, 1);
    }
    const home = homes.x;
    made.removeModel(home);
    const moved = await ask({}, { multiplexer: { session: "x" } });
    assert.notEqual(moved, home);
    assert.equal(await ask({}, { multiplexer: { session: "x" } }), moved);
  });

  test("sticky never keeps a session with a target that fails", async () => {
    const behaviour = { faults: [null, { kind: "status", status: 503 }] };
    const { ask, states } = multiplexer(
      { a: { behaviour }, b: { behaviour } },
      { strategy: "sticky" },
    );
    const x = { multiplexer: { session: "x" } };
    const home = await ask({}, x);
    assert.notEqual(await ask({}, x), home);
    assert.equal(states()[home], "resting");
  });

  test("weighted asks in proportion to the weights", async () => {
    const made = new Multiplexer({ policy: "resilient", logger: false });
    const endpoint = (text) => ({
      baseURL: simulator.url,
      apiKey: newKey(),
      headers: simulate({ text }),
    });
    made.addModel(endpoint("much"), 1_000_000, "much");
    made.addModel(endpoint("little"), 1, "little");
    for (let i = 0; i < 10; i++) {
      const reply = await made.chat.completions.create(hello);
      assert.equal(reply.choices[0].message.content, "much");
    }
  });
});

describe("tags", limit, () => {
  const targets = (behaviour) => ({
    us: { tags: { region: "us", tier: "fast" } },
    eu: { tags: { region: "eu" }, behaviour },
    eu2: { tags: { region: "eu" } },
  });

  test("only targets that have what a call requires are asked", async () => {
    const { ask } = multiplexer(targets());
    const eu = { multiplexer: { require: { region: "eu" } } };
    assert.deepEqual(await answers(ask, 2, {}, eu), ["eu", "eu"]);
    const fast = { multiplexer: { require: { region: "us", tier: "fast" } } };
    assert.equal(await ask({}, fast), "us");
  });

  test("failing over stays with them", async () => {
    const { ask, asked } = multiplexer(targets(status(503)));
    const eu = { multiplexer: { require: { region: "eu" } } };
    assert.equal(await ask({}, eu), "eu2");
    assert.deepEqual(await asked(), { us: 0, eu: 1, eu2: 1 });
  });

  test("where there are none, nobody is asked", async () => {
    const { ask, asked } = multiplexer(targets());
    const error = await rejection(ask({}, { multiplexer: { require: { region: "mars" } } }));
    assert.equal(error.name, "ModelSelectionError");
    assert.deepEqual(await asked(), { us: 0, eu: 0, eu2: 0 });
  });

  test("what a call asks of its targets reaches no wire", async () => {
    const { ask } = multiplexer({ only: {} });
    await simulator.clearJournal();
    await ask({}, { multiplexer: { session: "secret-session", require: {} } });
    assert.ok(!JSON.stringify(await simulator.journal()).includes("secret-session"));
  });
});

describe("contexts", limit, () => {
  const behaviour = refusal("openai", "contextTooLong");

  test("what is too long goes to a larger one, whatever stands between", async () => {
    const { ask, asked, states } = multiplexer({
      small: { behaviour, contextWindow: 8_000 },
      same: { contextWindow: 8_000 },
      unknown: {},
      large: { contextWindow: 128_000 },
    });
    assert.equal(await ask(), "large");
    assert.deepEqual(await asked(), { small: 1, same: 0, unknown: 0, large: 1 });
    assert.equal(states().small, "ready");
  });

  test("then to one of unknown size, else the refusal is the caller's", async () => {
    const unknown = multiplexer({
      small: { behaviour, contextWindow: 8_000 },
      same: { contextWindow: 8_000 },
      unknown: {},
    });
    assert.equal(await unknown.ask(), "unknown");
    const none = multiplexer({
      small: { behaviour, contextWindow: 8_000 },
      same: { contextWindow: 8_000 },
    });
    const error = await rejection(none.ask());
    assert.equal(error.code, "context_length_exceeded");
    assert.deepEqual(await none.asked(), { small: 1, same: 0 });
  });
});

describe("what may not be asked twice", limit, () => {
  const { APIError } = ours;

  test("a stored request goes elsewhere after a refusal, and not once work may have begun", async () => {
    const refused = multiplexer({ limited: { behaviour: status(429) }, spare: {} });
    assert.equal(await refused.ask({ store: true }), "spare");
    const broken = multiplexer({ broken: { behaviour: status(500) }, spare: {} });
    const error = await rejection(broken.ask({ store: true }));
    assert.ok(error instanceof APIError);
    assert.equal(error.status, 500);
    assert.deepEqual(await broken.asked(), { broken: 1, spare: 0 });
  });

  test("a request that refers to a conversation goes to no other account", async () => {
    const { made, asked } = multiplexer({ limited: { behaviour: status(503) }, spare: {} });
    const follow = { model: "any", input: "x", conversation: "conv_1" };
    const error = await rejection(made.responses.create(follow));
    assert.equal(error.status, 503);
    assert.deepEqual(await asked(), { limited: 1, spare: 0 });
  });
});

describe("clients that are called themselves", limit, () => {
  /** A client that answers with what it is given, in turn. */
  function stub(...answers) {
    const calls = [];
    const create = async (_params, options) => {
      calls.push(options);
      const answer = answers[Math.min(calls.length, answers.length) - 1];
      if (answer instanceof Error) throw answer;
      return answer;
    };
    return { client: { chat: { completions: { create } } }, calls };
  }
  const reply = { choices: [{ message: { content: "stub" } }] };

  test("they are told not to retry, and the rest of the options", async () => {
    const { client, calls } = stub(reply);
    const { ask } = multiplexer({ only: { client } });
    assert.equal(
      await ask({}, { timeout: 5, maxRetries: 4, multiplexer: { session: "s" } }),
      "stub",
    );
    assert.deepEqual(calls, [{ timeout: 5, maxRetries: 0 }]);
  });

  test("their errors are judged as answers are", async () => {
    const table = [
      [{ status: 401 }, "bad_credentials", 1],
      [{ status: 500 }, "unavailable", 2],
      [{ status: 429, error: { code: "insufficient_quota" } }, "quota_used_up", 1],
      [{ status: 503, headers: { "Retry-After": "30" } }, "overloaded", 1],
      [{ code: "ECONNREFUSED" }, "unavailable", 1],
      [{ cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }, "unavailable", 2],
      [{ name: "APIConnectionTimeoutError" }, "timed_out", 1],
    ];
    for (const [members, outcome, asked] of table) {
      const { client, calls } = stub(Object.assign(new Error("no"), members));
      const { ask, outcomes, states } = multiplexer({ only: { client }, spare: {} });
      assert.equal(await ask(), "spare", outcome);
      assert.equal(calls.length, asked, outcome);
      assert.deepEqual(outcomes("only"), { [outcome]: asked });
      assert.equal(states().only, "resting");
    }
  });

  test("a stored request is not sent twice where work may have begun", async () => {
    const failure = Object.assign(new Error("no"), { status: 500 });
    const { client, calls } = stub(failure);
    const { ask, asked } = multiplexer({ only: { client }, spare: {} });
    assert.equal(await rejection(ask({ store: true })), failure);
    assert.equal(calls.length, 1);
    assert.equal((await asked()).spare, 0);
  });

  test("one that answers after its rest is back", async () => {
    const limited = Object.assign(new Error("no"), {
      status: 429,
      headers: new Headers({ "retry-after-ms": "250" }),
    });
    const { client } = stub(limited, reply);
    const { ask, states } = multiplexer({ only: { client } }, { maxWaitMs: 10_000 });
    assert.equal(await ask(), "stub");
    assert.equal(states().only, "ramping");
  });

  test("a mistake in the request is the caller's", async () => {
    const mistake = Object.assign(new Error("no"), { status: 400 });
    const { client } = stub(mistake);
    const { ask, states } = multiplexer({ only: { client }, spare: {} });
    assert.equal(await rejection(ask()), mistake);
    assert.equal(states().only, "ready");
  });

  test("an SDK's own client is judged by its own errors", async () => {
    const options = { transport: "client" };
    const client = new sdk[7]({
      baseURL: simulator.url,
      apiKey: newKey(),
      defaultHeaders: simulate(status(503)),
    });
    const { ask, asked, outcomes } = multiplexer({ only: { client, ...options }, spare: {} });
    assert.equal(await ask(), "spare");
    assert.deepEqual(await asked(), { only: 1, spare: 1 });
    assert.deepEqual(outcomes("only"), { overloaded: 1 });
  });
});
