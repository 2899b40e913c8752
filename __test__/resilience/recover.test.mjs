// Streams that break off and go on elsewhere, with midStream: "recover".

import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, describe, test } from "node:test";

import {
  collect,
  departure,
  hello,
  newClient,
  newKey,
  ours,
  rejection,
  requestsOf,
  simulate,
  textOf,
  until,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { status, targetsOf } from "./targets.mjs";

const { StreamInterruptedError, reportOf } = ours;

let simulator;
let recovering;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  const targets = targetsOf(simulator);
  endpoint = targets.endpoint;
  recovering = (of, options) => targets.multiplexer(of, { midStream: "recover", ...options });
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };
const text = "one two three four five six seven eight";
const begun = "one two three four five";
const cut = { text, fault: { kind: "cut", afterTokens: 5 } };

/** The chunks of a stream until it ends or fails, and what it fails with. */
async function readAll(stream) {
  const chunks = [];
  try {
    for await (const chunk of await stream) chunks.push(chunk);
    return { chunks, text: textOf(chunks) };
  } catch (error) {
    return { chunks, text: textOf(chunks), error };
  }
}

const outcomesOf = (stream) => reportOf(stream).attempts.map(({ outcome }) => outcome);
const bodyOf = (request) => JSON.parse(request.body);

