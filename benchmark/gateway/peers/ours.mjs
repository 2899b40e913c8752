// The gateway as it is run: with a key, a limit for it, metrics, and the access log.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

export async function start({ upstream, folder, build }) {
  const port = await freePort();
  const file = join(folder, "providers.yaml");
  writeFileSync(
    file,
    `providers:
  - id: one
    type: openai-compatible
    base_url: ${upstream.origin}/v1
    api_key: sk-provider
    models: [gpt-4o]
clients:
  - name: bench
    keys: [{ key: sk-bench }]
    rpm: 1000000000
    tpm: 1000000000000
log: { format: json }
`,
  );
  const bin = join(build.folder, "bin/model-multiplexer.mjs");
  const args = [bin, "serve", "--config", file, "--port", String(port), "--no-watch"];
  return startProcess(process.execPath, args, { port, cwd: folder });
}
