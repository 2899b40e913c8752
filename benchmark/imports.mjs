// How long a process takes that loads a package and does nothing else, over one that loads nothing.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

import { median } from "./report/statistics.mjs";

const { resolve } = createRequire(import.meta.url);

/**
 * For each round, the milliseconds by peer, over the median of the bare processes: less noisy than
 * a difference within each round. Of the file cache, everything is warm.
 */
export function measureImports(row, { build, quick }) {
  const scripts = {
    bare: "",
    ours: load(build.folder),
    upstash: load(resolve("@upstash/model-multiplexer")),
    openai7: load(resolve("openai7")),
  };
  const names = Object.keys(scripts);
  const times = quick ? 5 : row.options.times;
  for (const name of names) milliseconds(scripts[name]);
  const rounds = Array.from({ length: times }, () =>
    Object.fromEntries(names.map((name) => [name, milliseconds(scripts[name])])),
  );
  const bare = median(rounds.map((round) => round.bare));
  return rounds.map((round) =>
    Object.fromEntries(row.peers.map((peer) => [peer, { importMs: round[peer] - bare }])),
  );
}

function load(path) {
  return `require(${JSON.stringify(path)})`;
}

function milliseconds(script) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  if (status !== 0) throw new Error(`node -e '${script}' failed: ${stderr}`);
  return performance.now() - start;
}
