// Every difference is listed with its reason in docs/compatibility.md, and nothing else is.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { differences } from "./differences.mjs";

const text = readFileSync(new URL("../../docs/compatibility.md", import.meta.url), "utf8");
const [, section] = text.split("### Through the SDK and through the multiplexer\n");
const [table] = section.split("\n#");
const rows = [...table.matchAll(/^\| ([^|]+) \| ([\d, ]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)];

test("the table has a row for each difference, with its versions and a reason", () => {
  const documented = rows.map(([, row, versions]) => [row, versions]);
  const meant = Object.values(differences).map(({ row, versions }) => [row, versions.join(", ")]);
  assert.deepEqual(documented.sort(), meant.sort());
  for (const [, row, , , , reason] of rows) assert.ok(reason.trim().length > 10, row);
});

test("each difference is shown by a test", () => {
  const folder = new URL(".", import.meta.url);
  const tests = readdirSync(folder)
    .filter((name) => name.endsWith(".test.mjs"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"))
    .join("\n");
  const unused = Object.keys(differences).filter((name) => !tests.includes(`differences.${name}`));
  assert.deepEqual(unused, []);
});
