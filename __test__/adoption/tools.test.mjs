// The tools that people put around OpenAI clients, and under them: what they see of a client's
// calls they also see of a multiplexer's over it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isNative, requestsOf } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const program = fileURLToPath(new URL("tools.mjs", import.meta.url));
const limit = { timeout: 60_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

/** Tools, with the SDK versions whose clients they work with and the reason that is given. */
const tools = {
  none: { versions: [4, 5, 6, 7], reason: /unmodified/ },
  langfuse: { versions: [4, 6, 7], reason: /OpenAI client|wrapped|replaced/ },
  langsmith: { versions: [4, 6, 7], reason: /OpenAI client|wrapped|replaced/ },
  braintrust: { versions: [4, 6, 7], reason: /OpenAI client|wrapped|replaced/ },
  sentry: { versions: [4, 6, 7], reason: /OpenAI client|wrapped|replaced|subscribes/ },
  openinference: { versions: [4, 6, 7], reason: /replaced/ },
  "opentelemetry-undici": { versions: [5, 6, 7], reason: /subscribes/ },
  "undici-dispatcher": { versions: [5, 6, 7], reason: /dispatcher/ },
  "undici-proxy": { versions: [5, 6, 7], reason: /dispatcher/ },
  msw: { versions: [4, 5, 6, 7], reason: /replaced/ },
  nock: { versions: [4, 5, 6, 7], reason: /replaced/ },
};

for (const [tool, { versions, reason }] of Object.entries(tools)) {
  for (const version of versions) {
    const native = tool === "none";
    const what = native
      ? "a client that nobody watches is the engine's"
      : `${tool} sees what it saw`;
    test(`${what}, with openai ${version}`, limit, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [program, tool, version], {
        env: { ...process.env, SIMULATOR: simulator.url },
      });
      const outcome = JSON.parse(stdout.trim().split("\n").at(-1));
      assert.equal(outcome.transport, native ? "native" : "client");
      assert.match(outcome.reason, reason);
      assert.deepEqual([outcome.bySdk, outcome.byUs], [!native, !native], "what the tool saw");
      const requests = await requestsOf(simulator, outcome.key);
      assert.deepEqual(requests.map(isNative), [false, native]);
    });
  }
}
