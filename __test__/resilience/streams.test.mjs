// Streams under "resilient": held until something of the answer is there, watched while they last.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  collect,
  departure,
  newClient,
  newKey,
  ours,
  rejection,
  simulate,
  textOf,
  until,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { targetsOf } from "./targets.mjs";

const { StreamInterruptedError, MultiplexerError } = ours;

let simulator;
let multiplexer;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer, endpoint } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };
const text = "one two three four five six";

test("a stream that is cut after the role was never seen", limit, async () => {
  const behaviour = { fault: { kind: "cut", afterTokens: 0 } };
  const { stream, outcomes } = multiplexer({ cut: { behaviour }, spare: {} });
  const chunks = await collect(await stream());
  assert.equal(textOf(chunks), "spare");
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  assert.deepEqual(outcomes("spare"), { success: 1 });
  assert.deepEqual(outcomes("cut"), { unavailable: 2 });
});

test("the connection of a target that was too slow is closed", limit, async () => {
  const key = newKey();
  const client = endpoint({ fault: { kind: "slowFirstToken", ms: 60_000 } }, key);
  const { stream, outcomes } = multiplexer(
    { slow: { client }, spare: {} },
    { timeouts: { firstTokenMs: 1_500 } },
  );
  assert.equal(textOf(await collect(await stream())), "spare");
  await departure(simulator, key);
  assert.deepEqual(outcomes("slow"), { timed_out: 1 });
});

test("where nobody is in time, the call has timed out", limit, async () => {
  const behaviour = { firstTokenMs: 60_000 };
  const { stream, outcomes } = multiplexer(
    { one: { behaviour }, other: { behaviour } },
    { timeouts: { firstTokenMs: 300 } },
  );
  assert.equal((await rejection(stream())).name, "APIConnectionTimeoutError");
  assert.deepEqual([outcomes("one"), outcomes("other")], [{ timed_out: 1 }, { timed_out: 1 }]);
});

test("an interruption tells the text, the tool calls and the usage so far", limit, async () => {
  const behaviour = { text, fault: { kind: "cut", afterTokens: 3 } };
  const { stream, outcomes } = multiplexer({ only: { behaviour } });
  const chunks = [];
  const error = await rejection(
    (async () => {
      for await (const chunk of await stream()) chunks.push(chunk);
    })(),
  );
  assert.ok(error instanceof StreamInterruptedError && error instanceof MultiplexerError);
  assert.equal(error.name, "StreamInterruptedError");
  assert.equal(error.code, "stream_interrupted");
  assert.equal(error.text, textOf(chunks));
  assert.equal(error.text.trim(), "one two three");
  assert.deepEqual(error.toolCalls, []);
  assert.equal(error.usage, undefined);
  assert.ok(error.cause instanceof Error);
  assert.deepEqual(outcomes("only"), { truncated: 1 });
});

test("a tool call that was cut is told as far as it had come", limit, async () => {
  const behaviour = { toolCalls: 1, fault: { kind: "cut", afterTokens: 2 } };
  const { stream } = multiplexer({ only: { behaviour } });
  const error = await rejection(collect(await stream()));
  assert.equal(error.toolCalls.length, 1);
  const [call] = error.toolCalls;
  assert.equal(call.name, "get_weather");
  assert.equal(typeof call.id, "string");
  assert.ok(call.arguments.length > 0);
  assert.throws(() => JSON.parse(call.arguments), SyntaxError);
});

for (const version of versions) {
  test(
    `a word after [DONE] does not hide that the stream is broken: openai ${version}`,
    limit,
    async () => {
      const over = (afterTokens) => {
        const fault = { kind: "malformedEvent", afterTokens, data: "[DONE] x" };
        const client = newClient(version, simulator, { defaultHeaders: simulate({ text, fault }) });
        return multiplexer({ only: { client } });
      };
      assert.ok((await rejection(over(0).stream())) instanceof Error);
      const cut = await rejection(collect(await over(3).stream()));
      assert.ok(cut instanceof StreamInterruptedError);
      assert.equal(cut.text.trim(), "one two three");
    },
  );
}

