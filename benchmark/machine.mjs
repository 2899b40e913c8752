// What the figures were taken on.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

const require = createRequire(import.meta.url);

export function machine() {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim(),
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    node: process.version,
    /** What else was going on, as processes that wanted to run. */
    loadBefore: loadavg()[0],
    commit: commit(),
    versions: {
      "model-multiplexer": require("../package.json").version,
      "@upstash/model-multiplexer": version("@upstash/model-multiplexer"),
      "openai 7": version("openai7"),
      "openai 4": version("openai4"),
      undici: version("undici"),
    },
  };
}

/** Read, not required: a package may not export its package.json. */
function version(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}

function commit() {
  try {
    const git = (...args) =>
      execFileSync("git", args, {
        cwd: new URL("..", import.meta.url),
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    const dirty = git("status", "--porcelain", "--untracked-files=no") !== "";
    return git("rev-parse", "--short", "HEAD") + (dirty ? " with changes" : "");
  } catch {
    return undefined;
  }
}
