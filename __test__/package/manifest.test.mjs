// What would be published, before it is installed anywhere.

import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import {
  addonName,
  hasLauncher,
  launcherName,
  name,
  platforms,
  root,
  run,
  stage,
  temporary,
  version,
} from "./release.mjs";

test("the oldest Node.js that is promised is the oldest that is tested, everywhere", () => {
  const read = (path) => readFileSync(join(root, path), "utf8");
  const { node } = JSON.parse(read("package.json")).engines;
  // `parseEnv` of node:util, which the commands use.
  assert.equal(node, ">=20.12");
  assert.equal(JSON.parse(read("package-lock.json")).packages[""].engines.node, node);
  assert.match(read(".github/workflows/test.yml"), /node-version: 20\.12\.0\n/);
  assert.match(read("README.md"), /For Node\.js 20\.12 or later\./);
});

describe("the packed package", () => {
  let folder;
  let release;

  before(() => {
    folder = temporary("manifest");
    release = stage(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("holds exactly what users need", () => {
    assert.deepEqual(release.package.files, [
      "LICENSE",
      "README.md",
      "bin/arguments.mjs",
      "bin/ask.mjs",
      "bin/documentation.mjs",
      "bin/exit.mjs",
      "bin/explain.mjs",
      "bin/gateway.mjs",
      "bin/init.mjs",
      "bin/init/file.mjs",
      "bin/key.mjs",
      "bin/model-multiplexer.mjs",
      "bin/native.mjs",
      "bin/simulate.mjs",
      "bin/status.mjs",
      "bin/table.mjs",
      "bin/version.mjs",
      "index.d.mts",
      "index.d.ts",
      "index.js",
      "index.mjs",
      "native.d.ts",
      "native.js",
      "package.json",
      "schema/providers.schema.json",
    ]);
  });

  test("has no runtime dependency, and an optional one on every platform's package", () => {
    const { manifest } = release;
    assert.equal(manifest.dependencies, undefined);
    assert.deepEqual(manifest.peerDependencies, { openai: ">=4" });
    assert.deepEqual(manifest.peerDependenciesMeta, { openai: { optional: true } });
    const expected = platforms.map((platform) => [`${name}-${platform}`, version]);
    assert.deepEqual(manifest.optionalDependencies, Object.fromEntries(expected));
  });

  test("runs no script when it is installed", () => {
    for (const hook of ["preinstall", "install", "postinstall", "prepare"]) {
      assert.equal(release.manifest.scripts[hook], undefined, hook);
    }
  });

  test("has a platform package with the addon, and a launcher that may be run", () => {
    const { platform, addon } = release;
    const launchers = hasLauncher(platform) ? [launcherName(platform)] : [];
    const expected = [addonName(platform), ...launchers, "README.md", "package.json"].sort();
    assert.deepEqual(addon.files, expected);
    for (const launcher of launchers) {
      assert.equal(statSync(join(folder, "npm", platform, launcher)).mode & 0o777, 0o755);
    }
  });

  test("publint has nothing to say", async () => {
    const bytes = readFileSync(release.package.tarball);
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  test("are-the-types-wrong finds nothing, for any way of resolving modules", () => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const report = JSON.parse(run(attw, [release.package.tarball, "--format", "json"]));
    assert.deepEqual(report.problems ?? {}, {});
    assert.equal(report.analysis.types.kind, "included");
    assert.deepEqual(report.analysis.problems, []);
  });
});