test("a reader who takes his time is no stall", limit, async () => {
  const behaviour = { tokens: 5_000 };
  const { stream, outcomes } = multiplexer(
    { only: { behaviour } },
    { timeouts: { stallMs: 1_000 } },
  );
  let count = 0;
  for await (const chunk of await stream()) {
    if (count++ === 0) await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.ok(chunk.choices);
  }
  assert.ok(count > 5_000, String(count));
  assert.deepEqual(outcomes("only"), { success: 1 });
});

test("a target may end its streams without finish_reason", limit, async () => {
  const behaviour = { text, fault: { kind: "missingFinishReason" } };
  const strict = multiplexer({ only: { behaviour } });
  assert.ok((await rejection(collect(await strict.stream()))) instanceof StreamInterruptedError);
  const loose = multiplexer({ only: { behaviour, finishOptional: true } });
  assert.equal(textOf(await collect(await loose.stream())), text);
  assert.deepEqual(loose.outcomes("only"), { success: 1 });
});

test("the slot of a finished answer is back though its stream stays open", limit, async () => {
  const behaviour = { text, fault: { kind: "neverCloses" } };
  const { made, stream } = multiplexer({ only: { behaviour, maxConcurrent: 1 } });
  const iterator = (await stream())[Symbol.asyncIterator]();
  let read = "";
  for (;;) {
    const { value } = await iterator.next();
    read += value.choices[0]?.delta?.content ?? "";
    if (value.choices[0]?.finish_reason === "stop") break;
  }
  assert.equal(read, text);
  // It is well before the engine would give the connection up.
  await until(() => made.getReport()[0].inFlight === 0, "the slot is back");
  const ended = performance.now();
  assert.equal((await iterator.next()).done, true);
  assert.ok(performance.now() - ended < 20_000);
});

test("the times to the first token are in the report", limit, async () => {
  const behaviour = { text, firstTokenMs: 100 };
  const { made, stream } = multiplexer({ only: { behaviour } });
  await collect(await stream());
  const [{ firstTokenMs, durationMs }] = made.getReport();
  assert.ok(firstTokenMs.p50 >= 80, JSON.stringify(firstTokenMs));
  assert.ok(durationMs.p50 >= firstTokenMs.p50 * 0.9, JSON.stringify(durationMs));
});

test("a stream that is left counts for nothing and gives all back", limit, async () => {
  const key = newKey();
  const client = endpoint({ tokens: 1_000_000, tokenIntervalMs: 5 }, key);
  const { made, stream } = multiplexer({ only: { client, maxConcurrent: 1 } });
  for await (const chunk of await stream()) {
    assert.ok(chunk);
    break;
  }
  await departure(simulator, key);
  await until(() => made.getReport()[0].inFlight === 0, "the slot is back");
  assert.equal(made.getReport()[0].state, "ready");
});

test("what comes too late for the call rests nobody who had no fair time", limit, async () => {
  const { stream, states, outcomes } = multiplexer(
    { steady: { behaviour: { tokens: 1_000, tokenIntervalMs: 50 } } },
    { timeouts: { totalMs: 2_000 } },
  );
  const error = await rejection(collect(await stream()));
  assert.ok(error instanceof StreamInterruptedError);
  assert.deepEqual(states(), { steady: "ready" });
  assert.deepEqual(outcomes("steady"), { truncated: 1 });
});

test("the whole call has one deadline, whoever is asked", limit, async () => {
  const { ask, asked, states } = multiplexer(
    {
      first: { behaviour: { latencyMs: 1_600, fault: { kind: "status", status: 429 } } },
      second: { behaviour: { fault: { kind: "noAnswer" } } },
      third: {},
    },
    { timeouts: { totalMs: 3_000 } },
  );
  const error = await rejection(ask());
  assert.equal(error.name, "APIConnectionTimeoutError");
  assert.deepEqual(await asked(), { first: 1, second: 1, third: 0 });
  assert.deepEqual(states(), { first: "resting", second: "ready", third: "ready" });
});
