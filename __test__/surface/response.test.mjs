// `asResponse()` of a stream: the server's own bytes, unread.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  collect,
  departure,
  hello,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  sdk,
  simulate,
  until,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Multiplexer } = ours;

let simulator;
before(async () => (simulator = await startSimulator({ defaults: { tokens: 5 } })));
after(() => simulator.stop());

const streamed = { ...hello, stream: true };
const texts = (body) => [...body.matchAll(/"content":"([^"]*)"/g)].map(([, text]) => text);

/** The chunks in a text of server-sent events. */
const eventsIn = (text) =>
  text
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)));

for (const version of versions) {
  describe(`openai ${version}`, () => {
    test("a stream's response has the server's bytes", async () => {
      const client = newClient(version, simulator);
      const text = 'zß水🍌 "q" \\ \u2028';
      const headers = simulate({ text });
      const response = await over(client)
        .chat.completions.create(streamed, { headers })
        .asResponse();
      assert.ok(response instanceof Response);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type"), /^text\/event-stream/);
      const body = await response.text();
      assert.ok(body.endsWith("data: [DONE]\n\n"));
      const said = eventsIn(body).map(({ choices }) => choices[0]?.delta.content ?? "");
      assert.equal(said.join(""), text);
    });

    test("it fails as the call would", async () => {
      const multiplexer = over(newClient(version, simulator));
      const headers = simulate({ fault: { kind: "status", status: 400 } });
      const promise = multiplexer.chat.completions.create(streamed, { headers });
      const error = await rejection(promise.asResponse());
      assert.ok(error instanceof sdk[version].BadRequestError);
    });

    test("a client that is called itself gives its own response", async () => {
      const client = newClient(version, simulator, {
        fetch: (...args) => globalThis.fetch(...args),
      });
      const response = await over(client).chat.completions.create(streamed).asResponse();
      assert.ok(texts(await response.text()).length > 0);
    });
  });
}

const endpoint = (behaviour) => ({
  baseURL: simulator.url,
  apiKey: newKey(),
  headers: simulate(behaviour ?? {}),
});

test("a refusal moves on before there is a response", async () => {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(endpoint({ fault: { kind: "status", status: 429 } }), 1, "refusing");
  multiplexer.addFallbackModel(endpoint(), 1, "other");
  const response = await multiplexer.chat.completions.create(streamed).asResponse();
  assert.match(await response.text(), /"model":"other"/);
});

test("the body is a byte stream, also for readers with buffers of their own", async () => {
  const response = await over(endpoint()).chat.completions.create(streamed).asResponse();
  const reader = response.body.getReader({ mode: "byob" });
  let text = "";
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(100));
    if (done) break;
    text += Buffer.from(value).toString();
  }
  assert.ok(text.endsWith("data: [DONE]\n\n"));
});

test("an unread body holds back the server, and cancelling it ends the request", async () => {
  const target = endpoint({ tokens: 1_000_000 });
  const response = await over(target).chat.completions.create(streamed).asResponse();
  const reader = response.body.getReader();
  assert.ok((await reader.read()).value.length > 0);
  let before = -1;
  const sent = () => requestsOf(simulator, target.apiKey).then(([{ tokensSent }]) => tokensSent);
  // It stands still once what lies in between is full.
  await until(async () => {
    const now = await sent();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const still = now === before;
    before = now;
    return still;
  });
  assert.ok(before < 1_000_000);
  await reader.cancel();
  await departure(simulator, target.apiKey);
});

test("its slot is held until the body has ended", async () => {
  const multiplexer = over(endpoint(), { maxConcurrent: 1 });
  // More than the engine takes ahead of a reader.
  const headers = simulate({ tokens: 5_000 });
  const response = await multiplexer.chat.completions.create(streamed, { headers }).asResponse();
  const error = await rejection(multiplexer.chat.completions.create(hello));
  assert.equal(error.code, "at_capacity");
  await response.text();
  await multiplexer.chat.completions.create(hello);
});

test("a body that breaks off fails, and counts as failed", async () => {
  const multiplexer = over(
    endpoint({ fault: { kind: "cut", afterTokens: 2 }, tokenIntervalMs: 10 }),
  );
  const response = await multiplexer.chat.completions.create(streamed).asResponse();
  await rejection(response.text());
  assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 1 });
});

test("an abort ends the body with the signal's reason", async () => {
  const controller = new AbortController();
  const target = endpoint({ tokens: 1_000, tokenIntervalMs: 10 });
  const { signal } = controller;
  const response = await over(target).chat.completions.create(streamed, { signal }).asResponse();
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 50);
  assert.equal(await rejection(response.text()), reason);
  await departure(simulator, target.apiKey);
});

test("a body that close() ends is not taken for whole", async () => {
  const multiplexer = over(endpoint({ tokens: 1_000, tokenIntervalMs: 10 }));
  const response = await multiplexer.chat.completions.create(streamed).asResponse();
  const text = rejection(response.text());
  await multiplexer.close();
  assert.ok((await text) instanceof TypeError);
});

test("the promise then gives the response as well", async () => {
  const promise = over(endpoint()).chat.completions.create(streamed);
  const response = await promise.asResponse();
  assert.equal(await promise, response);
});

test("who asks once the request was sent gets the head, and the stream is read as a stream", async () => {
  const promise = over(endpoint()).chat.completions.create(streamed);
  const chunks = await collect(await promise);
  const response = await promise.asResponse();
  assert.equal(response.status, 200);
  assert.equal(response.body, null);
  assert.ok(chunks.length >= 5);
});

test("withResponse() has the stream to be read, and the head beside it", async () => {
  const { data, response } = await over(endpoint())
    .chat.completions.create(streamed)
    .withResponse();
  assert.equal(response.status, 200);
  assert.ok((await collect(data)).length >= 5);
});
