// What must hold of our peers: bounds on medians, of figures or of their ratios to the base.

import { titles } from "../peers/index.mjs";
import { figures } from "./figures.mjs";

const bounds = [
  { row: "json-32", figure: "main", mostRatio: 0.03 },
  { row: "json-32", figure: "rate", leastRatio: 22 },
  { row: "json-1", figure: "latencyMedian", mostRatio: 0.35 },
  { row: "paced", figure: "main", mostRatio: 0.14 },
  { row: "paced", figure: "process", mostRatio: 0.26 },
  { row: "bursts", figure: "main", mostRatio: 0.09 },
  { row: "memory", figure: "memory", most: 40 },
  { row: "memory", figure: "memory", mostRatio: 0.3 },
  { row: "flood", figure: "lagP99", mostRatio: 1 },
  { row: "import", figure: "importMs", most: 15 },
  { row: "rests", peer: "pair", figure: "restsP99", most: 100 },
  { row: "limits-json-32", peer: "limited", figure: "rate", leastRatio: 0.95 },
  { row: "limits-json-32", peer: "shared", figure: "rate", leastRatio: 0.9 },
  { row: "limits-bursts", peer: "limited", figure: "rate", leastRatio: 0.95 },
  { row: "limits-bursts", peer: "shared", figure: "rate", leastRatio: 0.9 },
];

/** A sentence for each bound that does not hold, of the rows that were measured. */
export function broken(rows) {
  return bounds.flatMap((bound) => {
    const row = rows.find(({ id }) => id === bound.row);
    const ours = row?.peers[bound.peer ?? "ours"];
    if (ours === undefined || holds(bound, ours)) return [];
    return [describe(bound, ours, titles[row.base])];
  });
}

function holds({ figure, most = Infinity, mostRatio = Infinity, leastRatio = -Infinity }, ours) {
  // What is not a number does not hold.
  if (!(ours.figures[figure] <= most)) return false;
  const ratio = ours.ratios?.[figure];
  return ratio === undefined || (ratio <= mostRatio && ratio >= leastRatio);
}

function describe(bound, ours, base) {
  const { title, write } = figures[bound.figure];
  const percent = (ratio) => `${(ratio * 100).toFixed(1)} %`;
  const ratio = ours.ratios?.[bound.figure];
  const [is, must] =
    bound.most !== undefined
      ? [write(ours.figures[bound.figure]), `at most ${write(bound.most)}`]
      : bound.mostRatio !== undefined
        ? [percent(ratio), `at most ${percent(bound.mostRatio)} of ${base}`]
        : [`${ratio.toFixed(2)}x`, `at least ${bound.leastRatio}x of ${base}`];
  return `${bound.row}: ${title} is ${is}, and must be ${must}`;
}
