// The engine's streams against the newest SDK's: the same bytes, generated and damaged, in the same
// pieces, give the same events and the same end. SSE_CASES says how many, SSE_SEED which.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { hello, over, sdk } from "../clients/sdks.mjs";
import { startReplay } from "./replay.mjs";
import { cuts, pieces, streams } from "./streams.mjs";

const cases = Number(process.env.SSE_CASES ?? 300);
const seed = process.env.SSE_SEED === undefined ? undefined : Number(process.env.SSE_SEED);
const limit = { timeout: 60_000 + cases * 100 };

let replay;
let client;
let multiplexer;
before(async () => {
  replay = await startReplay();
  client = new sdk[7]({ baseURL: replay.url, apiKey: "sk", maxRetries: 0, logLevel: "off" });
  multiplexer = over(client);
  assert.equal(multiplexer.chat.completions.create.length, 2);
});
after(() => replay.stop());

const body = { ...hello, model: "gpt", stream: true };

/** Everything that a stream gives, and what it fails with. */
async function read(create) {
  const events = [];
  try {
    for await (const event of await create(body)) events.push(event);
  } catch (error) {
    return { events, error };
  }
  return { events, error: undefined };
}

const bySdk = () => read((request) => client.chat.completions.create(request));
const byEngine = () => read((request) => multiplexer.chat.completions.create(request));

/** All of an error that a program can see, but for its stack. */
function seen(error) {
  if (error === undefined) return undefined;
  const { name, message, status, code, param, type, error: inner, requestID, headers } = error;
  const headerId = headers?.get("x-request-id");
  return { name, message, status, code, param, type, inner, requestID, headerId };
}

function assertSame(ours, theirs) {
  // -0, prototypes and own properties; then the order of keys.
  assert.deepStrictEqual(ours.events, theirs.events);
  assert.equal(JSON.stringify(ours.events), JSON.stringify(theirs.events));
  assert.deepStrictEqual(seen(ours.error), seen(theirs.error));
  assert.equal(ours.error?.constructor, theirs.error?.constructor);
}

/** Runs a property, and counts what the engine made of the streams that it was given. */
async function check(property, numRuns) {
  await fc.assert(property, { numRuns, ...(seed !== undefined && { seed }), endOnFailure: false });
}

test("events, ends and errors are those of openai 7", limit, async () => {
  let withEvents = 0;
  const property = fc.asyncProperty(streams, cuts, async (bytes, where) => {
    replay.script = { pieces: pieces(bytes, where) };
    const theirs = await bySdk();
    assertSame(await byEngine(), theirs);
    if (theirs.events.length > 2) withEvents++;
  });
  await check(property, cases);
  assert.ok(withEvents > cases / 10, `only ${withEvents} of ${cases} streams had events`);
});

const encoders = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** Ends of a compressed body: a part of it is lost, or padding follows. */
const tails = fc.oneof(
  fc.nat(40).map((lost) => (encoded) => encoded.subarray(0, Math.max(0, encoded.length - lost))),
  fc.constantFrom("\0\0\0", "\n").map((pad) => (encoded) => {
    return Buffer.concat([encoded, Buffer.from(pad)]);
  }),
);

test("the same of streams that are compressed, also where the end is missing", limit, async () => {
  const encodings = fc.constantFrom(...Object.keys(encoders));
  const property = fc.asyncProperty(
    ...[streams, cuts, encodings, tails],
    async (bytes, where, encoding, tail) => {
      const encoded = tail(encoders[encoding](bytes));
      replay.script = { pieces: pieces(encoded, where), encoding };
      assertSame(await byEngine(), await bySdk());
    },
  );
  await check(property, cases / 5);
});

test("a connection that breaks: at least what openai 7 gives, and its error", limit, async () => {
  const property = fc.asyncProperty(streams, cuts, async (bytes, where) => {
    replay.script = { pieces: pieces(bytes, where), breaks: true };
    const [ours, theirs] = [await byEngine(), await bySdk()];
    if (theirs.error?.message === "terminated" && ours.error?.message !== "terminated") {
      // fetch throws away what it has received and has not handed on, the end also.
      assert.deepStrictEqual(ours.events.slice(0, theirs.events.length), theirs.events);
    } else if (theirs.error?.message === "terminated") {
      const events = ours.events.slice(0, theirs.events.length);
      assertSame({ events, error: ours.error }, theirs);
    } else {
      assertSame(ours, theirs);
    }
  });
  await check(property, cases / 20);
});

const twice = (make) => [..."abcde"].map((word) => `data: ${make(word)}\n\n`).join("");

/** What came out otherwise once. */
const known = {
  "a delta that is an array of strings": twice((word) => `{"choices":[{"delta":["${word}"]}]}`),
  "a choice that is null": twice((word) => `{"x":"${word}"}`) + 'data: {"choices":[null]}\n\n',
  "choices that are strings": twice((word) => `{"choices":["${word}","same"]}`),
  "choices that are numbers": twice((word) => `{"choices":[1,true],"x":"${word}"}`),
  "choices that are arrays": twice((word) => `{"choices":[["${word}",{"a":"${word}"}],[]]}`),
  "an event of a thread that says error": 'event: thread.run.failed\ndata: {"error":"x"}\n\n',
  "a key with a lone surrogate": twice((word) => `{"\\ud83c":"${word}","choices":[]}`),
  "byte order marks on later lines": '\ufeffdata: {"a":1}\n\ufeff\n\ufeffdata: {"b":1}\n\n',
  "two byte order marks": '\ufeff\ufeffdata: {"a":1}\n\ndata: {"b":1}\n\n',
};

for (const [what, text] of Object.entries(known)) {
  test(`${what}: as openai 7 gives it`, limit, async () => {
    replay.script = { pieces: [{ piece: Buffer.from(text), waits: false }] };
    const theirs = await bySdk();
    assert.ok(theirs.events.length > 0);
    assertSame(await byEngine(), theirs);
  });
}
