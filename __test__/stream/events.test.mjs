// What a stream yields: for every shape and every way of writing it, plain objects equal to those
// of the SDK.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../support/simulator.mjs";
import {
  collect,
  creator,
  hello,
  newClient,
  newKey,
  over,
  rejection,
  simulate,
  textOf,
  versions,
} from "../clients/sdks.mjs";

const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 20_000 };

let simulator;
/** Sends the bytes that a test has put there, to everybody who asks. */
let replay;
const scripts = new Map();
before(async () => {
  simulator = await startSimulator();
  const server = createServer((request, response) => {
    const key = request.headers.authorization.slice("Bearer ".length);
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    response.end(scripts.get(key));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  replay = { url: `http://127.0.0.1:${server.address().port}/v1`, server };
});
after(async () => {
  replay.server.closeAllConnections();
  replay.server.close();
  await simulator.stop();
});

const streaming = { ...hello, stream: true };

/** Everything that a stream gives, and what it fails with. */
async function readAll(pending) {
  const chunks = [];
  try {
    for await (const chunk of await pending) chunks.push(chunk);
  } catch (error) {
    return { chunks, error: [error.name, error.message, error.code, error.type] };
  }
  return { chunks, error: undefined };
}

/** What the SDK and the engine make of the same bytes. */
async function bothRead(version, bytes) {
  const apiKey = newKey();
  scripts.set(apiKey, bytes);
  const client = newClient(version, replay, { apiKey });
  const body = { ...streaming, model: "gpt" };
  const bySdk = await readAll(client.chat.completions.create(body));
  const byEngine = await readAll(creator(client)(body));
  return { bySdk, byEngine };
}

/** Equal, with the same keys in the same order, and of plain prototypes. */
function assertSame({ bySdk, byEngine }) {
  assert.deepStrictEqual(byEngine.chunks, bySdk.chunks);
  assert.equal(JSON.stringify(byEngine.chunks), JSON.stringify(bySdk.chunks));
  assert.deepEqual(byEngine.error, bySdk.error);
}

const shapes = ["openai", "azure", "groq", "openrouter"];
const contents = {
  text: [{ tokens: 40 }],
  "three choices": [{ tokens: 12 }, { n: 3 }],
  "tool calls": [
    { toolCalls: 3 },
    { tools: [{ type: "function", function: { name: "weather", parameters: {} } }] },
  ],
  reasoning: [{ reasoning: 10, tokens: 10 }],
  usage: [{ tokens: 5 }, { stream_options: { include_usage: true } }],
  "text of all kinds": [{ text: 'zß水🍌 "quo\\ted" \u2028 \u0001 \t é e\u0301 \ufeff \ufffd end' }],
  "an unknown finish": [{ finishReason: "content_filter" }],
  "no finish": [{ finishReason: null }],
};

for (const shape of shapes) {
  describe(`streams as of ${shape}`, () => {
    for (const [what, [behaviour, more]] of Object.entries(contents)) {
      test(`${what}: what the engine yields is what the SDKs yield`, limit, async () => {
        const response = await fetch(`${simulator.url}/chat/completions`, {
          method: "POST",
          headers: { authorization: "Bearer sk", ...simulate({ shape, ...behaviour }) },
          body: JSON.stringify({ ...streaming, model: "gpt", ...more }),
        });
        const bytes = Buffer.from(await response.arrayBuffer());
        for (const version of versions) {
          const both = await bothRead(version, bytes);
          assert.ok(both.bySdk.chunks.length > 2);
          assertSame(both);
        }
      });
    }
  });
}

const writings = {
  "CRLF line ends": { lineEnding: "crlf" },
  "CR line ends": { lineEnding: "cr" },
  "one byte at a time": { writeBytes: 1 },
  "one byte at a time with CRLF": { writeBytes: 1, lineEnding: "crlf" },
  "seven bytes at a time": { writeBytes: 7 },
  "many events at a time": { eventsPerWrite: 1000 },
  "many events, split in odd places": { eventsPerWrite: 50, writeBytes: 333 },
  gzip: { gzip: true },
  "gzip one byte at a time": { gzip: true, writeBytes: 1 },
  comments: { comments: 5 },
  "no [DONE]": { done: false },
  "no [DONE] by a fault": { fault: { kind: "missingDone" } },
  "no finish reason": { fault: { kind: "missingFinishReason" } },
};

for (const [what, behaviour] of Object.entries(writings)) {
  test(`a stream with ${what} comes out whole`, limit, async () => {
    const text = "Ein Wört 🍌 nach dem anderen, 水 and on and on. ".repeat(8).trim();
    const client = newClient(7, simulator, { defaultHeaders: simulate({ text, ...behaviour }) });
    const multiplexer = over(client);
    const chunks = await collect(await multiplexer.chat.completions.create(streaming));
    assert.equal(textOf(chunks), text);
    assert.equal(multiplexer.getStats().gpt.failed, 0);
  });
}

const event = (value) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (content, more = {}) => ({
  id: "c1",
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
  ...more,
});
const run = (count, make = (index) => chunk(`t${index}`)) =>
  Array.from({ length: count }, (_, index) => event(make(index))).join("");
const done = "data: [DONE]\n\n";

/** Streams that are the same for long stretches, so that shortcuts are taken, and then are not. */
const bytes = {
  "events that differ only in their text": run(50) + done,
  "own keys named __proto__":
    `${run(10)}data: {"choices":[],"__proto__":{"polluted":1}}\n\n`.repeat(3) + done,
  "__proto__ in all of them":
    Array.from({ length: 20 }, (_, i) => `data: {"__proto__":{"a":"${i}"},"choices":[]}\n\n`).join(
      "",
    ) + done,
  "duplicate keys":
    Array.from(
      { length: 20 },
      (_, i) => `data: {"a":"x${i}","b":1,"a":"y${i}","choices":[]}\n\n`,
    ).join("") + done,
  "keys that look like numbers":
    run(20, (i) => ({ 10: "a", 2: `b${i}`, x: 1, choices: [] })) + done,
  "a key that is empty": run(20, (i) => ({ "": `b${i}`, choices: [] })) + done,
  "escapes in keys and texts":
    Array.from(
      { length: 20 },
      (_, i) => `data: {"\\u0061":"\\ud83c\\udf4c${i}","b\\n":"\\u0000\\/","choices":[]}\n\n`,
    ).join("") + done,
  "lone surrogates":
    Array.from(
      { length: 20 },
      (_, i) => `data: {"choices":[{"delta":{"content":"\\ud83c${i}"}}]}\n\n`,
    ).join("") + done,
  "numbers of all kinds":
    Array.from(
      { length: 20 },
      (_, i) =>
        `data: {"a":-0,"b":1e400,"c":0.1e-7,"d":12345678901234567890,"e":"${i}","choices":[]}\n\n`,
    ).join("") + done,
  "white space in odd places":
    Array.from({ length: 20 }, (_, i) => `data:  { "a" :\t"${i}" , "choices" : [ ] } \n\n`).join(
      "",
    ) + done,
  "data without a space": run(20).replaceAll("data: ", "data:") + done,
  "data over several lines": `data: {"a":\ndata: "b",\ndata: "choices":[]}\n\n`.repeat(3) + done,
  "unknown fields": `${run(3)}id: 7\nretry: 10\nfoo: bar\nnothing\n${run(3)}` + done,
  "comments and empty lines": `:hi\n\n\n\n:\n${run(3)}:bye\n\n` + done,
  "a byte order mark": `\ufeff${run(3)}` + done,
  "a last event without its blank line": run(3) + `data: ${JSON.stringify(chunk("end"))}`,
  "a last event without its line end, after [DONE]": run(3) + done + run(3),
  "events after [DONE]": run(3) + done + run(5),
  "[DONE] with white space": `${run(3)}data: [DONE] \n\n`,
  "nothing at all": "",
  "[DONE] alone": done,
  "an event that is null": `${run(2)}data: null\n\n` + done,
  "events that are no objects": `data: 1\n\ndata: "x"\n\ndata: [1]\n\ndata: true\n\n` + done,
  "an error after events":
    `${run(3)}data: {"error":{"message":"over","code":"c","type":"t"}}\n\n` + run(3),
  "an error that is a string": `${run(3)}data: {"error":"over"}\n\n`,
  "an error that is null": `${run(3)}data: {"error":null,"choices":[]}\n\n` + done,
  "an error that is false": `${run(3)}data: {"error":false,"choices":[]}\n\n` + done,
  "an error that is empty": `${run(3)}data: {"error":"","choices":[]}\n\n` + done,
  "an event whose text says error": run(3, () => chunk('{"error":"x"}')) + done,
  "an event named error": `${run(2)}event: error\ndata: {"message":"over"}\n\n` + done,
  "an event named error with an error":
    `${run(2)}event: error\ndata: {"error":{"message":"over"}}\n\n` + done,
  "a named event": `event: message\n${run(2)}event: ping\ndata: {"a":1}\n\n` + done,
  "a named event of a thread": `event: thread.run\ndata: {"a":1}\n\n` + done,
  "an event that is no JSON": `${run(5)}data: {"choices":[{"del\n\n${run(2)}` + done,
  "an event of words": `${run(5)}data: hello there\n\n` + done,
  "shapes in turn":
    Array.from({ length: 30 }, (_, i) =>
      event(i % 2 ? chunk(`a${i}`) : { choices: [], usage: { n: `${i}` } }),
    ).join("") + done,
  "texts that grow and are empty":
    run(40, (i) => chunk("x".repeat(i % 5 === 0 ? 0 : i * 50))) + done,
  "types that change":
    run(30, (i) => chunk([`s${i}`, null, i, true, { a: `${i}` }, [`${i}`]][i % 6])) + done,
  "keys that come and go":
    run(30, (i) => ({ ...chunk(`${i}`), ...(i % 3 === 0 && { extra: `${i}` }) })) + done,
  "arrays that grow":
    run(30, (i) => ({ choices: Array.from({ length: i % 4 }, (_, j) => ({ text: `${i}${j}` })) })) +
    done,
  "deep nesting": run(20, (i) => JSON.parse(`${'{"a":'.repeat(60)}"${i}"${"}".repeat(60)}`)) + done,
  "a very long text": run(3, (i) => chunk(String(i).repeat(200_000))) + done,
  "texts that look like templates":
    run(30, (i) => chunk(`"${i}","paths":[["choices",0]]\\`)) + done,
  "invalid UTF-8": Buffer.concat([
    Buffer.from(run(3)),
    Buffer.from('data: {"choices":[],"a":"'),
    Buffer.from([0xff, 0xc3, 0x28, 0xe2, 0x82]),
    Buffer.from(`"}\n\n${done}`),
  ]),
};

/** Where the SDKs differ, the engine does as the newest. */
const newest = ["a byte order mark", "a last event without its blank line", "an event named error"];

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, text] of Object.entries(bytes)) {
      if (newest.includes(what) && version !== 7) {
        test(`${what}: the engine yields as many events as openai 7`, limit, async () => {
          const { bySdk } = await bothRead(7, text);
          const { byEngine } = await bothRead(version, text);
          assert.deepStrictEqual(byEngine.chunks, bySdk.chunks);
        });
        continue;
      }
      test(`${what}: the engine yields what the SDK yields`, limit, async () => {
        assertSame(await bothRead(version, text));
      });
    }
  });
}

