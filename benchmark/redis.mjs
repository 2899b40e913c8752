// A redis-server for the rows that keep their limits in one.

import { spawn } from "node:child_process";
import { once } from "node:events";

import { freePort } from "./port.mjs";

/** Starts one on a free port, with nothing on its disk. */
export async function startRedis() {
  const port = await freePort();
  const args = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = Promise.race([
    once(child, "exit").then(() => "it ended at once"),
    once(child, "error").then(([error]) => error.message),
  ]);
  // It must not outlive this process.
  process.once("exit", () => child.kill("SIGKILL"));
  let text = "";
  child.stdout.setEncoding("utf8");
  while (!text.includes("Ready to accept connections")) {
    const told = await Promise.race([once(child.stdout, "data"), ended]);
    if (typeof told === "string") {
      throw new Error(`This row needs redis-server (Debian: redis-server): ${told}`);
    }
    text += told[0];
  }
  child.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
