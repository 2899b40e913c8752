// What docs/gateway.md and deploy/ show: every configuration is right, and every file is one that its
// program takes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "js-yaml";

import { command } from "./serve.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (name) => readFileSync(join(root, name), "utf8");

/** Variables that the examples name, and a key for clients that is good enough. */
const env = {
  API_KEY: "mm-k3ybQvJ8s0xT1nW4zR7uE2hL6pC9dF5g",
  GROQ_API_KEY: "gsk-example",
  OPENAI_API_KEY: "sk-example",
};

async function check(text) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-"));
  try {
    writeFileSync(join(folder, "providers.yaml"), text);
    return await command(["check"], { cwd: folder, env });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("every configuration in docs/gateway.md is right", async () => {
  const blocks = [...read("docs/gateway.md").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)];
  const ours = blocks.map(([, text]) => text).filter((text) => /^providers:/m.test(text));
  assert.equal(ours.length, 3);
  for (const text of ours) {
    const { code, stderr } = await check(text);
    assert.equal(code, 0, stderr);
  }
});

test("docs/gateway.md names every field that the schema has, and no other section", () => {
  const page = read("docs/gateway.md");
  const { definitions, properties } = JSON.parse(read("schema/providers.schema.json"));
  const own = (name) => /^[a-z0-9_]+$/.test(name);
  const fields = Object.values(definitions).flatMap((one) => Object.keys(one.properties ?? {}));
  for (const field of [...Object.keys(properties), ...fields].filter(own)) {
    assert.match(page, new RegExp(`\\b${field}\\b`), `${field} is not documented`);
  }
});

test("the schema is part of the package, and generated files name it", async () => {
  const { files } = JSON.parse(read("package.json"));
  assert.ok(files.includes("schema"));
  const { stdout } = await command(["init", "--stdout"]);
  const [, path] = /\$schema=https:\/\/unpkg\.com\/model-multiplexer\/(\S+)/.exec(stdout);
  assert.equal(JSON.parse(read(path)).title, "model-multiplexer: providers.yaml");
});

test("the configuration of the compose file is right", async () => {
  const text = read("deploy/providers.yaml");
  const { code, stdout, stderr } = await check(text);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /2 instances, 4 models/);
});

test("the compose file is YAML, and its services name each other and files that are there", () => {
  const { services, volumes } = load(read("deploy/compose.yaml"));
  assert.equal(services.gateway.deploy.replicas, 2);
  for (const [name, service] of Object.entries(services)) {
    const needed = service.depends_on ?? [];
    for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) {
      assert.ok(other in services, `${name} depends on ${other}`);
    }
    for (const volume of service.volumes ?? []) {
      const [source] = volume.split(":");
      if (source.startsWith("./")) assert.notEqual(read(join("deploy", source)), "");
      else assert.ok(source in volumes, `${name} uses the volume ${source}`);
    }
  }
});

test("HAProxy takes the balancer's configuration", () => {
  const args = ["-c", "-f", join(root, "deploy/haproxy.cfg")];
  execFileSync("haproxy", args, { stdio: "pipe" });
});

test("systemd takes the unit", () => {
  const unit = join(root, "deploy/model-multiplexer.service");
  try {
    execFileSync("systemd-analyze", ["verify", unit], { stdio: "pipe" });
  } catch (error) {
    assert.fail(`${error.message}\n${error.stderr}`);
  }
});

test("the Dockerfile runs the command, as another user than root, with the port that is published", () => {
  const instructions = read("deploy/Dockerfile")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => /^([A-Z]+) (.+)$/.exec(line.trim()).slice(1));
  const last = (name) => instructions.findLast(([instruction]) => instruction === name)[1];
  assert.equal(instructions[0][0], "FROM");
  assert.notEqual(last("USER"), "root");
  assert.equal(last("EXPOSE"), "3000");
  assert.deepEqual(JSON.parse(last("ENTRYPOINT")), ["model-multiplexer"]);
  assert.equal(JSON.parse(last("CMD"))[0], "serve");
  const [, probe] = /CMD (\[.+\])$/.exec(last("HEALTHCHECK"));
  assert.match(JSON.parse(probe)[2], /\/health\/ready/);
});
