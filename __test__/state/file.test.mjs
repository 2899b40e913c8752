// State that outlives its process in a file.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { Multiplexer, newKey } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { startMember, until } from "./members.mjs";

let simulator;
let folder;
let path;
let members = [];

before(async () => {
  simulator = await startSimulator();
});
after(() => simulator?.stop());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "state-"));
  path = join(folder, "state.json");
});
afterEach(() => {
  for (const member of members) member.kill();
  members = [];
  rmSync(folder, { recursive: true });
});

const state = (flushIntervalMs = 20) => ({ type: "file", path, flushIntervalMs });
const read = () => JSON.parse(readFileSync(path, "utf8"));

async function member(limits, behaviour = {}) {
  const started = startMember();
  members.push(started);
  const headers = { "x-simulate": JSON.stringify(behaviour) };
  const endpoint = { baseURL: simulator.url, apiKey: newKey(), headers };
  await started.ask("open", { options: { state: state() }, targets: [{ endpoint, limits }] });
  return started;
}

async function killed({ child, kill }) {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  kill();
  await exited;
}

test("what was spent and who rests is known to the next process", async () => {
  const first = await member({ rpd: 10 });
  assert.equal((await first.ask("call", { count: 4 })).answered, 4);
  await first.ask("call", { count: 1, params: { stream: false } });
  await first.ask("close");
  assert.deepEqual(
    read().spending.map(({ scope, limit, used }) => [scope, limit, used]),
    [["target:gpt", "rpd", 5]],
  );
  const second = await member(
    { rpd: 10 },
    { fault: { kind: "status", status: 429 }, retryAfter: 60 },
  );
  const [{ limits }] = await second.ask("report");
  assert.equal(limits[0].remaining, 5);
  await second.ask("call", { count: 1 });
  await second.ask("close");
  const [rest] = read().rests;
  assert.equal(rest.scope, "target:gpt");
  assert.ok(Date.parse(rest.until) > Date.now() + 20_000, rest.until);
  const third = await member({ rpd: 10 });
  assert.equal((await third.ask("report"))[0].state, "resting");
});

test("a file is readable JSON whenever its process is killed", async () => {
  let used = 0;
  for (let round = 0; round < 8; round++) {
    const victim = await member({ rpd: 100_000 });
    const calls = victim.ask("call", { count: 2000 }).catch(() => undefined);
    await until("it is written", () => {
      try {
        return read().spending[0].used > used;
      } catch (error) {
        // Not before the first round has written it.
        if (error.code === "ENOENT" || round === 0) return false;
        throw error;
      }
    });
    await sleep(Math.random() * 40);
    await killed(victim);
    const now = read();
    assert.equal(now.version, 1);
    assert.ok(now.spending[0].used >= used, `${now.spending[0].used} after ${used}`);
    used = now.spending[0].used;
    void calls;
  }
});

test("a second writer is refused with the name of the file and the process", async () => {
  const first = await member({ rpd: 10 });
  const refused = { name: "MultiplexerError" };
  assert.throws(() => new Multiplexer({ state: state() }), {
    ...refused,
    message: `options.state: the state file ${path} is in use by process ${first.child.pid}.`,
  });
  await killed(first);
  const here = new Multiplexer({ state: state() });
  assert.throws(() => new Multiplexer({ state: state() }), {
    ...refused,
    message: `options.state: the state file ${path} is in use by another multiplexer of this process (${process.pid}).`,
  });
  await here.close();
  await new Multiplexer({ state: state() }).close();
});

test("a process that exits by itself has written what it knows", async () => {
  const started = startMember();
  members.push(started);
  const endpoint = { baseURL: simulator.url, apiKey: newKey() };
  const options = { state: state(3_600_000) };
  await started.ask("open", { options, targets: [{ endpoint, limits: { rpd: 10 } }] });
  await started.ask("call", { count: 3 });
  const exited = new Promise((resolve) => started.child.once("exit", resolve));
  started.child.disconnect();
  assert.equal(await exited, 0);
  assert.equal(read().spending[0].used, 3);
});

test("a file with something else in it is refused and left alone", () => {
  writeFileSync(path, "my notes");
  assert.throws(() => new Multiplexer({ state: state() }), {
    name: "MultiplexerError",
    message: /state\.json cannot be read: it is not the state of a multiplexer/,
  });
  assert.equal(readFileSync(path, "utf8"), "my notes");
});
