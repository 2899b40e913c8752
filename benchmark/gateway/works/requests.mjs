// As many requests as it takes, from wrk: requests a second, and how many failed.

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { question } from "../peers/process.mjs";

const run = promisify(execFile);

export default async function requests({ start, folder, options: { connections, seconds } }) {
  const peer = await start();
  try {
    const script = join(folder, "post.lua");
    const headers = Object.entries(peer.headers);
    const lines = headers.map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
    writeFileSync(
      script,
      [`wrk.method = "POST"`, `wrk.body = ${lua(question())}`, ...lines, ""].join("\n"),
    );
    const load = (time) => {
      const args = ["-t", "1", "-c", String(connections), "-d", `${time}s`, "-s", script, peer.url];
      return run("wrk", args);
    };
    await load(1);
    const { stdout } = await load(seconds);
    return told(stdout);
  } finally {
    await peer.stop();
  }
}

function told(text) {
  const rate = Number(/^Requests\/sec:\s+([\d.]+)/m.exec(text)?.[1]);
  if (!(rate > 0)) throw new Error(`wrk has not measured anything:\n${text}`);
  const others = Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0);
  const [, ...sockets] = /connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text) ?? [];
  return { rate, errors: others + sockets.reduce((sum, count) => sum + Number(count), 0) };
}

/** A text as Lua writes it. */
const lua = (text) => `"${text.replaceAll(/[\\"]/g, "\\$&")}"`;
