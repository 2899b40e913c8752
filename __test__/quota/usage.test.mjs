// Usage of streams: asked for where tokens are limited, taken out again where the caller has not
// asked, and left away where a target does not know the option.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { hello } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { targetsOf } from "../resilience/targets.mjs";

let simulator;
let multiplexer;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 60_000 };

const limits = { tpd: 1_000_000 };

/** The chunks of a stream, and what was sent for them. */
async function streamed(targets, params, options) {
  const { made, asked } = multiplexer(targets, options);
  const chunks = [];
  const request = { ...hello, ...params, stream: true };
  for await (const chunk of await made.chat.completions.create(request)) chunks.push(chunk);
  return { made, asked, chunks };
}

const text = (chunks) => chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");

test(
  "a stream whose tokens are limited is settled by its usage, which the caller does not see",
  limit,
  async () => {
    const { made, chunks } = await streamed({ only: { behaviour: { tokens: 7 }, limits } });
    assert.ok(chunks.every((chunk) => !("usage" in chunk) && chunk.choices.length === 1));
    const { reported, estimated } = made.getReport()[0].tokens;
    assert.equal(reported.output, 7);
    assert.deepEqual(estimated, { input: 0, output: 0 });
    const spent = reported.input + reported.output;
    assert.equal(made.getQuota().only[0].remaining, 1_000_000 - spent);
  },
);

test("a caller that asks for the usage gets it as it is", limit, async () => {
  const { made, chunks } = await streamed(
    { only: { behaviour: { tokens: 7 }, limits } },
    { stream_options: { include_usage: true } },
  );
  assert.equal(chunks[0].usage, null);
  const last = chunks.at(-1);
  assert.deepEqual(last.choices, []);
  assert.equal(last.usage.completion_tokens, 7);
  assert.equal(made.getReport()[0].tokens.reported.output, 7);
});

test("what the stream tells is the same with limits of tokens and without", limit, async () => {
  const behaviour = { text: "The same in every way, whatever is limited.", requestId: "same" };
  const plain = await streamed({ only: { behaviour } });
  const counted = await streamed({ only: { behaviour, limits } });
  const known = ({ id: _, created: __, obfuscation: ___, ...chunk }) => chunk;
  assert.deepEqual(counted.chunks.map(known), plain.chunks.map(known));
});

test("Azure's first event, which has no choices, stays", limit, async () => {
  const { chunks } = await streamed({ only: { behaviour: { shape: "azure", tokens: 3 }, limits } });
  assert.deepEqual(chunks[0].choices, []);
  assert.ok(chunks[0].prompt_filter_results.length > 0);
  assert.ok(chunks.every((chunk) => !("usage" in chunk)));
});

test(
  "a target that does not know the option is asked again without it, and is remembered",
  limit,
  async () => {
    const behaviour = { text: "fine", rejects: ["stream_options"] };
    const { made, asked, chunks } = await streamed({ only: { behaviour, limits } });
    assert.equal(text(chunks), "fine");
    assert.deepEqual(await asked(), { only: 2 });
    for await (const chunk of await made.chat.completions.create({ ...hello, stream: true })) {
      assert.equal(chunk.object, "chat.completion.chunk");
    }
    assert.deepEqual(await asked(), { only: 3 });
    assert.deepEqual(made.getStats().only, { success: 2, rateLimited: 0, failed: 0 });
    assert.ok(made.getReport()[0].tokens.estimated.output > 0);
  },
);

test(
  "without limits of tokens, or under compat, nothing is added to a request",
  limit,
  async () => {
    const behaviour = { rejects: ["stream_options"] };
    for (const [more, options] of [
      [{ limits: { rpd: 5 } }, {}],
      [{ limits }, { policy: "compat" }],
    ]) {
      const { asked } = await streamed({ only: { behaviour, ...more } }, {}, options);
      assert.deepEqual(await asked(), { only: 1 });
    }
  },
);

test("a Response that is handed on as it comes is not asked for its usage", limit, async () => {
  const behaviour = { rejects: ["stream_options"] };
  const { made, asked } = multiplexer({ only: { behaviour, limits } });
  const response = await made.chat.completions.create({ ...hello, stream: true }).asResponse();
  await response.text();
  assert.deepEqual(await asked(), { only: 1 });
});
