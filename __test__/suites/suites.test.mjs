// Test suites of people who use the original, under their own test runners: they pass with the
// original, and they pass with ours in its place.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSimulator } from "../support/simulator.mjs";

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-suites-"));

let simulator;
before(async () => (simulator = await startSimulator()));
after(async () => {
  rmSync(folder, { recursive: true });
  await simulator.stop();
});

const runners = {
  jest: {
    command: (report) => [
      require.resolve("jest/bin/jest"),
      ...["--config", join(here, "jest/config.cjs"), "--ci", "--runInBand", "--silent"],
      ...["--json", "--outputFile", report],
    ],
    count: 34,
  },
  vitest: {
    command: (report) => [
      join(dirname(require.resolve("vitest/package.json")), "vitest.mjs"),
      ...["run", "--config", join(here, "vitest/config.mjs")],
      ...["--silent", "--reporter=json", "--outputFile", report],
    ],
    count: 16,
  },
};

for (const [runner, { command, count }] of Object.entries(runners)) {
  for (const subject of ["theirs", "ours"]) {
    test(`the programs of ${runner} pass with ${subject}`, { timeout: 60_000 }, async () => {
      const report = join(folder, `${runner}-${subject}.json`);
      const env = { ...process.env, SUBJECT: subject, SIMULATOR: simulator.url };
      // What tells node:test's children that they are such is not for another runner.
      delete env.NODE_TEST_CONTEXT;
      const child = spawn(process.execPath, command(report), { cwd: here, env });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text) => (output += text));
      }
      const [code] = await once(child, "close");
      assert.equal(code, 0, output);
      const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(
        readFileSync(report, "utf8"),
      );
      assert.deepEqual([numPassedTests, numFailedTests, numTotalTests], [count, 0, count], output);
      assert.doesNotMatch(output, /did not exit|open handle/i);
    });
  }
}
