// How long a process takes that loads a package and does nothing else, over one that loads nothing.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

/** For each round, the milliseconds by peer. Of the file cache, everything is warm. */
export function measureImports(row, { build, quick }) {
  const scripts = {
    ours: load(build.folder),
    upstash: load(resolve("@upstash/model-multiplexer")),
    openai7: load(resolve("openai7")),
  };
  const times = quick ? 5 : row.options.times;
  for (const script of Object.values(scripts)) milliseconds(script);
  return Array.from({ length: times }, () => {
    const bare = milliseconds("");
    return Object.fromEntries(
      row.peers.map((peer) => [peer, { importMs: milliseconds(scripts[peer]) - bare }]),
    );
  });
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
