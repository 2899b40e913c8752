// A copy of the built package, so that a build meanwhile changes nothing of what is measured.

import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** It lies within the project, so that it finds the same dependencies. */
export function copyBuild() {
  const cache = join(root, ".cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "benchmark-"));
  const files = readdirSync(root).filter(
    (name) => /^(index|native)\.m?js$/.test(name) || /^model-multiplexer\./.test(name),
  );
  for (const name of [...files, "package.json", "bin"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
