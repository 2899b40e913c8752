// A redis-server of a test's own: on a free port, with a folder of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A free port below those that systems give to clients: while the server is down, one that tries
 * to connect to it must not be given its port, connect to itself and keep it. The port that a
 * cluster adds to it, 10,000 higher, is below them too.
 */
export async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

/** Starts a server that writes all that it is told to its disk at once. */
export async function startRedis(...args) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "redis-"));
  let child;
  const server = {
    port,
    url: `redis://127.0.0.1:${port}`,
    /** Starts it again where it was, with what is on its disk. */
    start: async () => {
      const own = ["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
      const durable = ["--appendonly", "yes", "--appendfsync", "always"];
      const stdio = ["ignore", "pipe", "ignore"];
      child = spawn("redis-server", [...own, ...durable, ...args], { stdio });
      const failed = new Promise((resolve, reject) => {
        child.once("error", (cause) => {
          reject(new Error("redis-server is needed (Debian: redis-server)", { cause }));
        });
        child.once("exit", () => reject(new Error(`redis-server ended:\n${text}`)));
      });
      failed.catch(() => undefined);
      let text = "";
      child.stdout.setEncoding("utf8").on("data", (piece) => (text += piece));
      while (!text.includes("Ready to accept connections")) {
        await Promise.race([failed, once(child.stdout, "data")]);
      }
      child.unref();
      child.stdout.unref();
    },
    /** Ends it as a power cut does. */
    kill: async () => {
      const exited = once(child, "exit");
      child.ref();
      child.kill("SIGKILL");
      await exited;
    },
    /** Forgets what is on its disk. */
    wipe: () => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
    /** Runs a command and gives back the reply as it came. */
    command: async (...words) => {
      const socket = connect(port, "127.0.0.1");
      const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");
      socket.write(`*${words.length}\r\n${text}`);
      const [reply] = await once(socket, "data");
      socket.destroy();
      return reply.toString();
    },
    stop: async () => {
      process.off("exit", leave);
      if (child.exitCode === null && child.signalCode === null) await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  // A test that fails before it has stopped its server must not be held by it, nor leave it behind.
  const leave = () => child.kill("SIGKILL");
  process.once("exit", leave);
  await server.start();
  return server;
}
