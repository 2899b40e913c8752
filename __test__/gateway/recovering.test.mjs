// Streams that break off behind a gateway with mid_stream: recover, as its clients see them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI } from "@langchain/openai";
import { streamText } from "ai";

import { collect, sdk, textOf, versions } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { configuration, serve } from "./serve.mjs";

const text = "one two three four five six seven eight";
const begun = "one two three four five";
const messages = [{ role: "user", content: "Count!" }];
const fault = { kind: "cut", afterTokens: 5 };

/** What two providers say to a request for a model; the first is always cut. */
const seconds = {
  restarted: {},
  continued: { prefill: "mistral" },
  diverged: { text: "uno dos tres" },
};

let cut;
let second;
let gateway;

before(async () => {
  const models = Object.keys(seconds);
  [cut, second] = await Promise.all([
    startSimulator({ defaults: { text, fault } }),
    startSimulator({ defaults: { text }, models: seconds }),
  ]);
  const more =
    "routing: { mid_stream: recover, cooldown: { default_ms: 1, min_ms: 1, max_ms: 1 } }";
  const file = configuration([cut.url, second.url], { models, more }).replace(
    /(id: b.*)models: \[(.*)\]/,
    "$1models: [restarted, { name: continued, prefill: prefix }, diverged]",
  );
  gateway = await serve({ "providers.yaml": file });
});

after(async () => {
  await gateway?.stop();
  await Promise.all([cut?.stop(), second?.stop()]);
});

const limit = { timeout: 60_000 };

/** The chunks of a stream until it ends or fails, and what it fails with. */
async function readAll(opening) {
  const chunks = [];
  try {
    for await (const chunk of await opening) chunks.push(chunk);
    return { chunks, read: textOf(chunks) };
  } catch (error) {
    return { chunks, read: textOf(chunks), error };
  }
}

for (const version of versions) {
  describe(`openai ${version}`, () => {
    const stream = (model, more = {}, options = {}) => {
      const client = new sdk[version]({ baseURL: gateway.url, apiKey: "any", maxRetries: 0 });
      return client.chat.completions.create({ model, messages, stream: true, ...more }, options);
    };

    for (const model of ["restarted", "continued"]) {
      test(`an answer that is ${model} is one answer`, limit, async () => {
        const include = { stream_options: { include_usage: true } };
        const { chunks, read, error } = await readAll(stream(model, include));
        assert.equal(error, undefined);
        assert.equal(read, text);
        assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
        assert.equal(chunks.at(-2).choices[0].finish_reason, "stop");
        assert.equal(chunks.at(-1).usage.completion_tokens, text.split(" ").length);
      });
    }

    test("an answer that is another one is an error after what was given", limit, async () => {
      const { read, error } = await readAll(stream("diverged"));
      assert.equal(read.trimEnd(), begun);
      assert.ok(error instanceof sdk[version].APIError);
      assert.match(error.message, /interrupted/);
    });

    test("a request can say that nobody goes on with it", limit, async () => {
      const headers = { "x-mm-mid-stream": "error" };
      const { read, error } = await readAll(stream("restarted", {}, { headers }));
      assert.equal(read.trimEnd(), begun);
      assert.ok(error instanceof sdk[version].APIError);
    });
  });
}

test("curl sees one stream, and [DONE] only at the end of a whole answer", limit, async () => {
  const curl = async (model) => {
    const body = JSON.stringify({ model, messages, stream: true });
    const headers = ["-H", "Content-Type: application/json"];
    const args = ["-sSN", ...headers, "-d", body, `${gateway.url}/chat/completions`];
    return (await promisify(execFile)("curl", args)).stdout;
  };
  assert.match(await curl("restarted"), /"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/);
  const broken = await curl("diverged");
  assert.match(broken, /data: {"error":{.*"stream_interrupted"[^\n]*\n\n$/);
  assert.doesNotMatch(broken, /\[DONE\]/);
});

test("LangChain and the AI SDK read the whole answer", limit, async () => {
  const configuration = { baseURL: gateway.url };
  const chain = new ChatOpenAI({ model: "continued", apiKey: "any", maxRetries: 0, configuration });
  const pieces = await collect(await chain.stream("Count!"));
  assert.equal(pieces.map(({ content }) => content).join(""), text);
  const provider = createOpenAICompatible({ name: "gateway", apiKey: "any", baseURL: gateway.url });
  const { textStream } = streamText({ model: provider("restarted"), prompt: "Count!" });
  assert.equal((await collect(textStream)).join(""), text);
});