test("chunks share nothing: a program may change one and all that is in it", limit, async () => {
  const stream = await creator(
    newClient(7, simulator, { defaultHeaders: simulate({ tokens: 200 }) }),
  )(streaming);
  const objects = new Set();
  let count = 0;
  const walk = (value) => {
    if (typeof value !== "object" || value === null) return;
    assert.ok(!objects.has(value), "an object was given out twice");
    objects.add(value);
    Object.values(value).forEach(walk);
  };
  for await (const chunk of stream) {
    walk(chunk);
    count++;
    if (count === 1) assert.equal(chunk.choices[0].delta.role, "assistant");
    assert.equal(chunk.spoilt, undefined);
    assert.equal(chunk.choices[0].spoilt, undefined);
    assert.equal(chunk.choices[0].delta.spoilt, undefined);
    chunk.spoilt = chunk.choices[0].spoilt = chunk.choices[0].delta.spoilt = true;
    chunk.choices.push("more");
    chunk.choices[0].delta.content = "spoilt";
  }
  assert.ok(count > 200);
});

test("an event with __proto__ does not reach Object.prototype", limit, async () => {
  const { byEngine } = await bothRead(7, bytes["__proto__ in all of them"]);
  assert.equal({}.a, undefined);
  assert.ok(byEngine.chunks.length === 20);
  for (const item of byEngine.chunks) {
    assert.equal(Object.getPrototypeOf(item), Object.prototype);
    assert.ok(Object.hasOwn(item, "__proto__"));
  }
});

