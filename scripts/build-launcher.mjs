// Builds the program that runs the gateway without Node.js, and puts it beside the addon. Only on
// Linux: elsewhere Node.js runs the gateway.

import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The addon that was built last for this machine. */
function addon() {
  const ours = `model-multiplexer.linux-${process.arch}-`;
  const built = readdirSync(root).filter((name) => name.startsWith(ours) && name.endsWith(".node"));
  const time = (name) => statSync(join(root, name)).mtimeMs;
  const [last] = built.sort((one, other) => time(other) - time(one));
  if (last === undefined) throw new Error("no addon has been built: run `npm run build` first");
  return last;
}

if (process.platform === "linux") {
  execFileSync("cargo", ["build", "--release", "--locked", "-p", "model-multiplexer-launcher"], {
    cwd: root,
    stdio: "inherit",
  });
  const launcher = join(root, addon().slice(0, -".node".length));
  // One that runs cannot be written to.
  rmSync(launcher, { force: true });
  copyFileSync(join(root, "target/release/model-multiplexer-launcher"), launcher);
}
