// Random faults, aborts and streams that are dropped, 200 calls at a time, for most of a minute.
// What is left afterwards is what there was before: counters that add up, no slot held, no socket,
// no task, no memory. SOAK_MS and SOAK_SEED say for how long and from which seed.

import assert from "node:assert/strict";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Multiplexer, newKey, ours, sdk, simulate } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Hub } = createRequire(import.meta.url)("../../native.js");
const { reportOf } = ours;
/** Tasks of the engine, in all of the process. */
const aliveTasks = () => Hub.aliveTasks();

const spanMs = Number(process.env.SOAK_MS ?? 40_000);
const seed = Number(process.env.SOAK_SEED ?? 20_240_229);
const workers = 200;
/** Idle connections of HTTP/2 that are kept for a minute, with a task each. */
const mostKept = 8;
/** Sockets are counted where the system tells them. */
const limit = { timeout: spanMs + 120_000, skip: process.platform !== "linux" };
/** No call may take longer: each has a signal that is aborted long before. */
const longestMs = 15_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

let simulator;
before(async () => (simulator = await startSimulator({ seed, journal: 0 })));
after(() => simulator?.stop());

/** Draws that are the same for the same seed (mulberry32). */
function draws(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const statuses = [400, 401, 402, 404, 408, 429, 500, 502, 503, 529];

/** A fault of any kind that the simulator has. */
function anyFault(random) {
  const afterTokens = Math.floor(random() * 8);
  const status = statuses[Math.floor(random() * statuses.length)];
  const faults = [
    { kind: "status", status },
    { kind: "status", status, early: true },
    { kind: "refusal", provider: "openai", reason: "quotaUsedUp", delayMs: 50 },
    { kind: "refusal", provider: "openai", reason: "contextTooLong" },
    { kind: "reset" },
    { kind: "staleConnection" },
    { kind: "staleConnection", reset: true },
    { kind: "noAnswer" },
    { kind: "slowFirstToken", ms: Math.floor(random() * 500) },
    { kind: "cut", afterTokens },
    { kind: "stall", afterTokens },
    { kind: "pings", afterTokens, ms: 50 },
    { kind: "trickle", afterTokens, bytesPerSecond: 50 },
    { kind: "neverCloses" },
    { kind: "neverCloses", after: "done" },
    { kind: "malformedEvent", afterTokens },
    { kind: "errorEvent", afterTokens },
    { kind: "missingDone" },
    { kind: "missingFinishReason" },
    { kind: "emptyBody" },
    { kind: "html" },
    { kind: "invalidJson" },
    { kind: "noContent" },
    { kind: "redirect", location: "http://127.0.0.1:1/" },
  ];
  return faults[Math.floor(random() * faults.length)];
}

function newMultiplexer(options) {
  const made = new Multiplexer({
    logger: false,
    cooldown: { defaultMs: 50, minMs: 10, maxMs: 200 },
    ...options,
  });
  const baseURL = simulator.url;
  for (let number = 0; number < 6; number++) {
    const apiKey = newKey();
    const client = number % 2 === 0 ? { baseURL, apiKey } : new sdk[7]({ baseURL, apiKey });
    const limits = number < 2 ? { maxConcurrent: 20 } : {};
    const shared = { account: `account ${number % 3}`, provider: "simulator" };
    made.addModel(client, 1 + number, "model", { id: `target ${number}`, ...limits, ...shared });
  }
  return made;
}

/** Calls until `end`; tells how many attempts there were, and of calls that hang. */
async function work(made, random, end, tally) {
  while (performance.now() < end) {
    const isStream = random() < 0.6;
    const fault = random() < 0.5 ? { ...anyFault(random), probability: 0.6 } : undefined;
    const behaviour = { tokens: 10, tokenIntervalMs: Math.floor(random() * 4), fault };
    const controller = new AbortController();
    const timer = setTimeout(
      () => controller.abort(),
      5 + random() * (random() < 0.3 ? 100 : 1_500),
    );
    const hangs = setTimeout(() => tally.hung.push(fault), longestMs);
    const leaves = random() < 0.2 ? Math.floor(random() * 6) : Infinity;
    const messages = [{ role: "user", content: "x".repeat(random() * 2_000) }];
    const call = made.chat.completions.create(
      { model: "any", messages, stream: isStream },
      {
        signal: controller.signal,
        headers: simulate(behaviour),
        timeout: 600,
        maxRetries: random() < 0.8 ? 0 : 1,
      },
    );
    try {
      const reply = await call;
      // Some streams are not read at all, and are nobody's when this is over.
      if (isStream && reply !== null && leaves > 0) {
        let seen = 0;
        for await (const chunk of reply) {
          tally.chunks += chunk.choices === undefined ? 0 : 1;
          if (++seen >= leaves) break;
        }
      }
      tally.answered++;
    } catch (error) {
      tally.failed++;
      assert.ok(error instanceof Error, String(error));
    }
    tally.attempts += reportOf(call).attempts.length;
    clearTimeout(timer);
    clearTimeout(hangs);
    if (leaves === 0) controller.abort();
    tally.calls++;
  }
}

/** Sockets of this process to the simulator that are not closed. */
function sockets() {
  const descriptors = readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1]];
    } catch {
      return [];
    }
  });
  const own = new Set(descriptors);
  const port = simulator.port.toString(16).toUpperCase().padStart(4, "0");
  return readFileSync("/proc/self/net/tcp", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote = "", , , , , , , inode]) => remote.endsWith(`:${port}`) && own.has(inode))
    .length;
}

