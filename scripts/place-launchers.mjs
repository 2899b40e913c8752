// Puts the launchers, which run the gateway without Node.js, into the platform packages in npm/ of
// this folder: those for Linux have one each.
//
//   node scripts/place-launchers.mjs <folder>    where the launchers lie

import { chmodSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [from] = process.argv.slice(2);
if (from === undefined) throw new Error("the folder in which the launchers lie is missing");

for (const platform of readdirSync("npm").filter((name) => name.startsWith("linux-"))) {
  const launcher = `model-multiplexer.${platform}`;
  const placed = join("npm", platform, launcher);
  copyFileSync(join(from, launcher), placed);
  // Artifacts keep no modes.
  chmodSync(placed, 0o755);
  const manifest = join("npm", platform, "package.json");
  const about = JSON.parse(readFileSync(manifest, "utf8"));
  about.files = [...new Set([...about.files, launcher])];
  writeFileSync(manifest, `${JSON.stringify(about, undefined, 2)}\n`);
}
