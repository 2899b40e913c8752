// HTTP/2 by option: many streams on few connections, none of which holds up another.

import assert from "node:assert/strict";
import { createServer } from "node:http2";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";

import { Multiplexer } from "../../index.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 30_000 };
const body = { model: "any", messages: [{ role: "user", content: "hi" }] };

let simulator;

before(async () => {
  simulator = await startSimulator();
});

after(() => simulator?.stop());

function over(url, options) {
  const multiplexer = new Multiplexer({ logger: false, ...options });
  multiplexer.addModel({ baseURL: url, apiKey: "sk-any" }, 1, "gpt");
  return multiplexer;
}

async function read(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  return text;
}

describe("with prior knowledge", () => {
  test("calls and streams are answered over it", limit, async () => {
    const { chat } = over(simulator.url, { http2: "prior-knowledge" });
    await simulator.clearJournal();
    const reply = await chat.completions.create(body);
    assert.equal(reply.model, "gpt");
    assert.ok((await read(await chat.completions.create({ ...body, stream: true }))).length > 0);
    const versions = (await simulator.journal()).map(({ httpVersion }) => httpVersion);
    assert.deepEqual(versions, ["2", "2"]);
  });

  test("300 streams at once, half of them never read, hold up nobody", limit, async () => {
    const multiplexer = over(simulator.url, { http2: "prior-knowledge" });
    const create = () =>
      multiplexer.chat.completions.create(
        { ...body, stream: true },
        { headers: { "x-simulate": JSON.stringify({ tokens: 500 }) } },
      );
    const streams = await Promise.all(Array.from({ length: 300 }, create));
    const texts = await Promise.all(streams.slice(150).map(read));
    assert.ok(texts.every((text) => text.length > 500));
    assert.equal((await multiplexer.chat.completions.create(body)).model, "gpt");
    await multiplexer.close();
  });
});

test(
  "a server's goodbye is no failure: accepted streams finish, others go elsewhere",
  limit,
  async () => {
    const leaving = await startSimulator({ goAwayAfter: 5 });
    const { chat } = over(leaving.url, { http2: "prior-knowledge" });
    const create = () => chat.completions.create(body, { maxRetries: 0 });
    for (let round = 0; round < 4; round++) {
      const replies = await Promise.all(Array.from({ length: 10 }, create));
      assert.ok(replies.every(({ model }) => model === "gpt"));
    }
    await leaving.stop();
  },
);

test("nobody is asked over HTTP/2 unless that is wanted", limit, async () => {
  const server = createServer();
  let sessions = 0;
  server.on("session", () => sessions++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/v1`;
  await assert.rejects(over(url).chat.completions.create(body, { maxRetries: 0 }));
  await assert.rejects(
    over(url, { http2: true }).chat.completions.create(body, { maxRetries: 0 }),
    { name: "APIConnectionError" },
  );
  server.close();
  assert.equal(sessions, 2);
});

test("what is not a protocol is refused", () => {
  for (const wrong of ["h2", 2, null]) {
    assert.throws(() => new Multiplexer({ http2: wrong }), /options\.http2 must be true, false or/);
  }
});