/** Waits for what comes of itself, on a machine that has other things to do as well. */
async function until(ask, what) {
  const deadline = performance.now() + 45_000;
  while (!ask()) {
    assert.ok(performance.now() < deadline, `it never came to be: ${what}`);
    await sleep(20);
  }
}

/** Bytes that this process holds after its garbage is gone. */
async function memory() {
  for (let round = 0; round < 3; round++) {
    collectGarbage();
    await sleep(20);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

const timeouts = { firstTokenMs: 400, stallMs: 400, totalMs: 1_200 };
const resilient = { policy: "resilient", timeouts, maxWaitMs: 300 };

for (const [what, options] of Object.entries({
  resilient,
  compat: { policy: "compat" },
  "resilient over HTTP/2": { ...resilient, http2: "prior-knowledge" },
})) {
  test(`nothing is left behind: ${what}`, limit, async () => {
    const made = newMultiplexer(options);
    const ask = () =>
      made.chat.completions.create({ model: "any", messages: [{ role: "user", content: "hi" }] });
    await ask();
    const kept = options.http2 === undefined ? 0 : mostKept;
    await until(() => sockets() <= kept, "the idle pool is empty");
    const tasksBefore = aliveTasks();
    const tally = { calls: 0, answered: 0, failed: 0, attempts: 1, chunks: 0, hung: [] };
    const random = draws(seed);
    const levels = [];
    for (let round = 0; round < 4; round++) {
      const end = performance.now() + spanMs / 12;
      await Promise.all(Array.from({ length: workers }, () => work(made, random, end, tally)));
      levels.push(await memory());
    }
    assert.deepEqual(tally.hung, []);
    assert.ok(
      tally.calls > workers && tally.answered > 0 && tally.chunks > 0,
      JSON.stringify(tally),
    );

    const report = () => made.getReport();
    await until(() => {
      collectGarbage();
      return report().every(({ inFlight }) => inFlight === 0);
    }, "every slot is back");
    const counted = report().reduce((total, { outcomes }) => total + sum(outcomes), 0);
    assert.equal(counted, tally.attempts, JSON.stringify(report().map(({ outcomes }) => outcomes)));
    await until(() => sockets() <= kept, "every socket is closed, or kept for the next request");
    // One wakes the calls that wait, from the first of them on.
    const lasting = tasksBefore + (options.policy === "resilient" ? 1 : 0);
    await until(() => aliveTasks() <= lasting + kept, "every task has ended");
    const { connectionsOpen, streamsOpen } = await simulator.stats();
    assert.ok(
      connectionsOpen <= kept + 2 && streamsOpen === 0,
      `${connectionsOpen} ${streamsOpen}`,
    );

    // The first round fills what is kept for good; the others add nothing.
    const [, second, , last] = levels;
    const grown = (name) => (last[name] - second[name]) / 2 ** 20;
    assert.ok(grown("heap") < 2, `the heap has grown by ${grown("heap").toFixed(1)} MB`);
    assert.ok(grown("rss") < 32, `the process has grown by ${grown("rss").toFixed(1)} MB`);
    await made.close();
  });
}
