// Builds the addon, and the launcher beside it, so that they load on any Linux of this architecture with glibc 2.17 or later,
// whatever this machine has: cargo-zigbuild links against the older symbols. Sets up zig and
// cargo-zigbuild in .cache/ by itself; needs python3 with venv.
//
//   node scripts/build-portable.mjs [folder]    writes model-multiplexer.linux-<arch>-gnu[.node] there
//                                               (default: the repository)

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tools = join(root, ".cache", "zig");
const versions = ["ziglang==0.15.2", "cargo-zigbuild==0.24.0"];
const architectures = { x64: "x86_64", arm64: "aarch64" };

function run(command, args, env = {}) {
  execFileSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
}

function setUpZig() {
  const python = join(tools, "bin", "python");
  try {
    if (!existsSync(join(tools, "bin", "cargo-zigbuild"))) {
      run("python3", ["-m", "venv", tools]);
      run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...versions]);
    }
  } catch {
    throw new Error("build-portable needs python3 with venv and pip (Debian: python3-venv).");
  }
}

const architecture = architectures[process.arch];
if (process.platform !== "linux" || architecture === undefined) {
  throw new Error(
    `build-portable is for Linux on x64 or arm64, not ${process.platform} on ${process.arch}.`,
  );
}
setUpZig();
const target = `${architecture}-unknown-linux-gnu`;
// A target folder of its own: the same crates are built with another linker.
const out = join(root, "target", "portable");
const packages = ["-p", "model-multiplexer", "-p", "model-multiplexer-launcher"];
run("cargo", ["zigbuild", "--release", "--locked", ...packages, "--target", `${target}.2.17`], {
  CARGO_TARGET_DIR: out,
  PATH: `${join(tools, "bin")}${delimiter}${process.env.PATH}`,
});
const launcher = `model-multiplexer.linux-${process.arch}-gnu`;
const file = `${launcher}.node`;
const folder = process.argv[2] ?? root;
copyFileSync(join(out, target, "release", "libmodel_multiplexer.so"), join(folder, file));
copyFileSync(join(out, target, "release", "model-multiplexer-launcher"), join(folder, launcher));
console.log(`${file} loads with glibc 2.17 and later`);
