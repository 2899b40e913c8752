// Installs the release in an empty project, where there is Node.js and nothing else, and uses it.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  addonName,
  bareEnvironment,
  install,
  name,
  root,
  run,
  stage,
  temporary,
} from "./release.mjs";

const programs = fileURLToPath(new URL("./consumer/", import.meta.url));

let base;
let release;
let environment;

before(() => {
  base = temporary("install");
  const staged = join(base, "release");
  mkdirSync(staged);
  release = stage(staged);
  environment = bareEnvironment(base);
});
after(() => rmSync(base, { recursive: true, force: true }));

/** A project with the given tarballs installed, and the consumer programs beside them. */
function project(title, tarballs) {
  const folder = join(base, title);
  cpSync(programs, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "name": "consumer", "private": true }');
  install(folder, tarballs, environment);
  return folder;
}

/** Runs a program of the project in the bare environment. */
const start = (folder, args) => run(args[0], args.slice(1), { cwd: folder, env: environment });

/** Requires the package with the given Node.js options, and returns the error it throws. */
function failureOf(folder, nodeOptions = []) {
  const script = `try { require(${JSON.stringify(name)}); console.log("{}"); } catch ({ message, code, cause }) {
    console.log(JSON.stringify({ message, code, cause: cause?.message }));
  }`;
  return JSON.parse(start(folder, [...nodeOptions, "-e", script]));
}

describe("installed with its platform's package", () => {
  let folder;
  before(() => {
    folder = project("complete", [release.package.tarball, release.addon.tarball]);
  });

  test("is required from CommonJS", () => {
    assert.equal(start(folder, ["require.cjs"]).trim(), "Paris | Par,is");
  });

  test("is imported from an ES module, and the classes are those that require gives", () => {
    assert.equal(start(folder, ["import.mjs"]).trim(), "Paris | Par,is");
  });

  test("is compiled against, and the programs run, without openai", () => {
    const link = (package_) => {
      mkdirSync(join(folder, "node_modules", package_, ".."), { recursive: true });
      const target = join(root, "node_modules", package_);
      symlinkSync(target, join(folder, "node_modules", package_), "junction");
    };
    link("@types/node");
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    start(folder, [compiler, "-p", "tsconfig.json"]);
    assert.equal(start(folder, ["typed-require.cjs"]).trim(), "Paris | Par,is");
    assert.equal(start(folder, ["typed-import.mjs"]).trim(), "Paris | Par,is");
  });

  test("has a command line", () => {
    const [command] = Object.values(release.manifest.bin);
    assert.match(start(folder, [join("node_modules", name, command), "--help"]), /^Usage: /);
  });

  test("says how to start Node.js when addons are not permitted", () => {
    const [major] = process.versions.node.split(".");
    const flag = Number(major) < 22 ? "--experimental-permission" : "--permission";
    const failure = failureOf(folder, [flag, "--allow-fs-read=*"]);
    assert.equal(failure.code, "ERR_NATIVE_ADDON");
    assert.match(failure.message, /--allow-addons/);
  });
});

describe("installed without its platform's package", () => {
  test("names the platform, the package and the remedy", () => {
    const failure = failureOf(project("missing", [release.package.tarball]));
    assert.equal(failure.code, "ERR_NATIVE_ADDON");
    assert.ok(failure.message.startsWith(`${name}: the native addon for ${release.platform} `));
    assert.match(
      failure.message,
      new RegExp(`package ${name}-${release.platform} is not installed`),
    );
    assert.match(failure.message, new RegExp(`npm install ${name}-${release.platform}\``));
    assert.ok(failure.cause);
  });
});

describe("installed with a damaged addon", () => {
  let folder;
  before(() => {
    folder = project("damaged", [release.package.tarball, release.addon.tarball]);
  });

  for (const [damage, content] of [
    ["empty", ""],
    ["overwritten", "this is not a shared library\n".repeat(200)],
  ]) {
    test(`names the package and the remedy when the file is ${damage}`, () => {
      const package_ = `${name}-${release.platform}`;
      writeFileSync(join(folder, "node_modules", package_, addonName(release.platform)), content);
      const failure = failureOf(folder);
      assert.equal(failure.code, "ERR_NATIVE_ADDON");
      assert.match(
        failure.message,
        new RegExp(`${package_} is installed but its file cannot be loaded`),
      );
      assert.match(failure.message, /Remove node_modules and install again/);
    });
  }
});
