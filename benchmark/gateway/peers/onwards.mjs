// onwards, the leanest Rust gateway on crates.io, with a key and metrics.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { parts } from "../install.mjs";
import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

export async function start({ upstream, folder }) {
  const port = await freePort();
  const metrics = await freePort();
  const file = join(folder, "onwards.json");
  const target = { url: upstream.origin, onwards_key: "sk-provider", keys: ["sk-bench"] };
  writeFileSync(file, JSON.stringify({ targets: { "gpt-4o": target } }));
  const args = ["-f", file, "--port", String(port), "--metrics-port", String(metrics)];
  return startProcess(join(parts, "onwards/bin/onwards"), args, { port });
}
