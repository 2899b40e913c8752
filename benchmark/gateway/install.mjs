// The parts that are measured against: each is installed where it is missing.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where other gateways are kept. */
export const parts = fileURLToPath(new URL("../../.cache/gateway-peers/", import.meta.url));

const VERSIONS = { onwards: "1.2.0", portkey: "1.15.2" };

const has = (command, args) => {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });

const ways = {
  direct: () => undefined,
  ours: () => undefined,
  haproxy: () => debian("haproxy", ["-v"]),
  nginx: () => debian("nginx", ["-v"]),
  onwards: () => {
    const root = join(parts, "onwards");
    if (existsSync(join(root, "bin/onwards"))) return;
    run("cargo", ["install", `onwards@${VERSIONS.onwards}`, "--locked", "--root", root]);
  },
  portkey: () => {
    const folder = join(parts, "portkey");
    if (existsSync(join(folder, "node_modules/@portkey-ai/gateway"))) return;
    mkdirSync(folder, { recursive: true });
    const manifest = {
      private: true,
      dependencies: { "@portkey-ai/gateway": VERSIONS.portkey },
      // The version that it asks for does not start on Node.js 20.
      overrides: { "@hono/node-server": "1.14.1" },
    };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    run("npm", ["install", "--no-audit", "--no-fund"], { cwd: folder });
  },
  litellm: () => {
    const folder = join(parts, "litellm");
    if (existsSync(join(folder, "bin/litellm"))) return;
    run("python3", ["-m", "venv", folder]);
    run(join(folder, "bin/pip"), ["install", "--quiet", "litellm[proxy]"]);
  },
};

/** Makes sure that these peers, and the load generator, can be run. */
export function install(names) {
  mkdirSync(parts, { recursive: true });
  // wrk tells its version with an exit code of 1.
  if (!has("sh", ["-c", "command -v wrk"])) apt("wrk");
  for (const name of names) ways[name]();
}

function debian(name, args) {
  if (!has(name, args)) apt(name);
}

function apt(name) {
  if (process.getuid?.() !== 0 || !has("apt-get", ["--version"])) {
    throw new Error(`This benchmark needs ${name}: install it and run this again.`);
  }
  run("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", name]);
}
