// Where a CPU profile says that the time went: self time by function, the hottest first.
// node benchmark/hottest.mjs benchmark/results/json-32.cpuprofile [how many]

import { readFileSync } from "node:fs";
import { basename } from "node:path";

const [file, most = "20"] = process.argv.slice(2);
if (file === undefined) throw new Error("Which profile? run.mjs --profile writes them.");
const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8"));

const byId = new Map(nodes.map((node) => [node.id, node]));
const times = new Map();
let busy = 0;
samples.forEach((id, i) => {
  const { functionName, url, lineNumber } = byId.get(id).callFrame;
  if (functionName === "(idle)") return;
  // A sample stands for the time until the next one.
  const time = timeDeltas[i + 1] ?? 0;
  const place = url === "" ? "" : ` ${basename(url)}:${lineNumber + 1}`;
  const name = `${functionName === "" ? "(anonymous)" : functionName}${place}`;
  times.set(name, (times.get(name) ?? 0) + time);
  busy += time;
});

const hottest = [...times].sort(([, one], [, other]) => other - one).slice(0, Number(most));
for (const [name, time] of hottest) {
  console.log(`${((100 * time) / busy).toFixed(1).padStart(5)} %  ${name}`);
}
