// What many rounds say: medians, of figures and of their ratios to the base. A ratio is taken within
// a round, where both peers had the same conditions.

import { baseOf } from "../peers/index.mjs";
import { median } from "./statistics.mjs";

export function summarize(row, rounds) {
  const base = baseOf(row);
  const peers = {};
  for (const peer of row.peers) {
    const names = Object.keys(rounds[0][peer]);
    const medians = (of) => Object.fromEntries(names.map((name) => [name, median(of(name))]));
    peers[peer] = {
      figures: medians((name) => rounds.map((round) => round[peer][name])),
      ...(base !== undefined && {
        ratios: medians((name) => rounds.map((round) => round[peer][name] / round[base][name])),
      }),
    };
  }
  const { id, group, title, unit, titles } = row;
  return { id, group, title, unit, titles, base, peers, rounds };
}
