// What listeners are told, when, and what becomes of what they throw.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { collect, hello, newClient, ours, rejection, until } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { status, targetsOf } from "./targets.mjs";

const { Multiplexer, MultiplexerError, reportOf } = ours;

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };
const names = ["attemptStarted", "attemptEnded", "cooldown", "return", "wait", "hedge", "recovery"];

/** The events of a multiplexer, as they come: names and what they hold. */
function listen(made) {
  const heard = [];
  for (const name of names) made.on(name, (event) => heard.push([name, event]));
  return heard;
}

/** Name and target of each, and of those that have ended the outcome. */
const inShort = (heard) =>
  heard.map(([name, { id, outcome, failure }]) =>
    [name, id, outcome, failure].filter((part) => part !== undefined).join(" "),
  );

test("attempts and rests are told in their order", limit, async () => {
  const { made, ask } = multiplexer({ first: { behaviour: status(429) }, spare: {} });
  const heard = listen(made);
  assert.equal(await ask(), "spare");
  assert.deepEqual(inShort(heard), [
    "attemptStarted first",
    "cooldown first rate_limited",
    "attemptEnded first rate_limited rate_limited",
    "attemptStarted spare",
    "attemptEnded spare success",
  ]);
  const [, [, cooldown], [, failed], , [, ended]] = heard;
  assert.ok(cooldown.restMs > 0 && cooldown.until > Date.now());
  assert.equal(failed.status, 429);
  assert.equal(failed.tokens, undefined);
  assert.ok(ended.durationMs > 0);
  assert.ok(ended.tokens.input > 0);
  assert.equal(new Set(heard.map(([, { call }]) => call)).size, 1);
});

test("a stream's attempt has ended when the stream has", limit, async () => {
  const { made, stream } = multiplexer({
    only: { behaviour: { tokens: 10, tokenIntervalMs: 20 } },
  });
  const heard = listen(made);
  const read = await stream();
  await new Promise(setImmediate);
  assert.deepEqual(inShort(heard), ["attemptStarted only"]);
  await collect(read);
  await until(() => heard.length === 2, "the end is told");
  assert.equal(inShort(heard)[1], "attemptEnded only success");
  const [, { durationMs, firstTokenMs, tokens }] = heard[1];
  assert.ok(durationMs > firstTokenMs && firstTokenMs > 0);
  assert.deepEqual(tokens, reportOf(read).attempts[0].tokens);
});

test("a stream that breaks off was interrupted, one that is left was aborted", limit, async () => {
  const behaviour = { tokens: 1_000, tokenIntervalMs: 5 };
  const cut = multiplexer({
    only: { behaviour: { ...behaviour, fault: { kind: "cut", afterTokens: 4 } } },
  });
  const ofCut = listen(cut.made);
  await rejection(collect(await cut.stream()));
  const left = multiplexer({ only: { behaviour } });
  const ofLeft = listen(left.made);
  for await (const chunk of await left.stream()) {
    assert.ok(chunk);
    break;
  }
  await until(() => ofCut.length === 3 && ofLeft.length === 2, "both are told");
  assert.deepEqual(inShort(ofCut).slice(1), [
    "cooldown only truncated",
    "attemptEnded only interrupted",
  ]);
  assert.equal(inShort(ofLeft)[1], "attemptEnded only aborted");
});

test(
  "a target that answers after its rest has returned, once, and who waited is told",
  limit,
  async () => {
    const limitedOnce = { faults: [{ kind: "status", status: 429 }], retryAfterMs: 300 };
    const { made, ask } = multiplexer({ only: { behaviour: limitedOnce } }, { maxWaitMs: 10_000 });
    const heard = listen(made);
    await ask();
    await ask();
    const [, , , [, { waitedMs }]] = heard;
    assert.ok(waitedMs >= 250, String(waitedMs));
    assert.deepEqual(inShort(heard), [
      "attemptStarted only",
      "cooldown only rate_limited",
      "attemptEnded only rate_limited rate_limited",
      "wait only",
      "attemptStarted only",
      "return only",
      "attemptEnded only success",
      "attemptStarted only",
      "attemptEnded only success",
    ]);
  },
);

/** What changes a target that rests, and whether it is still the same one. */
const changes = {
  rotateKey: [(made, endpoint) => made.rotateKey("only", endpoint().apiKey), true],
  updateModels: [
    (made, endpoint) => {
      const models = [{ client: endpoint(), weight: 2, modelName: "only", id: "only" }];
      made.updateModels({ models });
    },
    true,
  ],
  "removeModel and addModel": [
    (made, endpoint) => {
      made.removeModel("only");
      made.addModel(endpoint(), 1, "only", { id: "only" });
    },
    false,
  ],
};

