// What must hold, as medians over the rounds.

import { median } from "../report/statistics.mjs";

const atLeast = (row, figure, peer, factor) => ({ row, figure, peer, factor, least: true });
const atMost = (row, figure, peer, factor) => ({ row, figure, peer, factor, least: false });

/** Ours against a multiple of a peer's. */
const ratios = [
  atLeast("json", "rate", "haproxy", 0.45),
  atLeast("json", "rate", "onwards", 2),
  atLeast("json", "rate", "portkey", 30),
  atLeast("json", "rate", "litellm", 300),
  atMost("paced", "cpuPerChunk", "haproxy", 2),
];

/** Ours by itself, or over what it is without a gateway. */
const figures = [
  { row: "latency", figure: "median", over: "direct", most: 0.15, unit: "ms over direct" },
  { row: "memory", figure: "idle", most: 40, unit: "MB idle" },
  { row: "memory", figure: "busy", most: 200, unit: "MB with 1,000 streams" },
  { row: "start", figure: "ms", most: 100, unit: "ms from the start to the first answer" },
];

/** The bounds that do not hold, in words. Those of rows and peers that were left out are not looked at. */
export function broken(measured) {
  const middle = (row, peer, figure) => {
    const samples = measured.find((one) => one.row.id === row)?.samples[peer];
    return samples && median(samples.map((sample) => sample[figure]));
  };
  const failures = [];
  for (const { row, figure, peer, factor, least } of ratios) {
    const ratio = middle(row, "ours", figure) / middle(row, peer, figure);
    if (Number.isNaN(ratio)) continue;
    if (least ? ratio >= factor : ratio <= factor) continue;
    const limit = `${least ? "at least" : "at most"} ${factor} of ${peer}`;
    failures.push(`${row}, ${figure}: ${ratio.toFixed(2)}, and should be ${limit}`);
  }
  for (const { row, figure, over, most, unit } of figures) {
    const base = over === undefined ? 0 : middle(row, over, figure);
    const value = middle(row, "ours", figure) - base;
    if (Number.isNaN(value) || value <= most) continue;
    failures.push(`${row}: ${value.toFixed(2)} ${unit}, and should be at most ${most}`);
  }
  return failures;
}
