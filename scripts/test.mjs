// Sets up a fresh clone and runs all tests. With names, only those folders of __test__:
//
//   node scripts/test.mjs             everything
//   node scripts/test.mjs stream      __test__/stream

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { has, run, setup } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What the tests need of the system: a command, and the Debian package that has it. */
const parts = [
  ["python3", ["-m", "venv", "--help"], "python3-venv"],
  ["objdump", ["--version"], "binutils"],
  ["redis-server", ["--version"], "redis-server"],
  ["curl", ["--version"], "curl"],
  ["haproxy", ["-v"], "haproxy"],
  ["systemd-analyze", ["--version"], "systemd"],
];

function installParts() {
  const missing = parts.filter(([command, args]) => !has(command, args)).map((part) => part[2]);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    throw new Error(`These tests need ${missing.join(", ")}; install them and run this again.`);
  }
  run("apt-get", ["update", "--quiet"]);
  run("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", ...missing]);
}

function testFiles(folders) {
  return folders.flatMap((folder) =>
    readdirSync(`${root}/__test__/${folder}`)
      .filter((name) => name.endsWith(".test.mjs"))
      .map((name) => `__test__/${folder}/${name}`),
  );
}

const only = process.argv.slice(2);
setup();
if (only.length === 0 && process.platform === "linux") installParts();
if (only.length === 0) run("cargo", ["test", "--workspace", "--locked", "--quiet"]);
const folders = only.length > 0 ? only : readdirSync(`${root}/__test__`);
// Two files at a time: many of them start servers and processes of their own. A file that does not
// end within 20 minutes, because of what a failed test has left open, fails too; the longest makes
// a release build.
const limits = ["--test-concurrency=2", "--test-timeout=1200000"];
run(process.execPath, ["--test", ...limits, ...testFiles(folders)]);
