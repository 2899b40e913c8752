// The provider that all peers talk to: a simulator in a process of its own, one without TLS and one
// with it, each started when a row first asks for it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export class Providers {
  #build;
  #running = new Map();

  constructor(build) {
    this.#build = build;
  }

  /** A provider that behaves like this (docs/simulator.md) from now on. */
  async behaving({ tls = false, behaviour = {} }) {
    if (!this.#running.has(tls)) this.#running.set(tls, await start(this.#build, tls));
    const provider = this.#running.get(tls);
    await setBehaviour(provider.control, behaviour);
    return provider;
  }

  async stop() {
    await Promise.all([...this.#running.values()].map((provider) => provider.stop()));
  }
}

async function start(build, tls) {
  const bin = join(build.folder, "bin", "model-multiplexer.mjs");
  const args = [bin, "simulate", "--json", "--exit-with-stdin", "--port", "0"];
  const child = spawn(process.execPath, args.concat(tls ? "--tls" : []), {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { url, ca } = await firstLine(child);
  const caFile = tls ? join(build.folder, "ca.pem") : undefined;
  if (caFile !== undefined) writeFileSync(caFile, ca);
  return {
    url,
    caFile,
    pid: child.pid,
    control: { origin: new URL(url).origin, ca },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

async function firstLine(child) {
  let text = "";
  child.stdout.setEncoding("utf8");
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the simulator ended with ${code}`);
  });
  while (!text.includes("\n")) {
    const [chunk] = await Promise.race([once(child.stdout, "data"), ended]);
    text += chunk;
  }
  ended.catch(() => undefined);
  return JSON.parse(text);
}

async function setBehaviour({ origin, ca }, behaviour) {
  const { Agent, request } = await import("undici");
  const dispatcher = new Agent({ connect: { ca: ca ?? undefined } });
  const { statusCode, body } = await request(`${origin}/_simulator/script`, {
    method: "PUT",
    body: JSON.stringify({ defaults: behaviour }),
    dispatcher,
  });
  const answer = await body.text();
  await dispatcher.close();
  if (statusCode !== 204) throw new Error(`the simulator refused a script: ${answer}`);
}
