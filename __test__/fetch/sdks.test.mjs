// The SDKs that take a `fetch`, with that of a multiplexer: whole answers, streams, failover, and
// no tries on top.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { embed, generateText, streamText } from "ai";
import {
  collect,
  departure,
  hello,
  ours,
  rejection,
  requestsOf,
  sdk,
  textOf,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { callersKey, inOrder, refusal, target } from "./support.mjs";

const { Multiplexer } = ours;
const baseURL = "https://caller.example/v1";
const said = "The sea is calm.";

let simulator;
before(async () => (simulator = await startSimulator({ defaults: { text: said } })));
after(async () => {
  const seen = JSON.stringify(await simulator.journal());
  await simulator.stop();
  assert.ok(!seen.includes(callersKey), "the caller's key has reached a target");
});

const failing = (status) => ({ fault: { kind: "status", status } });
const attempts = async ({ apiKey }) => (await requestsOf(simulator, apiKey)).length;

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const clientOf = ({ fetch }) => new sdk[version]({ apiKey: callersKey, baseURL, fetch });

    test("completions, streams, embeddings, responses and models", async () => {
      const client = clientOf(inOrder(target(simulator, refusal), target(simulator)));
      const completion = await client.chat.completions.create(hello);
      assert.equal(completion.choices[0].message.content, said);
      assert.equal(completion.model, "other-0");
      const stream = await client.chat.completions.create({ ...hello, stream: true });
      assert.equal(textOf(await collect(stream)), said);
      const { data } = await client.embeddings.create({ model: "x", input: "a", dimensions: 3 });
      assert.equal(data[0].embedding.length, 3);
      const response = await client.responses.create({ model: "x", input: "hi" });
      assert.equal(response.output_text, said);
      const events = await client.responses.create({ model: "x", input: "hi", stream: true });
      assert.equal((await collect(events)).at(-1).type, "response.completed");
      const models = await collect(client.models.list());
      assert.deepEqual(
        models.map(({ id }) => id),
        ["first", "other-0"],
      );
    });

    test("a refusal by all is the SDK's RateLimitError, without tries on top", async () => {
      const limited = target(simulator, refusal);
      const client = clientOf(inOrder(limited));
      for (const _ of [1, 2]) {
        const error = await rejection(client.chat.completions.create(hello));
        assert.ok(error instanceof sdk[version].RateLimitError);
      }
      assert.equal(await attempts(limited), 1);
    });

    test("a server's error is tried as often as below, and no more", async () => {
      const broken = target(simulator, failing(400));
      const client = clientOf(inOrder(broken));
      const error = await rejection(client.chat.completions.create(hello));
      assert.ok(error instanceof sdk[version].BadRequestError);
      assert.equal(await attempts(broken), 1);
    });

    test("leaving a stream ends the request at the target", async () => {
      const endless = target(simulator, { text: null, tokens: 100_000, tokenIntervalMs: 2 });
      const client = clientOf(inOrder(endless));
      const stream = await client.chat.completions.create({ ...hello, stream: true });
      for await (const chunk of stream) if (textOf([chunk]) !== "") break;
      await departure(simulator, endless.apiKey);
    });

    test("an abort is the SDK's APIUserAbortError", async () => {
      const slow = target(simulator, { latencyMs: 60_000 });
      const client = clientOf(inOrder(slow));
      const signal = AbortSignal.timeout(50);
      const error = await rejection(client.chat.completions.create(hello, { signal }));
      assert.ok(error instanceof sdk[version].APIUserAbortError);
      await departure(simulator, slow.apiKey);
    });
  });
}

describe("ai with @ai-sdk/openai-compatible", () => {
  const providerOf = ({ fetch }) =>
    createOpenAICompatible({ name: "multiplexer", apiKey: callersKey, baseURL, fetch });

  test("texts, streams and embeddings", async () => {
    const provider = providerOf(inOrder(target(simulator, refusal), target(simulator)));
    const model = provider("any");
    const { text, response } = await generateText({ model, prompt: "hi" });
    assert.equal(text, said);
    assert.equal(response.modelId, "other-0");
    const { textStream } = streamText({ model, prompt: "hi" });
    assert.equal((await collect(textStream)).join(""), said);
    const { embedding } = await embed({ model: provider.embeddingModel("any"), value: "a" });
    assert.ok(embedding.length > 0);
  });

  test("a failure tells its status and is one attempt at the target", async () => {
    const broken = target(simulator, failing(400));
    const model = providerOf(inOrder(broken))("any");
    const error = await rejection(generateText({ model, prompt: "hi" }));
    assert.equal(error.statusCode, 400);
    assert.equal(await attempts(broken), 1);
  });

  test("leaving a stream ends the request at the target", async () => {
    const endless = target(simulator, { text: null, tokens: 100_000, tokenIntervalMs: 2 });
    const controller = new AbortController();
    const model = providerOf(inOrder(endless))("any");
    const { textStream } = streamText({ model, prompt: "hi", abortSignal: controller.signal });
    for await (const text of textStream) {
      if (text !== "") break;
    }
    controller.abort();
    await departure(simulator, endless.apiKey);
  });
});

describe("@langchain/openai", () => {
  const configuration = ({ fetch }) => ({
    apiKey: callersKey,
    configuration: { baseURL, fetch },
    maxRetries: 0,
  });

  test("messages, streams and embeddings", async () => {
    const multiplexer = inOrder(target(simulator, refusal), target(simulator));
    const chat = new ChatOpenAI({ model: "any", ...configuration(multiplexer) });
    const message = await chat.invoke("hi");
    assert.equal(message.content, said);
    assert.equal(message.response_metadata.model_name, "other-0");
    const chunks = await collect(await chat.stream("hi"));
    assert.equal(chunks.map(({ content }) => content).join(""), said);
    const embeddings = new OpenAIEmbeddings({
      model: "any",
      dimensions: 3,
      ...configuration(multiplexer),
    });
    assert.equal((await embeddings.embedQuery("a")).length, 3);
  });

  test("while all rest, the error says 429", async () => {
    const multiplexer = inOrder(target(simulator, refusal));
    const chat = new ChatOpenAI({ model: "any", ...configuration(multiplexer) });
    for (const _ of [1, 2]) assert.equal((await rejection(chat.invoke("hi"))).status, 429);
  });
});

test("fetch may be detached, and is assignable where a fetch is expected", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(target(simulator), 1, "gpt");
  const { fetch } = multiplexer;
  assert.equal((await fetch(`${baseURL}/models`)).status, 200);
});
