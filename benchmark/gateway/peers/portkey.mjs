// Portkey's gateway; where a request goes is in its headers.

import { join } from "node:path";

import { parts } from "../install.mjs";
import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

export async function start({ upstream }) {
  const port = await freePort();
  const script = join(parts, "portkey/node_modules/@portkey-ai/gateway/build/start-server.js");
  return startProcess(process.execPath, [script, `--port=${port}`, "--headless"], {
    port,
    env: { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1,localhost" },
    headers: {
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream.origin}/v1`,
    },
  });
}
