// The package in a process: when it lets it end, its threads, contexts, stacks and listeners.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "../support/simulator.mjs";
import { newKey, requestsOf, until } from "../clients/sdks.mjs";

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100 })));
after(() => simulator.stop());

/** Runs a program of the folder beside this file; it must end by itself, without an error. */
async function run(program, { key = newKey(), timeout = 15_000 } = {}) {
  const file = fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url));
  const began = performance.now();
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [file, simulator.url, key],
    { timeout, killSignal: "SIGKILL" },
  );
  assert.equal(stderr, "");
  return { out: stdout.trim(), took: performance.now() - began, key };
}

for (const [program, sentence, out] of [
  ["with-nothing-called", "a process that has called nothing ends", "made"],
  ["after-a-reply", "a process ends after a reply", "chat.completion"],
  ["after-a-stream", "a process ends after a stream", "read"],
  ["after-a-refusal", "a process ends although a model rests", "429"],
  ["with-an-unread-stream", "a process ends although a stream is open and unread", "open"],
  ["with-a-half-read-stream", "a process ends although a stream is half-read", "open"],
]) {
  test(sentence, async () => {
    const result = await run(program);
    assert.equal(result.out, out);
    assert.ok(result.took < 3_000, `it took ${result.took} ms`);
  });
}

for (const [program, sentence, out] of [
  ["waits-for-a-reply", "a process stays while a call is under way", "chat.completion"],
  ["waits-for-an-event", "a process stays while a next() is under way", "read"],
  ["waits-for-a-failover", "a process stays while the next target is asked", "other"],
]) {
  test(sentence, async () => {
    const result = await run(program);
    assert.equal(result.out, out);
    assert.ok(result.took >= 250 && result.took < 4_000, `it took ${result.took} ms`);
  });
}

test("a process that ends leaves its open streams", async () => {
  const { key } = await run("with-an-unread-stream");
  await until(async () => (await requestsOf(simulator, key))[0]?.clientLeft);
});

test("nothing is an unhandled rejection because only asResponse() is used or a stream is left", async () => {
  assert.equal((await run("uses-as-response-alone")).out, "400,400,400,400");
});

test("ten thousand calls on one signal leave no listener and no warning", async () => {
  assert.equal((await run("shares-one-signal", { timeout: 30_000 })).out, "few 0");
});

test("calls that wait with one signal before they ask again leave no listener and no warning", async () => {
  assert.equal((await run("waits-on-one-signal")).out, "15 1 0");
});

test("the store of an AsyncLocalStorage is the call's own at every place", async () => {
  const places = JSON.parse((await run("context")).out);
  assert.deepEqual(
    places.sort(),
    [
      "a client's call after a failover",
      "a client's first call",
      "after a failover",
      "after a failure",
      "after a loop",
      "in a loop",
      "the logger's error",
      "the logger's warn",
    ].map((place) => [place, true]),
  );
});

test("twenty workers that are terminated in mid-stream harm nobody", async () => {
  assert.equal((await run("worker-churn", { timeout: 30_000 })).out, "all");
  await until(async () => (await simulator.stats()).streamsOpen === 0);
});

test("a worker's copy is independent of the main thread's, and lets the worker end", async () => {
  assert.equal((await run("independent-worker")).out, "3 2 0");
});

test("the stacks of errors name who called, and who read", async () => {
  assert.deepEqual(JSON.parse((await run("stacks")).out), {
    "a call of an SDK's client": true,
    "a call of an endpoint": true,
    "a call without models": true,
    "a stream with an error": true,
    "a stream that is cut": true,
  });
});
