// On Linux the gateway leaves Node.js; where it cannot, Node.js runs it, and nobody can tell.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { startSimulator } from "../support/simulator.mjs";
import { command, configuration, serve } from "./serve.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const linux = { skip: process.platform !== "linux" };

let simulator;
/** A folder with the addon and no launcher beside it. */
let folder;
before(async () => {
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), "launcher-"));
  const addon = readdirSync(root).find((name) => /^model-multiplexer\..*\.node$/.test(name));
  copyFileSync(join(root, addon), join(folder, "alone.node"));
});
after(async () => {
  await simulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const alone = () => ({ NAPI_RS_NATIVE_LIBRARY_PATH: join(folder, "alone.node") });
const start = (env) => serve({ "providers.yaml": configuration([simulator.url]) }, { env });

/** The program that a process runs. */
const programOf = ({ pid }) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0];

async function asked(gateway) {
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] }),
  });
  return response.status;
}

test(
  "the gateway's process is its own, under the id of the one that was started",
  linux,
  async () => {
    const gateway = await start({});
    assert.match(programOf(gateway), /model-multiplexer\.linux-[^.]+$/);
    assert.equal(await asked(gateway), 200);
    assert.equal(await gateway.stop(), 0);
  },
);

test("without a launcher Node.js runs the gateway, with the same log, signals and exit codes", async () => {
  const gateway = await start(alone());
  if (process.platform === "linux") assert.equal(programOf(gateway), process.execPath);
  assert.equal(await asked(gateway), 200);
  if (process.platform !== "win32") {
    gateway.signal("SIGHUP");
    await gateway.read("the configuration has been read again");
    gateway.signal("SIGTERM");
    assert.equal(await gateway.ended(), 0);
    assert.match(gateway.output.stdout, /SIGTERM: no new requests are taken.*\n.*"msg":"stopped"/);
  }
  await gateway.stop();
  const wrong = await command(["serve", "--config", "none.yaml"], { env: alone() });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /there is no none\.yaml/);
});

test("the launcher tells what it is not", linux, () => {
  const launcher = readdirSync(root).find((name) => /^model-multiplexer\.linux-[^.]+$/.test(name));
  const { status, stderr } = spawnSync(join(root, launcher), ["status"], {
    encoding: "utf8",
  });
  assert.equal(status, 2);
  assert.match(stderr, /there is no command "status" here\. `npx model-multiplexer --help`/);
});
