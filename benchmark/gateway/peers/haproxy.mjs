// HAProxy as the floor: it copies, and knows nothing of what it copies.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { freePort } from "../../port.mjs";
import { startProcess } from "./process.mjs";

export async function start({ upstream, folder }) {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(
    file,
    `global
    maxconn 8192

defaults
    mode http
    timeout connect 5s
    timeout client 1h
    timeout server 1h
    http-reuse always

frontend clients
    bind 127.0.0.1:${port}
    default_backend provider

backend provider
    server one ${upstream.host}
`,
  );
  return startProcess("haproxy", ["-f", file], { port });
}
