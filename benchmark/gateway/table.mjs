// The figures as Markdown, for people.

import { median } from "../report/statistics.mjs";

/** Of each work, its figures: how they are called and how many digits they deserve. */
const columns = {
  requests: [
    ["rate", "requests/s", 0],
    ["errors", "errors", 0],
  ],
  latency: [
    ["median", "median ms", 3],
    ["p99", "p99 ms", 3],
    ["late", "not sent in time", 0],
  ],
  paced: [
    ["cpuPerChunk", "CPU µs per chunk", 2],
    ["rate", "chunks/s", 0],
  ],
  memory: [
    ["idle", "MB idle", 1],
    ["busy", "MB with the streams", 1],
  ],
  start: [["ms", "ms", 0]],
};

export function toMarkdown(about, measured) {
  const parts = measured.map(({ row, samples }) => section(row, samples));
  const machine = `${about.date}, ${about.cores} cores (${about.cpu}), ${about.os}, Node.js ${about.node}, ${about.commit}`;
  const rounds = `${about.rounds} rounds${about.quick ? ", quick" : ""}; load before: ${about.loadBefore.toFixed(1)}`;
  return [`${machine}. ${rounds}.`, ...parts].join("\n\n");
}

const line = (cells) => `| ${cells.join(" | ")} |`;

function section({ title, work }, samples) {
  const figures = columns[work];
  const [[first]] = figures;
  const middle = (name, figure) => median(samples[name].map((sample) => sample[figure]));
  const names = Object.keys(samples);
  const withOurs = names.includes("ours");
  const share = (name) => (middle("ours", first) / middle(name, first)).toFixed(2);
  const rows = names.map((name) => {
    const cells = figures.map(([figure, , digits]) => middle(name, figure).toFixed(digits));
    return line([name, ...cells, ...(withOurs ? [share(name)] : [])]);
  });
  const head = ["", ...figures.map(([, title]) => title)];
  if (withOurs) head.push("ours / this");
  return [`**${title}**`, "", line(head), line(head.map(() => "---")), ...rows].join("\n");
}
