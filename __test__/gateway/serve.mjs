// A gateway in a process of its own, as users start it, in a folder of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const bin = fileURLToPath(new URL("../../bin/model-multiplexer.mjs", import.meta.url));

/** The environment of a test: nothing of the developer's own keys and settings. */
export const environment = (more = {}) => ({ PATH: process.env.PATH, HOME: tmpdir(), ...more });

/** Runs a command to its end and answers `{ code, stdout, stderr }`. */
export async function command(args, { env = {}, cwd } = {}) {
  const child = spawn(process.execPath, [bin, ...args], { env: environment(env), cwd });
  const output = gather(child);
  child.stdin.end();
  const [code] = await once(child, "close");
  return { code, ...output };
}

/**
 * Starts `model-multiplexer serve` with these files in its folder, and answers once it listens. It
 * ends with this process, or with `stop()`.
 */
export async function serve(files, { env = {}, args = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "gateway-"));
  const write = (name, text) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  const child = spawn(
    process.execPath,
    [bin, "serve", "--json", "--exit-with-stdin", "--port", "0", ...args],
    { env: environment(env), cwd: folder },
  );
  const output = gather(child);
  const ended = once(child, "close");
  const read = async (text) => {
    const tooLate = Date.now() + 30_000;
    while (!output.stdout.includes(text)) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (isOver || Date.now() > tooLate) {
        throw new Error(`the gateway does not say "${text}":\n${output.stdout}${output.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await read("\n");
  const { url, port } = JSON.parse(output.stdout.slice(0, output.stdout.indexOf("\n")));
  return {
    /** Ends with `/v1`. */
    url,
    port,
    pid: child.pid,
    folder,
    output,
    write,
    /** Waits until the log has this text. */
    read,
    signal: (name) => child.kill(name),
    /** Waits for the end and answers the exit code. */
    ended: async () => (await ended)[0],
    stop: async () => {
      child.stdin.end();
      const [code] = await ended;
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}

function gather(child) {
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  }
  return output;
}

/** A configuration with an instance at each of these URLs: `a`, `b` and so on. */
export function configuration(urls, { models = ["gpt-4o"], more = "" } = {}) {
  const instances = urls.map((url, index) => {
    const id = String.fromCharCode("a".charCodeAt(0) + index);
    return `  - { id: ${id}, type: openai-compatible, base_url: "${url}", api_key: sk-${id}, models: [${models.join(", ")}] }`;
  });
  return `providers:\n${instances.join("\n")}\n${more}\n`;
}
