// Every fault of the simulator under each policy, as JSON and as a stream: what the caller gets,
// how often the targets are asked, what rests, and that nothing is left behind.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { startSimulator } from "../support/simulator.mjs";
import { play } from "./matrix.mjs";
import { own, rows } from "./rows.mjs";
import { table } from "./table.mjs";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

/** What a cell says of the errors that it does not name. */
const plain = (value) => JSON.parse(JSON.stringify(value ?? null));

describe("the matrix", { concurrency: 12, timeout: 240_000 }, () => {
  for (const row of rows) {
    for (const policy of ["compat", "resilient"]) {
      for (const form of ["json", "stream"]) {
        const cell = row[policy][form];
        test(`${row.what}: ${policy}, ${form}`, async () => {
          // Connections to one server are shared, also one that is about to be reset: where that
          // matters, a cell has a server to itself.
          const isAlone =
            row.warm === true ||
            row.http2 === true ||
            row.fault?.early === true ||
            row.server !== undefined;
          const own = isAlone ? await startSimulator(row.server) : undefined;
          const played = await play(own ?? simulator, row, policy, form, cell);
          await own?.stop();
          const { got, asked, next, tookTooLong, outcomes } = played;
          const expected = { got: cell[0], asked: cell[1], next: cell[2] };
          if (cell[0].error !== undefined && cell[0].code === undefined) delete got.code;
          assert.deepEqual(plain({ got, asked, next }), plain(expected));
          assert.equal(tookTooLong, false);
          const isRefusal = ["status", "refusal"].includes(row.fault?.kind);
          // What is no refusal goes by the SDK's own names under compat.
          if (policy === "compat" && !(isRefusal && cell[0].error !== undefined)) return;
          const outcome = typeof row.outcome === "object" ? row.outcome[form] : row.outcome;
          assert.deepEqual(outcomes, outcome === undefined ? [] : [outcome]);
        });
      }
    }
  }
});

describe("the matrix with midStream: recover", { concurrency: 12, timeout: 240_000 }, () => {
  const broken = rows.filter(({ resilient }) => resilient.stream[0].cut !== undefined);
  assert.ok(broken.length >= 8, String(broken.length));
  for (const row of broken) {
    test(row.what, async () => {
      const played = await play(simulator, row, "recover", "stream", [own, 1]);
      assert.deepEqual([played.got, played.asked, played.tookTooLong], [own, 1, false]);
      const outcome = typeof row.outcome === "object" ? row.outcome.stream : row.outcome;
      assert.deepEqual(played.outcomes, [outcome]);
    });
  }
});

test("every fault of the simulator has a row", () => {
  const source = read("crates/simulator/src/behaviour/fault/written.rs");
  const [, kinds] = /enum Kind \{([^}]*)\}/.exec(source);
  const names = kinds.match(/\w+/g).map((name) => name[0].toLowerCase() + name.slice(1));
  assert.ok(names.length >= 20, String(names));
  const covered = new Set(rows.map(({ fault }) => fault?.kind));
  assert.deepEqual(
    names.filter((name) => !covered.has(name)),
    [],
  );
});

test("every reason for which providers refuse has a row", () => {
  const [ofReasons] = read("docs/simulator.md").split("| `reason` ")[1].split("\n\n");
  const reasons = [...ofReasons.matchAll(/^\| `(\w+)` /gm)].map((match) => match[1]);
  assert.ok(reasons.includes("badRequest"), String(reasons));
  const covered = new Set(rows.map(({ fault }) => fault?.reason));
  assert.deepEqual(
    reasons.filter((reason) => !covered.has(reason)),
    [],
  );
});

test("docs/failover.md has the matrix as its table", () => {
  assert.ok(
    read("docs/failover.md").includes(table()),
    "run node __test__/resilience/table.mjs to write the table anew",
  );
});
