// Runs the fuzz targets for a bounded time each, and fails with the input that one of them fails on.
//
//   node scripts/fuzz.mjs                        every target, 10 s each
//   node scripts/fuzz.mjs --seconds 60 sse head  these targets
//
// Builds as `cargo fuzz` does with `-s none`, which needs no nightly compiler; the engine forbids
// unsafe code, so that a sanitizer would find nothing. What is found is kept in fuzz/corpus.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { has, run } from "./setup.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const instrumentation = [
  "--cfg=fuzzing",
  "-Cpasses=sancov-module",
  "-Cllvm-args=-sanitizer-coverage-level=4",
  "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
  "-Cllvm-args=-sanitizer-coverage-pc-table",
  "-Cllvm-args=-sanitizer-coverage-trace-compares",
  "-Ccodegen-units=1",
];

function installCompiler() {
  if (has("g++") || has("clang++")) return;
  if (process.getuid?.() !== 0 || !has("apt-get")) {
    throw new Error("libFuzzer needs a C++ compiler: install g++ or clang and run this again.");
  }
  run("apt-get", ["update", "--quiet"]);
  run("apt-get", ["install", "--yes", "--quiet", "--no-install-recommends", "g++"]);
}

/** Where the programs are. A target is named, so that what runs at build time is not instrumented. */
function build() {
  const host = /^host: (.*)$/m.exec(execFileSync("rustc", ["-vV"], { cwd: root }).toString())[1];
  const manifest = ["--manifest-path", "fuzz/Cargo.toml", "--locked", "--quiet"];
  run("cargo", ["build", "--release", "--bins", "--target", host, ...manifest], {
    RUSTFLAGS: instrumentation.join(" "),
  });
  return `fuzz/target/${host}/release`;
}

/** True if nothing was found. What libFuzzer says is shown if something was. */
function fuzz(programs, target, seconds) {
  const [corpus, found] = [`fuzz/corpus/${target}`, `fuzz/artifacts/${target}/`];
  for (const folder of [corpus, found]) mkdirSync(`${root}/${folder}`, { recursive: true });
  const limits = [`-max_total_time=${seconds}`, "-timeout=10", `-artifact_prefix=${found}`];
  const args = [corpus, `fuzz/seeds/${target}`, ...limits, "-print_final_stats=1"];
  const { status, stderr } = spawnSync(`${programs}/${target}`, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const runs = /number_of_executed_units: (\d+)/.exec(stderr)?.[1];
  if (status === 0 && runs !== undefined) {
    console.log(`${target}: ${runs} inputs in ${seconds} s`);
    return true;
  }
  console.error(stderr);
  return false;
}

const targets = readdirSync(`${root}/fuzz/targets`).map((name) => name.replace(/\.rs$/, ""));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "10" } },
});
for (const name of positionals) {
  if (!targets.includes(name)) throw new Error(`${name} is none of ${targets.join(", ")}.`);
}
if (!/^[1-9][0-9]*$/.test(values.seconds)) {
  throw new Error(`--seconds is ${values.seconds}; it must be a positive whole number.`);
}

installCompiler();
const programs = build();
const chosen = positionals.length > 0 ? positionals : targets;
const failed = chosen.filter((target) => !fuzz(programs, target, values.seconds));
if (failed.length > 0) {
  console.error(`Inputs were found on which these targets fail: ${failed.join(", ")}.`);
  process.exitCode = 1;
}