describe("the answer of another target that says the same", () => {
  const faults = {
    "a cut connection": { kind: "cut", afterTokens: 5 },
    silence: { kind: "stall", afterTokens: 5 },
    "an error event": { kind: "errorEvent", afterTokens: 5 },
    "an event that is not JSON": { kind: "malformedEvent", afterTokens: 5 },
  };
  for (const [what, fault] of Object.entries(faults)) {
    test(`goes on after ${what}`, limit, async () => {
      const { made, asked, outcomes } = recovering(
        { first: { behaviour: { text, fault } }, second: { behaviour: { text } } },
        { timeouts: { stallMs: 1_500 } },
      );
      const stream = await made.chat.completions.create({ ...hello, stream: true });
      const { chunks, text: read, error } = await readAll(stream);
      assert.equal(error, undefined);
      assert.equal(read, text);
      assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
      assert.equal(chunks.filter(({ choices }) => choices[0].delta.role !== undefined).length, 1);
      assert.deepEqual(await asked(), { first: 1, second: 1 });
      assert.deepEqual(outcomesOf(stream), ["interrupted", "success"]);
      assert.deepEqual(outcomes("second"), { success: 1 });
      assert.equal(reportOf(stream).id, "second");
    });
  }

  test("goes on after an end without finish_reason", limit, async () => {
    const fault = { kind: "missingFinishReason" };
    const { made, asked } = recovering({
      first: { behaviour: { text: begun, fault } },
      second: { behaviour: { text } },
    });
    const { text: read, error } = await readAll(
      made.chat.completions.create({ ...hello, stream: true }),
    );
    assert.deepEqual([read, error], [text, undefined]);
    assert.deepEqual(await asked(), { first: 1, second: 1 });
  });

  for (const version of versions) {
    test(`goes on behind clients of openai ${version}`, limit, async () => {
      const client = (behaviour) =>
        newClient(version, simulator, { defaultHeaders: simulate(behaviour) });
      const { stream } = recovering({
        first: { client: client(cut) },
        second: { client: client({ text }) },
      });
      assert.equal((await readAll(stream())).text, text);
    });
  }

  test("goes on as often as there are targets", limit, async () => {
    const { stream, asked } = recovering({
      first: { behaviour: { text, fault: { kind: "cut", afterTokens: 2 } } },
      limited: { behaviour: status(429) },
      second: { behaviour: cut },
      third: { behaviour: { text } },
    });
    const opened = await stream();
    const { text: read, chunks } = await readAll(opened);
    assert.equal(read, text);
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.deepEqual(await asked(), { first: 1, limited: 1, second: 1, third: 1 });
    assert.deepEqual(outcomesOf(opened), ["interrupted", "rate_limited", "interrupted", "success"]);
  });

  test("is read at the reader's pace, however long it is", limit, async () => {
    const tokens = 20_000;
    const { stream } = recovering({
      first: { behaviour: { tokens, fault: { kind: "cut", afterTokens: 10_000 } } },
      second: { behaviour: { tokens } },
    });
    const whole = recovering({ only: { behaviour: { tokens } } });
    let read = "";
    let count = 0;
    for await (const chunk of await stream()) {
      if (count++ % 5_000 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      read += textOf([chunk]);
    }
    assert.equal(read, textOf(await collect(await whole.stream())));
  });

  test(
    "comes under the first one's id and time, with its own model and the usage of all",
    limit,
    async () => {
      const { made } = recovering({
        first: { behaviour: cut, model: "model-a" },
        second: { behaviour: { text }, model: "model-b" },
      });
      const stream = await made.chat.completions.create({
        ...hello,
        stream: true,
        stream_options: { include_usage: true },
      });
      const { chunks } = await readAll(stream);
      assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
      assert.equal(new Set(chunks.map(({ created }) => created)).size, 1);
      assert.deepEqual([...new Set(chunks.map(({ model }) => model))], ["model-a", "model-b"]);
      const { usage } = chunks.at(-1);
      assert.equal(usage.completion_tokens, 8);
      const [first, second] = reportOf(stream).attempts;
      assert.deepEqual(first.tokens.output, 5);
      assert.equal(first.tokens.isEstimated, true);
      const tokens = { input: usage.prompt_tokens, output: 8, isEstimated: false };
      assert.deepEqual(second.tokens, tokens);
    },
  );
});

describe("who watches", () => {
  test("hears of every attempt, on the channels and by events", limit, async () => {
    const { made, stream } = recovering({
      first: { behaviour: cut },
      limited: { behaviour: status(429) },
      second: { behaviour: { text } },
    });
    const told = [];
    const note = (message, name) => told.push(`${name.split(":").at(-1)} ${message.target}`);
    const names = ["start", "headers", "end"].map((name) => `model-multiplexer:attempt:${name}`);
    const heard = [];
    made.on("attemptStarted", ({ id }) => heard.push(`${id} started`));
    made.on("attemptEnded", ({ id, outcome }) => heard.push(`${id} ${outcome}`));
    made.on("cooldown", ({ id, failure }) => heard.push(`${id} ${failure}`));
    made.on("recovery", ({ id }) => heard.push(`${id} goes on`));
    for (const name of names) subscribe(name, note);
    await readAll(stream());
    await until(() => told.length === 9 && heard.length === 9, "all is told");
    for (const name of names) unsubscribe(name, note);
    assert.deepEqual(told.toSorted(), [
      "end first",
      "end limited",
      "end second",
      "headers first",
      "headers limited",
      "headers second",
      "start first",
      "start limited",
      "start second",
    ]);
    // The stream may have ended before it is known who goes on with it.
    assert.ok(heard.includes("second goes on"));
    assert.deepEqual(
      heard.filter((event) => event !== "second goes on"),
      [
        "first started",
        "first truncated",
        "first interrupted",
        "limited started",
        "limited rate_limited",
        "limited rate_limited",
        "second started",
        "second success",
      ],
    );
  });
});

describe("an answer that says something else", () => {
  test("is the interruption, with what came and why it broke off", limit, async () => {
    const keys = [newKey(), newKey()];
    const other = `${begun} other words altogether, and many more of them`;
    const behaviour = { text: `one two 3 ${other}`, tokenIntervalMs: 20 };
    const { made, stream, asked } = recovering({
      first: { client: endpoint(cut, keys[0]), maxConcurrent: 1 },
      second: { client: endpoint(behaviour, keys[1]), maxConcurrent: 1 },
      third: { behaviour: { text } },
    });
    const opened = await stream();
    const { error, text: read } = await readAll(opened);
    assert.ok(error instanceof StreamInterruptedError);
    assert.equal(read, begun);
    assert.equal(error.text, begun);
    assert.ok(error.cause instanceof Error);
    assert.deepEqual(outcomesOf(opened), ["interrupted", "diverged"]);
    assert.equal(reportOf(opened).id, undefined);
    await departure(simulator, keys[1]);
    // What was asked for is paid for, though nobody has read it.
    assert.ok(reportOf(opened).attempts[1].tokens.output > 0);
    assert.deepEqual(await asked(), { first: 1, second: 1, third: 0 });
    assert.ok(made.getReport().every(({ inFlight }) => inFlight === 0));
    // It was another answer, not a failure.
    assert.equal(made.getReport()[1].state, "ready");
  });

  test("is one that ends before it has said all that was given", limit, async () => {
    const { stream } = recovering({
      first: { behaviour: cut },
      second: { behaviour: { text: "one two" } },
    });
    const { error, text: read } = await readAll(stream());
    assert.ok(error instanceof StreamInterruptedError);
    assert.equal(read, begun);
  });

  test("is all there was where nobody else can be asked", limit, async () => {
    const { stream } = recovering({ only: { behaviour: cut } });
    const { error } = await readAll(stream());
    assert.ok(error instanceof StreamInterruptedError);
    assert.equal(error.text, begun);
  });
});

describe("a target that takes the beginning of its answer", () => {
  const forms = [
    ["deepseek", "prefix", { prefix: true }, {}],
    ["mistral", "prefix", { prefix: true }, {}],
    [
      "vllm",
      "continue_final_message",
      {},
      { continue_final_message: true, add_generation_prompt: false },
    ],
    ["anthropic", "assistant", {}, {}],
  ];
  for (const [provider, prefill, inMessage, inBody] of forms) {
    test(`goes on with it as ${provider} has it`, limit, async () => {
      const key = newKey();
      const second = endpoint({ text, prefill: provider }, key);
      const { made } = recovering({
        first: { behaviour: cut },
        second: { client: second, prefill },
      });
      const stream = await made.chat.completions.create({
        ...hello,
        stream: true,
        max_tokens: 100,
        stream_options: { include_usage: true },
      });
      const { text: read, chunks, error } = await readAll(stream);
      assert.deepEqual([read, error], [text, undefined]);
      assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
      const [request, ...more] = await requestsOf(simulator, key);
      assert.equal(more.length, 0);
      const body = bodyOf(request);
      const message = { role: "assistant", content: begun, ...inMessage };
      assert.deepEqual(body.messages, [...hello.messages, message]);
      // About four bytes make a token.
      assert.equal(body.max_tokens, 100 - Math.ceil(begun.length / 4));
      for (const [name, value] of Object.entries(inBody)) assert.equal(body[name], value);
      const { usage } = chunks.at(-1);
      const billed = reportOf(stream).attempts[1].tokens;
      assert.equal(billed.isEstimated, false);
      assert.equal(usage.prompt_tokens, billed.input - Math.ceil(begun.length / 4));
      assert.ok(usage.completion_tokens >= 8, JSON.stringify(usage));
      assert.equal(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    });
  }

  test("is handed no white space at the end, and does not say it twice", limit, async () => {
    const key = newKey();
    const spaced = "one two\n\n three four";
    const { stream } = recovering({
      first: { behaviour: { text: spaced, fault: { kind: "missingFinishReason" } } },
      second: {
        client: endpoint({ text: `${spaced}  five`, prefill: "anthropic" }, key),
        prefill: "assistant",
      },
    });
    assert.equal((await readAll(stream())).text, `${spaced}  five`);
    const ending = recovering({
      first: { behaviour: { text: "one two \n", fault: { kind: "missingFinishReason" } } },
      second: {
        client: endpoint({ text: "one two \n three", prefill: "anthropic" }, key),
        prefill: "assistant",
      },
    });
    assert.equal((await readAll(ending.stream())).text, "one two \n three");
    const requests = await requestsOf(simulator, key);
    const given = requests.map((request) => bodyOf(request).messages.at(-1).content);
    assert.deepEqual(given, [spaced, "one two"]);
  });

  test("is asked anew where it refuses what it was handed", limit, async () => {
    const key = newKey();
    const { stream, states } = recovering({
      first: { behaviour: cut },
      second: { client: endpoint({ text, prefill: "refused" }, key), prefill: "assistant" },
    });
    const opened = await stream();
    assert.equal((await readAll(opened)).text, text);
    const bodies = (await requestsOf(simulator, key)).map(bodyOf);
    assert.deepEqual(
      bodies.map(({ messages }) => messages.length),
      [2, 1],
    );
    assert.deepEqual(outcomesOf(opened), ["interrupted", "failed", "success"]);
    assert.equal(states().second, "ready");
  });

  test("never has its refusal told to the caller", limit, async () => {
    const { stream } = recovering({
      first: { behaviour: cut },
      second: { behaviour: status(400), prefill: "assistant" },
    });
    const { error } = await readAll(stream());
    assert.ok(error instanceof StreamInterruptedError);
    assert.notEqual(error.cause.status, 400);
  });

  test("stops at a stop string that began before", limit, async () => {
    const seamed = { text: "one two three EN four", fault: { kind: "cut", afterTokens: 4 } };
    const { made, outcomes } = recovering({
      first: { behaviour: seamed },
      second: {
        behaviour: { text: "one two three ENDING five", prefill: "vllm" },
        prefill: "continue_final_message",
      },
    });
    const { text: read, chunks } = await readAll(
      made.chat.completions.create({ ...hello, stream: true, stop: ["ENDING", "x"] }),
    );
    assert.equal(read, "one two three EN");
    assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
    assert.deepEqual(outcomes("second"), { success: 1 });
  });
});

describe("tool calls", () => {
  test("are told when they are complete: one that breaks off was never seen", limit, async () => {
    const { stream, asked } = recovering({
      first: { behaviour: { toolCalls: 1, fault: { kind: "cut", afterTokens: 2 } } },
      second: { behaviour: { toolCalls: 1 } },
    });
    const { chunks, error } = await readAll(stream());
    assert.equal(error, undefined);
    const parts = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    assert.equal(parts.filter(({ id }) => id !== undefined).length, 1);
    assert.ok(JSON.parse(parts.map((part) => part.function.arguments).join("")));
    assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
    assert.ok((await asked()).second === 1);
  });

  test("that are complete cannot be gone on after, and are whole", limit, async () => {
    const behaviour = { toolCalls: 3, fault: { kind: "missingDone" } };
    const whole = recovering({ only: { behaviour } });
    const parts = (await readAll(whole.stream())).chunks.length;
    const { stream, asked } = recovering({
      // In the middle of the last.
      first: { behaviour: { toolCalls: 3, fault: { kind: "cut", afterTokens: parts - 4 } } },
      second: { behaviour: { toolCalls: 3 } },
    });
    const { error } = await readAll(stream());
    assert.ok(error instanceof StreamInterruptedError);
    assert.ok(error.toolCalls.length >= 1);
    for (const call of error.toolCalls) assert.ok(JSON.parse(call.arguments));
    assert.deepEqual(await asked(), { first: 1, second: 0 });
  });
});

test("a tool call of a target that need not say the end is told at its end", limit, async () => {
  const behaviour = { toolCalls: 1, fault: { kind: "missingFinishReason" } };
  const { stream, asked } = recovering({
    first: { behaviour, finishOptional: true },
    second: { behaviour: { toolCalls: 1 } },
  });
  const { chunks, error } = await readAll(stream());
  assert.equal(error, undefined);
  const parts = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
  assert.ok(JSON.parse(parts.map((part) => part.function.arguments).join("")));
  assert.equal((await asked()).second, 0);
});

describe("not gone on with", () => {
  const bounds = {
    "what the retry budget does not allow": { retryBudget: { share: 0, minPerSecond: 0 } },
    "what the program wants to know of": { outcomes: { truncated: "giveUp" } },
  };
  for (const [what, options] of Object.entries(bounds)) {
    test(`is ${what}`, limit, async () => {
      const { stream, asked } = recovering(
        { first: { behaviour: cut }, second: { behaviour: { text } } },
        options,
      );
      const { error } = await readAll(stream());
      assert.ok(error instanceof StreamInterruptedError);
      assert.deepEqual(await asked(), { first: 1, second: 0 });
    });
  }

  test("is what comes too late for the call", limit, async () => {
    const slow = { text, firstTokenMs: 60_000 };
    const { stream, made } = recovering(
      { first: { behaviour: cut }, second: { behaviour: slow } },
      { timeouts: { totalMs: 3_000 } },
    );
    const { error } = await readAll(stream());
    assert.ok(error instanceof StreamInterruptedError);
    assert.equal(error.text, begun);
    await until(() => made.getReport().every(({ inFlight }) => inFlight === 0), "slots are back");
  });

  const params = {
    "more than one choice": { n: 2 },
    probabilities: { logprobs: true },
    "an answer of a prescribed structure": { response_format: { type: "json_object" } },
    "an answer to be heard": { modalities: ["text", "audio"] },
    "a request that is stored": { store: true },
    "a request that names what lies on an account": {
      messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }],
    },
  };
  for (const [what, given] of Object.entries(params)) {
    test(`is ${what}`, limit, async () => {
      const { made, asked } = recovering({
        first: { behaviour: cut },
        second: { behaviour: { text } },
      });
      const { error } = await readAll(
        made.chat.completions.create({ ...hello, stream: true, ...given }),
      );
      assert.ok(error instanceof StreamInterruptedError);
      assert.equal((await asked()).second, 0);
      assert.ok(made.getReport().every(({ inFlight }) => inFlight === 0));
    });
  }

  test("is a stream of the Responses API", limit, async () => {
    const { made, asked } = recovering({
      first: { behaviour: cut },
      second: { behaviour: { text } },
    });
    const events = [];
    const error = await rejection(
      (async () => {
        const asking = { model: "any", input: "hi", stream: true };
        for await (const event of await made.responses.create(asking)) events.push(event);
      })(),
    );
    assert.ok(error instanceof StreamInterruptedError);
    assert.equal(error.text.trim(), begun);
    assert.ok(events.length > 0);
    assert.equal((await asked()).second, 0);
  });

  test("is a body that is handed over as it is", limit, async () => {
    const { made, asked } = recovering({
      first: { behaviour: cut },
      second: { behaviour: { text } },
    });
    const asking = made.chat.completions.create({ ...hello, stream: true });
    await rejection((await asking.asResponse()).text());
    assert.equal((await asked()).second, 0);
    assert.ok(made.getReport().every(({ inFlight }) => inFlight === 0));
  });

  test("is a call that does not want it, and one that does is", limit, async () => {
    const targets = { first: { behaviour: cut }, second: { behaviour: { text } } };
    const { stream } = recovering(targets);
    const unwanted = await readAll(stream({ multiplexer: { midStream: "error" } }));
    assert.ok(unwanted.error instanceof StreamInterruptedError);
    const wanted = recovering(targets, { midStream: "error" });
    const { error } = await readAll(wanted.stream({ multiplexer: { midStream: "recover" } }));
    assert.equal(error, undefined);
  });

  test("is anything at a target without the tags that the call requires", limit, async () => {
    const { stream, asked } = recovering({
      first: { behaviour: cut, tags: { region: "eu" } },
      second: { behaviour: { text }, tags: { region: "us" } },
      third: { behaviour: { text }, tags: { region: "eu" } },
    });
    const options = { multiplexer: { require: { region: "eu" } } };
    assert.equal((await readAll(stream(options))).text, text);
    assert.deepEqual(await asked(), { first: 1, second: 0, third: 1 });
  });

  test(
    "is a stream that a client gave that was called itself, nor by such a client",
    limit,
    async () => {
      const client = newClient(7, simulator, { defaultHeaders: simulate({ text }) });
      const { stream } = recovering({
        first: { behaviour: cut },
        called: { client, transport: "client" },
        third: { behaviour: { text } },
      });
      const opened = await stream();
      assert.equal((await readAll(opened)).text, text);
      assert.deepEqual(outcomesOf(opened), ["interrupted", "passed_over", "success"]);
    },
  );
});

