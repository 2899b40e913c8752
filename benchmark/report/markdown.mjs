// The tables.

import { titles } from "../peers/index.mjs";
import { columns, others } from "./figures.mjs";

export function toMarkdown(about, rows) {
  const bases = [...new Set(rows.map(({ base }) => base))].filter((base) => base !== undefined);
  return [
    `${header(about)}\n`,
    "### Figures\n",
    table(
      ["Row", "Peer", "Per", ...heads("figures"), "More"],
      rows.flatMap((row) => linesOf(row, "figures", write)),
    ),
    ...bases.flatMap((base) => [
      `\n### Relative to ${titles[base]}\n`,
      table(
        ["Row", "Peer", ...heads("ratios"), "More"],
        rows.filter((row) => row.base === base).flatMap((row) => linesOf(row, "ratios", share)),
      ),
    ]),
    "\n### Rows\n",
    ...rows.map((row) => `- ${row.id}: ${row.title}.`),
  ].join("\n");
}

function header(about) {
  const versions = Object.entries(about.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${about.date}, ${about.cpu}, ${about.cores} cores, ${about.memoryGb} GB, ${about.os},`,
    `Node ${about.node}; ${versions.join(", ")}${about.commit ? `; commit ${about.commit}` : ""};`,
    `medians of ${about.rounds} rounds${about.quick ? ", quick" : ""};`,
    `load before ${about.loadBefore.toFixed(1)}. A is @upstash/model-multiplexer.`,
  ].join("\n");
}

function heads(kind) {
  return columnsOf(kind).map(([, column]) => column.title);
}

function columnsOf(kind) {
  return Object.entries(columns).filter(([, column]) => kind === "figures" || !column.absoluteOnly);
}

function linesOf(row, kind, toText) {
  return Object.entries(row.peers).map(([peer, summary]) => {
    const values = summary[kind];
    const cell = (name, { write: form }) =>
      values[name] === undefined ? "" : toText(values[name], form, name);
    const more = Object.entries(others)
      .filter(([name]) => values[name] !== undefined)
      .map(([name, figure]) => `${figure.title} ${cell(name, figure)}`);
    return [
      row.id,
      row.titles?.[peer] ?? titles[peer],
      ...(kind === "figures" ? [row.unit] : []),
      ...columnsOf(kind).map(([name, figure]) => cell(name, figure)),
      more.join(", "),
    ];
  });
}

function write(value, form) {
  return form(value);
}

/** How often as many, or what part of it. */
function share(ratio, _form, name) {
  if (name === "rate") return `${ratio.toFixed(ratio < 10 ? 2 : 1)}x`;
  const percent = ratio * 100;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function table(head, lines) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...lines.map(line)].join("\n");
}
