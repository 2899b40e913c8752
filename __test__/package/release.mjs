// Makes the tarballs that a release would publish: the root package with its optional dependencies
// on the platform packages, and this platform's package with the addon that was built here.

import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const { name, version, files } = createRequire(import.meta.url)("../../package.json");

/** A new folder; whoever asks for it removes it. */
export const temporary = (purpose) => mkdtempSync(join(tmpdir(), `${name}-${purpose}-`));

/** The platforms that have a package, by their name in it. */
export const platforms = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-arm64-msvc",
  "win32-x64-msvc",
];

/** The platform whose addon was built here, from the file's name. */
export function builtPlatform() {
  const built = platforms.filter((platform) => existsSync(join(root, addonName(platform))));
  const [first] = built.filter((platform) =>
    platform.startsWith(`${process.platform}-${process.arch}`),
  );
  if (first === undefined) throw new Error("no addon has been built: run `npm run build` first");
  return first;
}

export const addonName = (platform) => `${name}.${platform}.node`;

/** The program beside the addon that runs the gateway without Node.js, where there is one. */
export const launcherName = (platform) => `${name}.${platform}`;
export const hasLauncher = (platform) => platform.startsWith("linux-");

/** Runs one of the command lines that come with Node.js packages, with this Node.js. */
export function run(program, args, options) {
  return execFileSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    ...options,
  });
}

const napi = join(root, "node_modules/@napi-rs/cli/dist/cli.js");

/** npm's program itself: the scripts that start it differ by system. */
export function npmProgram() {
  const bin = dirname(process.execPath);
  const places = ["../lib/node_modules", "../share/nodejs", "node_modules"];
  const found = places.map((place) => join(bin, place, "npm/bin/npm-cli.js")).find(existsSync);
  if (found === undefined) throw new Error(`npm is not beside ${process.execPath}`);
  return found;
}

/** An environment with Node.js and nothing else: no cargo, no compiler, no settings of the user. */
export function bareEnvironment(home) {
  const quiet = { npm_config_update_notifier: "false", npm_config_audit: "false" };
  if (process.platform === "win32") {
    const { SystemRoot } = process.env;
    return { ...quiet, SystemRoot, USERPROFILE: home, TEMP: home, PATH: dirname(process.execPath) };
  }
  const path = join(home, "only-node");
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true });
    symlinkSync(process.execPath, join(path, "node"));
  }
  return { ...quiet, HOME: home, PATH: path };
}

/** Copies what the root package publishes, and nothing that it only needs while it is developed. */
function copyPublished(folder) {
  for (const file of ["package.json", "README.md", "LICENSE", ...files]) {
    if (existsSync(join(root, file))) {
      cpSync(join(root, file), join(folder, file), { recursive: true });
    }
  }
}

function pack(folder, destination) {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", destination];
  const [packed] = JSON.parse(run(npmProgram(), args, { cwd: folder }));
  return {
    tarball: join(destination, packed.filename),
    files: packed.files.map(({ path }) => path).sort(),
    unpackedSize: packed.unpackedSize,
  };
}

/**
 * The tarballs, made in `folder` by the steps of the release workflow. Where the addon and the
 * launcher of another platform would go lie this platform's own: they are not packed, only looked for.
 */
export function stage(folder) {
  const platform = builtPlatform();
  copyPublished(folder);
  run(napi, ["create-npm-dirs"], { cwd: folder });
  for (const target of readdirSync(join(folder, "npm"))) {
    cpSync(join(root, addonName(platform)), join(folder, "npm", target, addonName(target)));
  }
  const artifacts = join(folder, "artifacts");
  for (const target of platforms.filter(hasLauncher)) {
    const built = join(root, hasLauncher(platform) ? launcherName(platform) : addonName(platform));
    cpSync(built, join(artifacts, launcherName(target)), { recursive: true });
  }
  run(join(root, "scripts/place-launchers.mjs"), [artifacts], { cwd: folder });
  const untouched = ["--no-gh-release", "--skip-optional-publish"];
  run(napi, ["pre-publish", "-t", "npm", ...untouched], { cwd: folder });
  return {
    platform,
    manifest: JSON.parse(readFileSync(join(folder, "package.json"), "utf8")),
    package: pack(folder, folder),
    addon: pack(join(folder, "npm", platform), folder),
  };
}

/** Installs tarballs in an empty project, offline: nothing else is fetched, and nothing is built. */
export function install(folder, tarballs, environment) {
  const args = ["install", "--offline", "--ignore-scripts=false", ...tarballs];
  run(npmProgram(), args, { cwd: folder, env: environment });
}
