// The command: the gateway beside reverse proxies, which are the floor of what a proxy costs, and beside
// other LLM gateways, all in front of the simulator. docs/benchmarks.md tells what the rows are.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { copyBuild } from "../build.mjs";
import { machine } from "../machine.mjs";
import { Providers } from "../providers.mjs";
import { broken } from "./bounds.mjs";
import { install } from "./install.mjs";
import { peers as allPeers } from "./peers/index.mjs";
import { rows } from "./rows.mjs";
import { toMarkdown } from "./table.mjs";

const help = `Usage: node benchmark/gateway/run.mjs [options]

Options:
  --only <rows>     only these rows, separated by commas: ${rows.map(({ id }) => id).join(", ")}
  --peers <names>   only these peers: ${Object.keys(allPeers).join(", ")}
  --rounds <n>      how often each peer is measured in each row (default: 3)
  --quick           shorter measurements, and one round unless --rounds says otherwise
  --check           exit with 1 if a bound does not hold
  --help            this text

What is missing is installed: HAProxy, nginx and wrk by apt-get, the other gateways into .cache/.`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    peers: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    help: { type: "boolean" },
  },
});

if (values.help) console.log(help);
else process.exitCode = await run();

async function run() {
  const names = chosen("--peers", values.peers, Object.keys(allPeers));
  const ids = chosen(
    "--only",
    values.only,
    rows.map(({ id }) => id),
  );
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds must be 1 or more.");
  install(names);
  const cache = fileURLToPath(new URL("../../.cache/", import.meta.url));
  const folder = mkdtempSync(join(cache, "gateways-"));
  const build = copyBuild();
  const providers = new Providers(build);
  const measured = [];
  try {
    for (const row of rows.filter(({ id }) => ids.includes(id))) {
      const taken = row.peers.filter((name) => names.includes(name));
      const samples = Object.fromEntries(taken.map((name) => [name, []]));
      for (let round = 0; round < rounds; round++) {
        for (const name of taken) {
          samples[name].push(await measure(row, name, { build, providers, folder }));
          console.error(`${row.id} ${name}: ${JSON.stringify(samples[name].at(-1))}`);
        }
      }
      measured.push({ row, samples });
    }
  } finally {
    await providers.stop();
    build.remove();
    rmSync(folder, { recursive: true, force: true });
  }
  const about = { ...machine(), rounds, quick: values.quick };
  const results = new URL("../results/", import.meta.url);
  mkdirSync(results, { recursive: true });
  const text = toMarkdown(about, measured);
  writeFileSync(new URL("gateway.json", results), JSON.stringify({ about, measured }, null, 2));
  console.log(text);
  const failures = broken(measured);
  for (const failure of failures) console.log(`- ${failure}`);
  return values.check && failures.length > 0 ? 1 : 0;
}

/** One sample: the peer is started for it, so that what one row leaves behind is not the next one's. */
async function measure(row, name, { build, providers, folder }) {
  const provider = await providers.behaving({ behaviour: row.behaviour });
  const upstream = new URL(provider.url);
  const start = () => allPeers[name].start({ upstream, folder, build });
  const { default: work } = await import(`./works/${row.work}.mjs`);
  return work({ start, folder, options: row.options(values.quick) });
}

function chosen(option, text, known) {
  const names = text?.split(",") ?? known;
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new Error(`${option}: there is no "${unknown}"; there are ${known.join(", ")}.`);
}