for (const [change, [apply, stays]] of Object.entries(changes)) {
  const returns = stays ? "returns" : "does not return";
  test(`a target that has rested ${returns} after ${change}`, limit, async () => {
    const { endpoint } = targetsOf(simulator);
    const refused = { faults: [{ kind: "status", status: 429 }], retryAfterMs: 100 };
    const { made } = multiplexer({ only: { behaviour: refused } }, { maxWaitMs: 10_000 });
    await rejection(made.chat.completions.create(hello, { multiplexer: { maxWaitMs: 0 } }));
    apply(made, endpoint);
    const heard = listen(made);
    await made.chat.completions.create(hello);
    const count = heard.filter(([name]) => name === "return").length;
    assert.equal(count, stays ? 1 : 0);
  });
}

test("who has returned while nobody listened does not return again", limit, async () => {
  const refused = { faults: [{ kind: "status", status: 429 }], retryAfterMs: 100 };
  const { made, ask } = multiplexer({ only: { behaviour: refused } }, { maxWaitMs: 10_000 });
  await ask();
  const heard = listen(made);
  await ask();
  assert.deepEqual(inShort(heard), ["attemptStarted only", "attemptEnded only success"]);
});

test("under compat there are events as well", limit, async () => {
  const made = new Multiplexer({ logger: false });
  const client = newClient(7, simulator, { defaultHeaders: { "x-simulate": "{}" } });
  made.addModel(client, 1, "m", { transport: "client" });
  const heard = listen(made);
  await made.chat.completions.create(hello);
  await collect(await made.chat.completions.create({ ...hello, stream: true }));
  assert.deepEqual(inShort(heard), [
    "attemptStarted m",
    "attemptEnded m success",
    "attemptStarted m",
    "attemptEnded m success",
  ]);
});

test(
  "what a listener throws or rejects with goes to the logger and nowhere else",
  limit,
  async () => {
    const errors = [];
    const logger = { error: (message, reason) => errors.push([message, reason]) };
    const { made, ask } = multiplexer({ only: {} }, { logger });
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    made.on("attemptStarted", () => {
      throw thrown;
    });
    made.on("attemptEnded", () => Promise.reject(rejected));
    let heard = 0;
    made.on("attemptEnded", () => heard++);
    assert.equal(await ask(), "only");
    await until(() => errors.length === 2, "both are told");
    assert.equal(heard, 1);
    assert.deepEqual(errors, [
      ['A listener of "attemptStarted" failed:', thrown],
      ['A listener of "attemptEnded" failed:', rejected],
    ]);
  },
);

test(
  "a listener that is taken away hears no more, and one may be added by another",
  limit,
  async () => {
    const { made, ask } = multiplexer({ only: {} });
    let count = 0;
    const listener = () => {
      count++;
      made.off("attemptEnded", listener);
    };
    assert.equal(made.on("attemptEnded", listener), made);
    await ask();
    await ask();
    assert.equal(count, 1);
  },
);

test("listeners run outside of what has caused the event", limit, async () => {
  const { made, stream } = multiplexer({ only: { behaviour: { tokens: 3 } } });
  let inside = true;
  made.on("attemptStarted", () => assert.equal(inside, false));
  const errors = [];
  made.on("attemptEnded", () => errors.push(new Error("where")));
  const calling = stream();
  inside = false;
  await collect(await calling);
  await until(() => errors.length === 1, "the end is told");
  assert.doesNotMatch(errors[0].stack, /#drain|#wake/);
});

test("an event or a listener that is none is refused", () => {
  const made = new Multiplexer({ logger: false });
  assert.throws(() => made.on("retry", () => {}), {
    name: MultiplexerError.name,
    message:
      'There is no event "retry"; there are attemptStarted, attemptEnded, cooldown, return, wait, hedge, recovery.',
  });
  assert.throws(() => made.on("wait", 5), { message: "The listener must be a function, not 5." });
});

test("where nobody listens, nothing is made to be told", limit, async () => {
  const { made, ask, stream } = multiplexer({ first: { behaviour: status(429) }, spare: {} });
  const queue = globalThis.queueMicrotask;
  let count = 0;
  globalThis.queueMicrotask = (task) => {
    count++;
    queue(task);
  };
  try {
    await ask();
    await collect(await stream());
    assert.equal(count, 0);
    made.on("attemptStarted", () => {});
    await ask();
    await collect(await stream());
    assert.equal(count, 2);
  } finally {
    globalThis.queueMicrotask = queue;
  }
});
