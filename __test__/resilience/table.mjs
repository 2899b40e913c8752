// The matrix as the table of docs/failover.md. Run as a program, it writes the table there.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { other, own, rows } from "./rows.mjs";

const times = ["", "", ", asked twice", ", asked three times"];

function gotOf(got) {
  if (got === own) return "the answer";
  if (got === other) return "**the other target's answer**";
  if (got.error !== undefined) {
    const name = got.status === undefined ? got.error : `${got.error} (${got.status})`;
    return got.text === undefined ? `\`${name}\`` : `the text so far, then \`${name}\``;
  }
  if (got.cut !== undefined) return "the text so far, then `StreamInterruptedError`";
  if (got.ends !== undefined) return "a stream without text";
  if (got.waits === "") return "nothing, for as long as the caller waits";
  if (got.waits !== undefined)
    return "the text so far, then nothing for as long as the caller waits";
  return got.gives === "error" ? "the error as if it were an answer" : `\`${got.gives}\``;
}

function cellOf([got, asked, next]) {
  return `${gotOf(got)}${times[asked ?? 1]}${next === other ? "; rests" : ""}`;
}

function joined({ json, stream }) {
  const [one, two] = [cellOf(json), cellOf(stream)];
  return one === two ? one : `JSON: ${one}<br>Stream: ${two}`;
}

export function table() {
  const lines = rows.map(
    (row) => `| ${row.what} | ${joined(row.compat)} | ${joined(row.resilient)} |`,
  );
  return [
    '| The target does | `"compat"` | `"resilient"` |',
    "| --- | --- | --- |",
    ...lines,
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = fileURLToPath(new URL("../../docs/failover.md", import.meta.url));
  const text = readFileSync(page, "utf8");
  // A function, for what $ would mean in a string.
  writeFileSync(
    page,
    text.replace(/\| The target does [^]*?\n(?=\n)/, () => table()),
  );
}
