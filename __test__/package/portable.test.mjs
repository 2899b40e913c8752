// The portable addon: what it needs of the system, and that it works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startSimulator } from "../support/simulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

let folder;
let addon;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "portable-"));
  const script = join(root, "scripts/build-portable.mjs");
  execFileSync(process.execPath, [script, folder], { stdio: ["ignore", "ignore", "inherit"] });
  addon = readdirSync(folder).find((name) => name.endsWith(".node"));
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the portable addon and its launcher need no newer C library than glibc 2.17", () => {
  const files = [addon, addon.slice(0, -".node".length)].map((name) => join(folder, name));
  const symbols = execFileSync("objdump", ["-T", ...files], { encoding: "utf8" });
  const versions = [...symbols.matchAll(/GLIBC_2\.(\d+)/g)].map((match) => Number(match[1]));
  assert.ok(versions.length > 0);
  assert.ok(Math.max(...versions) <= 17, `needs glibc 2.${Math.max(...versions)}`);
});

test("the portable addon answers a call", async () => {
  for (const name of ["index.js", "native.js", "package.json"]) {
    copyFileSync(join(root, name), join(folder, name));
  }
  const simulator = await startSimulator();
  const program = `
    const { Multiplexer } = require(${JSON.stringify(join(folder, "index.js"))});
    const multiplexer = new Multiplexer();
    multiplexer.addModel({ baseURL: ${JSON.stringify(simulator.url)}, apiKey: "sk-any" }, 1, "gpt");
    multiplexer.chat.completions
      .create({ model: "any", messages: [{ role: "user", content: "hi" }] })
      .then(({ model }) => console.log(model));`;
  const printed = execFileSync(process.execPath, ["-e", program], { encoding: "utf8" });
  await simulator.stop();
  assert.equal(printed, "gpt\n");
});

test("the portable launcher runs the gateway's commands", () => {
  const launcher = join(folder, addon.slice(0, -".node".length));
  const help = execFileSync(launcher, ["serve", "--help"], { encoding: "utf8" });
  assert.match(help, /^Usage: model-multiplexer serve/);
});