describe("a reader who leaves while another target is asked", () => {
  /** A stream whose reader waits for a target that takes its time, and that target's key. */
  async function waiting(options) {
    const key = newKey();
    const slow = endpoint({ text, firstTokenMs: 60_000 }, key);
    const { made, stream, outcomes } = recovering({
      first: { behaviour: cut, maxConcurrent: 1 },
      second: { client: slow, maxConcurrent: 1 },
    });
    const opened = await stream(options);
    const iterator = opened[Symbol.asyncIterator]();
    for (let read = ""; read !== begun;) read += textOf([(await iterator.next()).value]);
    const next = iterator.next().then(
      (result) => result,
      (error) => ({ error }),
    );
    await until(async () => (await requestsOf(simulator, key)).length === 1, "it is asked");
    const isOver = async () => {
      await departure(simulator, key);
      await until(() => made.getReport().every(({ inFlight }) => inFlight === 0), "slots are back");
      assert.deepEqual(outcomes("second"), { aborted: 1 });
    };
    return { made, iterator, next, isOver, opened };
  }

  test("closes it by an abort", limit, async () => {
    const controller = new AbortController();
    const { next, isOver } = await waiting({ signal: controller.signal });
    controller.abort();
    assert.equal((await next).done, true);
    await isOver();
  });

  test("closes it by leaving the loop", limit, async () => {
    const { iterator, next, isOver, opened } = await waiting();
    await iterator.return();
    assert.equal((await next).done, true);
    await isOver();
    assert.deepEqual(outcomesOf(opened), ["interrupted", "aborted"]);
  });

  test("closes it by closing the multiplexer", limit, async () => {
    const { made, next } = await waiting();
    await made.close();
    assert.ok((await next).done === true || (await next).error instanceof Error);
  });
});
