// Makes a fresh clone ready: the npm packages and the addon, each only where it is missing or
// older than what it is made from.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command in the repository, with its output passed on. */
export function run(command, args, env = {}) {
  console.log(`> ${[command, ...args].join(" ")}`);
  const shell = process.platform === "win32";
  execFileSync(command, args, {
    cwd: root,
    stdio: "inherit",
    shell,
    env: { ...process.env, ...env },
  });
}

/** True if the command can be run. */
export function has(command, args = ["--version"]) {
  try {
    execFileSync(command, args, { stdio: "ignore", shell: process.platform === "win32" });
    return true;
  } catch {
    return false;
  }
}

function newest(path) {
  const full = join(root, path);
  if (!existsSync(full)) return 0;
  const stat = statSync(full);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(full).map((name) => newest(join(path, name))));
}

function addonTime() {
  const addons = readdirSync(root).filter((name) => /^model-multiplexer\..*\.node$/.test(name));
  return Math.max(0, ...addons.map(newest));
}

/** On Linux the gateway has a program of its own, beside the addon. */
function hasLauncher() {
  const launchers = readdirSync(root).filter((name) =>
    /^model-multiplexer\.linux-[^.]*$/.test(name),
  );
  return process.platform !== "linux" || launchers.length > 0;
}

function buildAddon() {
  if (!has("cargo")) {
    throw new Error("Rust is needed to build the addon: install it from https://rustup.rs.");
  }
  run("npm", ["run", "--silent", "build:native"]);
}

/** Installs the npm packages and builds the addon. */
export function setup() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 12)) {
    throw new Error(`Node.js 20.12 or later is needed, not ${process.version}.`);
  }
  if (newest("node_modules/.package-lock.json") < newest("package-lock.json")) {
    run("npm", ["ci", "--no-audit", "--no-fund"]);
  }
  const sources = ["src", "crates", "Cargo.toml", "Cargo.lock", "build.rs"].map(newest);
  // A release is tested with the very addon that is published.
  const given = process.env.MODEL_MULTIPLEXER_ADDON === "given";
  if (!given && (addonTime() < Math.max(...sources) || !hasLauncher())) buildAddon();
  if (newest("index.js") < newest("lib")) run("npm", ["run", "--silent", "build:js"]);
}