test("a malformed event fails its own stream, and 20 neighbours finish", limit, async () => {
  const good = newClient(7, simulator, {
    defaultHeaders: simulate({ tokens: 300, tokenIntervalMs: 1 }),
  });
  const fault = { kind: "malformedEvent", afterTokens: 50 };
  const bad = newClient(7, simulator, {
    defaultHeaders: simulate({ tokens: 300, tokenIntervalMs: 1, fault }),
  });
  const neighbours = Array.from({ length: 20 }, async () => {
    const chunks = await collect(await creator(good)(streaming));
    return chunks.at(-1).choices[0].finish_reason;
  });
  const { chunks, error } = await readAll(creator(bad)(streaming));
  assert.ok(error !== undefined && chunks.length >= 50 && chunks.length < 60);
  assert.deepEqual(await Promise.all(neighbours), Array(20).fill("stop"));
});

test("a stream whose connection is cut gives what came, and then fails", limit, async () => {
  for (const version of versions) {
    const fault = { kind: "cut", afterTokens: 5 };
    const client = newClient(version, simulator, {
      defaultHeaders: simulate({ tokens: 100, fault }),
    });
    const multiplexer = over(client);
    const stream = await multiplexer.chat.completions.create(streaming);
    const chunks = [];
    const error = await rejection(
      (async () => {
        for await (const item of stream) chunks.push(item);
      })(),
    );
    assert.ok(chunks.length >= 5, `${chunks.length}`);
    assert.equal(error.message, version === 4 ? "Premature close" : "terminated");
    assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 1 });
  }
});
