// LiteLLM's proxy, one worker, without a database.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { parts } from "../install.mjs";
import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

/** It takes no weak one. */
const KEY = "sk-bench-3kq0ZpX2nT5cR7yB1mL4wJ8v";

export async function start({ upstream, folder }) {
  const port = await freePort();
  const file = join(folder, "litellm.yaml");
  writeFileSync(
    file,
    `model_list:
  - model_name: gpt-4o
    litellm_params:
      model: openai/gpt-4o
      api_base: ${upstream.origin}/v1
      api_key: sk-provider
general_settings:
  master_key: ${KEY}
`,
  );
  const args = ["--config", file, "--host", "127.0.0.1", "--port", String(port)];
  return startProcess(join(parts, "litellm/bin/litellm"), args, {
    port,
    cwd: folder,
    env: { LITELLM_LOCAL_MODEL_COST_MAP: "True", DO_NOT_TRACK: "1" },
    headers: { authorization: `Bearer ${KEY}` },
  });
}
