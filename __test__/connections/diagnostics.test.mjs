// What instrumentation sees of native requests, and the trace that they belong to.

import assert from "node:assert/strict";
import { channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { after, before, beforeEach, describe, test } from "node:test";

import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";

import { Multiplexer } from "../../index.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 20_000 };
const names = ["start", "headers", "end", "error"];
const body = { model: "any", messages: [{ role: "user", content: "hi" }] };

let simulator;
let seen = [];
const listeners = names.map((name) => [
  `model-multiplexer:attempt:${name}`,
  (message) => seen.push([name, { ...message }]),
]);

before(async () => {
  simulator = await startSimulator();
});

after(() => simulator?.stop());

beforeEach(() => {
  seen = [];
});

function over(url, models = ["gpt"]) {
  const multiplexer = new Multiplexer({ logger: false });
  for (const model of models) multiplexer.addModel({ baseURL: url, apiKey: "sk-secret" }, 1, model);
  return multiplexer;
}

const simulate = (behaviour) => ({ headers: { "x-simulate": JSON.stringify(behaviour) } });

async function listening(work) {
  for (const [name, listener] of listeners) subscribe(name, listener);
  try {
    await work();
    // The end of a stream is told after its mail has been dealt out.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const [name, listener] of listeners) unsubscribe(name, listener);
  }
}

describe("diagnostics channels", () => {
  test("a reply: start, headers, end", limit, async () => {
    await listening(() => over(simulator.url).chat.completions.create(body, { query: { k: "v" } }));
    assert.deepEqual(
      seen.map(([name]) => name),
      ["start", "headers", "end"],
    );
    const [[, start], [, headers]] = seen;
    assert.equal(start.target, "gpt");
    assert.equal(start.modelName, "gpt");
    assert.equal(start.method, "POST");
    assert.equal(start.url, `${simulator.url}/chat/completions`);
    assert.equal(start.status, undefined);
    assert.equal(headers.status, 200);
    assert.equal(headers.responseHeaders.get("content-type"), "application/json");
    assert.ok(!JSON.stringify(seen).includes("sk-secret"));
  });

  test("a stream ends when its reader has come to its end, or has left", limit, async () => {
    for (const leaves of [false, true]) {
      seen = [];
      await listening(async () => {
        const stream = await over(simulator.url).chat.completions.create({ ...body, stream: true });
        assert.deepEqual(
          seen.map(([name]) => name),
          ["start", "headers"],
        );
        for await (const _ of stream) if (leaves) break;
      });
      assert.deepEqual(
        seen.map(([name]) => name),
        ["start", "headers", "end"],
      );
    }
  });

  test("attempts of one call share its number", limit, async () => {
    await simulator.script({ models: { limited: { fault: { kind: "status", status: 429 } } } });
    const multiplexer = over(simulator.url, ["limited"]);
    multiplexer.addFallbackModel({ baseURL: simulator.url, apiKey: "sk-secret" }, 1, "gpt");
    await listening(() => multiplexer.chat.completions.create(body));
    assert.deepEqual(
      seen.map(([name, { target, status }]) => [name, target, status]),
      [
        ["start", "limited", undefined],
        ["headers", "limited", 429],
        ["end", "limited", 429],
        ["start", "gpt", undefined],
        ["headers", "gpt", 200],
        ["end", "gpt", 200],
      ],
    );
    assert.equal(new Set(seen.map(([, { call }]) => call)).size, 1);
    await simulator.script({});
  });

  test("what fails without an answer, and a stream that dies", limit, async () => {
    await listening(() =>
      assert.rejects(
        over("http://127.0.0.1:1/v1").chat.completions.create(body, { maxRetries: 0 }),
      ),
    );
    assert.deepEqual(
      seen.map(([name]) => name),
      ["start", "error"],
    );
    assert.equal(seen[1][1].error.name, "APIConnectionError");
    seen = [];
    await listening(async () => {
      const stream = await over(simulator.url).chat.completions.create(
        { ...body, stream: true },
        simulate({ fault: { kind: "cut", afterTokens: 2 } }),
      );
      await assert.rejects(async () => {
        for await (const _ of stream);
      });
    });
    assert.deepEqual(
      seen.map(([name]) => name),
      ["start", "headers", "error"],
    );
  });

  test("nobody who listens, nothing that is made", limit, async () => {
    assert.ok(names.every((name) => !channel(`model-multiplexer:attempt:${name}`).hasSubscribers));
    await over(simulator.url).chat.completions.create(body);
    assert.deepEqual(seen, []);
  });
});

describe("OpenTelemetry", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const span = { traceId, spanId: "b7ad6b7169203331", traceFlags: 1 };

  before(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  });

  after(() => {
    context.disable();
    propagation.disable();
  });

  const traceparents = async () =>
    (await simulator.journal()).map(
      ({ headers }) => headers.find(([name]) => name === "traceparent")?.[1],
    );

  test("the active trace goes with the request", limit, async () => {
    await simulator.clearJournal();
    const { chat } = over(simulator.url);
    await context.with(trace.setSpanContext(context.active(), span), () =>
      chat.completions.create(body),
    );
    await chat.completions.create(body);
    assert.deepEqual(await traceparents(), [`00-${traceId}-b7ad6b7169203331-01`, undefined]);
  });

  test("a header that the caller has set stays", limit, async () => {
    await simulator.clearJournal();
    const { chat } = over(simulator.url);
    await context.with(trace.setSpanContext(context.active(), span), () =>
      chat.completions.create(body, { headers: { traceparent: "the caller's" } }),
    );
    assert.deepEqual(await traceparents(), ["the caller's"]);
  });

  test("a propagator that fails does not fail the call", limit, async () => {
    propagation.disable();
    propagation.setGlobalPropagator({
      inject() {
        throw new Error("broken");
      },
      extract: (current) => current,
      fields: () => [],
    });
    assert.equal((await over(simulator.url).chat.completions.create(body)).model, "gpt");
  });
});
