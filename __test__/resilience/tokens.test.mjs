// What is told of attempts under "resilient": tokens, times to the first token, and who was passed
// over.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  arrival,
  collect,
  hello,
  newClient,
  newKey,
  ours,
  rejection,
  until,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { status, targetsOf } from "./targets.mjs";

const { reportOf } = ours;

let simulator;
let multiplexer;
let endpoint;
before(async () => {
  simulator = await startSimulator();
  ({ multiplexer, endpoint } = targetsOf(simulator));
});
after(() => simulator.stop());
const limit = { timeout: 30_000 };

const told = ({ prompt_tokens: input, completion_tokens: output }) => ({ input, output });
const none = { input: 0, output: 0 };

test("a reply's tokens are those that it tells", limit, async () => {
  const { made } = multiplexer({ only: { behaviour: { tokens: 7 } } });
  const reply = await made.chat.completions.create(hello);
  const tokens = told(reply.usage);
  assert.ok(tokens.input > 0 && tokens.output > 0);
  assert.deepEqual(reportOf(reply).attempts[0].tokens, { ...tokens, isEstimated: false });
  assert.deepEqual(made.getReport()[0].tokens, { reported: tokens, estimated: none });
});

test("a stream's tokens are those that its last event tells", limit, async () => {
  const { made } = multiplexer({ only: { behaviour: { tokens: 7, firstTokenMs: 60 } } });
  const params = { ...hello, stream: true, stream_options: { include_usage: true } };
  const stream = await made.chat.completions.create(params);
  const { usage } = (await collect(stream)).at(-1);
  const [attempt] = reportOf(stream).attempts;
  assert.deepEqual(attempt.tokens, { ...told(usage), isEstimated: false });
  assert.ok(attempt.firstTokenMs >= 50, String(attempt.firstTokenMs));
  assert.deepEqual(made.getReport()[0].tokens, { reported: told(usage), estimated: none });
});

test("the tokens of the Responses API are told as well", limit, async () => {
  const { made } = multiplexer({ only: { behaviour: { tokens: 7 } } });
  const reply = await made.responses.create({ model: "any", input: "Hello" });
  const { input_tokens: input, output_tokens: output } = reply.usage;
  assert.deepEqual(made.getReport()[0].tokens.reported, { input, output });
  await collect(await made.responses.create({ model: "any", input: "Hello", stream: true }));
  assert.deepEqual(made.getReport()[0].tokens, {
    reported: { input: 2 * input, output: 2 * output },
    estimated: none,
  });
});

test("a stream that tells none is estimated, once", limit, async () => {
  const { made, stream } = multiplexer({ only: { behaviour: { tokens: 20 } } });
  const read = await stream();
  const chunks = await collect(read);
  const { tokens } = reportOf(read).attempts[0];
  assert.equal(tokens.isEstimated, true);
  const request = JSON.stringify({ ...hello, stream: true }).replaceAll('"', "");
  assert.equal(tokens.input, Math.ceil(request.length / 4));
  assert.ok(tokens.output >= 20 && tokens.output <= chunks.length, JSON.stringify(tokens));
  const { input, output } = tokens;
  assert.deepEqual(made.getReport()[0].tokens, { reported: none, estimated: { input, output } });
});

test("a stream that was left keeps its estimate", limit, async () => {
  const behaviour = { tokens: 1_000_000, tokenIntervalMs: 2 };
  const { made, stream } = multiplexer({ only: { behaviour } });
  const left = await stream();
  let count = 0;
  for await (const chunk of left) {
    assert.ok(chunk);
    if (++count === 10) break;
  }
  await until(() => made.getReport()[0].tokens.estimated.output > 0, "the books are closed");
  const { tokens } = reportOf(left).attempts[0];
  assert.ok(tokens.isEstimated && tokens.input > 0 && tokens.output >= 9, JSON.stringify(tokens));
  const { input, output } = tokens;
  assert.deepEqual(made.getReport()[0].tokens.estimated, { input, output });
});

test(
  "an attempt that was lost keeps its estimate, one that was refused owes nothing",
  limit,
  async () => {
    const { made } = multiplexer({
      refusing: { behaviour: status(429) },
      failing: { behaviour: { fault: { kind: "cut", afterTokens: 3 } } },
      well: { behaviour: { tokens: 4 } },
    });
    const reply = await made.chat.completions.create(hello);
    const [refused, ...rest] = reportOf(reply).attempts;
    assert.equal(refused.tokens, undefined);
    const lost = rest.slice(0, -1);
    assert.ok(lost.length > 0);
    for (const { id, tokens } of lost) {
      assert.equal(id, "failing");
      assert.ok(tokens.isEstimated && tokens.input > 0);
    }
    const [ofRefusing, ofFailing, ofWell] = made.getReport().map(({ tokens }) => tokens);
    assert.deepEqual(ofRefusing, { reported: none, estimated: none });
    assert.equal(ofFailing.estimated.input, lost.length * lost[0].tokens.input);
    assert.deepEqual(ofWell.reported, told(reply.usage));
  },
);

test("what a client that is called itself tells is counted", limit, async () => {
  const client = newClient(7, simulator);
  const { made } = multiplexer({ only: { client, transport: "client" } });
  const reply = await made.chat.completions.create(hello);
  const tokens = told(reply.usage);
  assert.deepEqual(made.getReport()[0].tokens.reported, tokens);
  assert.deepEqual(reportOf(reply).attempts[0].tokens, { ...tokens, isEstimated: false });
});

test("a report tells why others were passed over", limit, async () => {
  const busy = newKey();
  const { made, ask } = multiplexer({
    resting: { behaviour: status(429), tags: { region: "eu" } },
    full: {
      client: endpoint({ latencyMs: 5_000 }, busy),
      maxConcurrent: 1,
      tags: { region: "eu" },
    },
    elsewhere: { tags: { region: "us" } },
    well: { tags: { region: "eu" } },
  });
  const options = { multiplexer: { require: { region: "eu" } } };
  const controller = new AbortController();
  const first = rejection(ask({}, { ...options, signal: controller.signal }));
  await arrival(simulator, busy);
  const reply = await made.chat.completions.create(hello, options);
  assert.equal(reply.choices[0].message.content, "well");
  const { attempts, passedOver } = reportOf(reply);
  assert.deepEqual(attempts.at(-1).passedOver, [
    { id: "resting", reason: "resting" },
    { id: "full", reason: "at_capacity" },
    { id: "elsewhere", reason: "unmatched" },
  ]);
  assert.deepEqual(passedOver, []);
  controller.abort();
  await first;
});

test("a call that nobody could be asked for tells why", limit, async () => {
  const { made, ask } = multiplexer({ only: { behaviour: status(429) } });
  await rejection(ask());
  const error = await rejection(made.chat.completions.create(hello));
  assert.deepEqual(reportOf(error).passedOver, [{ id: "only", reason: "resting" }]);
  assert.deepEqual(reportOf(error).attempts, []);
});
