// The command: measures every row side by side and prints what came of it. docs/benchmarks.md
// tells what the rows are and how to read them.

import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { copyBuild } from "./build.mjs";
import { machine } from "./machine.mjs";
import { Providers } from "./providers.mjs";
import { broken } from "./report/bounds.mjs";
import { toMarkdown } from "./report/markdown.mjs";
import { summarize } from "./report/summary.mjs";
import { measureRow } from "./rounds.mjs";
import { chooseRows, rows } from "./rows.mjs";

const help = `Usage: node benchmark/run.mjs [options]

Options:
  --only <rows>   only these rows or groups of rows, separated by commas
  --rounds <n>    how often each peer is measured in each row (default: 3)
  --quick         shorter measurements, and one round unless --rounds says otherwise
  --check         exit with 1 if a bound does not hold (three rounds or more)
  --profile       also write CPU profiles of our main thread; spoils the figures
  --list          the rows and their groups
  --help          this text`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    list: { type: "boolean" },
    help: { type: "boolean" },
  },
});

if (values.help) {
  console.log(help);
} else if (values.list) {
  for (const row of rows) console.log(`${row.id.padEnd(20)} ${row.group.padEnd(10)} ${row.title}`);
} else {
  process.exitCode = await run();
}

async function run() {
  const chosen = chooseRows(values.only?.split(","));
  const rounds = roundsAsked();
  const results = new URL("results/", import.meta.url);
  mkdirSync(results, { recursive: true });
  const build = copyBuild();
  // The simulators and peers notice by themselves that this process is gone.
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      build.remove();
      process.exit(1);
    });
  }
  const providers = new Providers(build);
  try {
    const about = { ...machine(), rounds, quick: values.quick };
    const measured = [];
    for (const row of chosen) {
      const all = await measureRow(row, { rounds, build, providers, results, ...values });
      measured.push(summarize(row, all));
    }
    writeFileSync(
      new URL("latest.json", results),
      JSON.stringify({ about, rows: measured }, null, 2),
    );
    console.log(toMarkdown(about, measured));
    return values.check ? report(broken(measured)) : 0;
  } finally {
    await providers.stop();
    build.remove();
  }
}

function roundsAsked() {
  const rounds = Number(values.rounds ?? (values.quick && !values.check ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds must be a whole number from 1, not "${values.rounds}".`);
  }
  if (values.check && rounds < 3) throw new Error("--check needs three rounds or more.");
  return rounds;
}

function report(failures) {
  for (const failure of failures) console.error(`Out of bounds: ${failure}`);
  if (failures.length === 0) console.error("All bounds hold.");
  return failures.length === 0 ? 0 : 1;
}
