// A simulator in a process of its own, for one test file.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bin = fileURLToPath(new URL("../../bin/model-multiplexer.mjs", import.meta.url));

/**
 * Starts a simulator with this configuration (docs/simulator.md). It ends with this process, or
 * with `stop()`.
 */
export async function startSimulator(config = {}) {
  const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-"));
  const script = join(folder, "script.json");
  writeFileSync(script, JSON.stringify({ port: 0, journal: 1000, ...config }));
  const child = spawn(
    process.execPath,
    [bin, "simulate", "--json", "--exit-with-stdin", "--script", script],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.setEncoding("utf8");
  while (!text.includes("\n")) {
    const [chunk] = await Promise.race([
      once(child.stdout, "data"),
      once(child, "exit").then(([code]) => {
        throw new Error(`the simulator ended with ${code}`);
      }),
    ]);
    text += chunk;
  }
  rmSync(folder, { recursive: true });
  // A simulator must not hold the test's process.
  child.unref();
  child.stdin.unref?.();
  child.stdout.unref?.();
  const { url, port, ca } = JSON.parse(text);
  const control = new URL("/_simulator/", url);
  const ask = async (path, init) => (await fetch(new URL(path, control), init)).json();
  return {
    /** Ends with `/v1`. */
    url,
    port,
    ca,
    /** Every request that has arrived. */
    journal: () => ask("journal"),
    clearJournal: () => fetch(new URL("journal", control), { method: "DELETE" }),
    stats: () => ask("stats"),
    /** Replaces defaults, models and keys. */
    script: (next) =>
      fetch(new URL("script", control), { method: "PUT", body: JSON.stringify(next) }),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.ref();
      child.stdin.end();
      await once(child, "exit");
    },
  };
}
