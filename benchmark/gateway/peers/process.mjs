// A peer in a process of its own: started, waited for, measured, stopped.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { request } from "node:http";

/** How long a peer may take to answer for the first time. */
const PATIENCE_MS = 90_000;

/** The question that every peer is asked. */
export const question = (more = {}) =>
  JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }], ...more });

/**
 * Runs a command that serves `port`, and answers once it answers completions there. Its log goes
 * nowhere, but is written.
 */
export async function startProcess(command, args, { port, env, cwd, headers = {} }) {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const peer = {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: { "content-type": "application/json", authorization: "Bearer sk-bench", ...headers },
    /** Milliseconds of processor time so far, of all its processes. */
    cpuMs: () => processes(child.pid).reduce((sum, pid) => sum + cpuOf(pid), 0),
    /** Megabytes resident, of all its processes. */
    memory: () => processes(child.pid).reduce((sum, pid) => sum + residentOf(pid), 0),
    startMs: 0,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      for (const pid of processes(child.pid)) process.kill(pid, "SIGKILL");
      await exited;
    },
  };
  const late = began + PATIENCE_MS;
  while (!(await answers(peer))) {
    if (child.exitCode !== null || performance.now() > late) {
      await peer.stop();
      throw new Error(`${command} does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  peer.startMs = performance.now() - began;
  return peer;
}

/** One connection, one request, without a client's own preparations: they are not the peer's. */
function answers({ url, headers }) {
  return new Promise((resolve) => {
    const sent = request(url, { method: "POST", headers, agent: false }, (response) => {
      response.once("error", () => resolve(false));
      response.once("end", () => resolve(response.statusCode === 200));
      response.resume();
    });
    sent.once("error", () => resolve(false));
    sent.end(question());
  });
}

/** The process and those that it has started. */
function processes(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => childrenOf(pid, task));
  return [pid, ...children.flatMap((child) => processes(Number(child)))];
}

function childrenOf(pid, task) {
  try {
    return readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean);
  } catch (error) {
    // A thread that has ended meanwhile.
    if (error.code === "ENOENT" || error.code === "ESRCH") return [];
    throw error;
  }
}

function cpuOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may have spaces in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentOf(pid) {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}
