// Processes and worker threads that share a state.

import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { setTimeout as sleep } from "node:timers/promises";

const program = fileURLToPath(new URL("member.mjs", import.meta.url));

function ask(channel, send) {
  const asked = new Map();
  let last = 0;
  channel.on("message", ({ id, value, error }) => {
    const { resolve, reject } = asked.get(id);
    asked.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  return (what, details) =>
    new Promise((resolve, reject) => {
      asked.set(++last, { resolve, reject });
      send({ ...details, id: last, what });
    });
}

/** A member in a process of its own; `open` takes options and targets. */
export function startMember() {
  const child = fork(program);
  return {
    ask: ask(child, (message) => child.send(message)),
    kill: () => child.kill("SIGKILL"),
    child,
  };
}

/** A member in a worker thread. */
export function startWorker() {
  const worker = new Worker(program);
  return {
    ask: ask(worker, (message) => worker.postMessage(message)),
    kill: () => worker.terminate(),
  };
}

/** Waits for something that is bound to happen. */
export async function until(what, isSo) {
  const deadline = Date.now() + 20_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within 20 s`);
    await sleep(10);
  }
}

/** Waits for a minute that has at least so many seconds left. */
export async function minuteWith(seconds) {
  const left = 60 - ((Date.now() / 1000) % 60);
  if (left < seconds) await sleep(left * 1000 + 50);
}
