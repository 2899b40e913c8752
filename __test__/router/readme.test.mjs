// What the README of free-tier-router has its readers write, each as a program of its own that
// differs in what it imports. The environment says where the simulated providers are.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { newKey, requestsOf } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 60_000 };

let simulator;
before(async () => {
  simulator = await startSimulator({ defaults: { text: "Hello back" } });
});
after(() => simulator.stop());

/** Runs a program with two keys, which behave so; it must end by itself, and complain of nothing. */
async function run(program, { groq, cerebras } = {}) {
  const keys = { groq: newKey(), cerebras: newKey() };
  const behaviours = { [keys.groq]: groq, [keys.cerebras]: cerebras };
  await simulator.script({
    defaults: { text: "Hello back" },
    keys: Object.fromEntries(Object.entries(behaviours).filter(([, behaviour]) => behaviour)),
  });
  const file = fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
    env: {
      ...process.env,
      GROQ_API_KEY: keys.groq,
      CEREBRAS_API_KEY: keys.cerebras,
      MODEL_MULTIPLEXER_GROQ_BASE_URL: simulator.url,
      MODEL_MULTIPLEXER_CEREBRAS_BASE_URL: simulator.url,
    },
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  assert.equal(stderr, "");
  const asked = async (provider) => (await requestsOf(simulator, keys[provider])).length;
  return { lines: stdout.trimEnd().split("\n"), asked };
}

const refused = { fault: { kind: "status", status: 429 }, retryAfter: 60 };

describe("free-tier-router's README", () => {
  test("its quick start is answered by the first provider", limit, async () => {
    const { lines, asked } = await run("quick-start");
    assert.deepEqual(lines, ["Hello back", "Hello back", "groq gpt-oss-120b"]);
    assert.deepEqual([await asked("groq"), await asked("cerebras")], [2, 0]);
  });

  test("its quick start goes to the second provider when the first limits it", limit, async () => {
    const { lines, asked } = await run("quick-start", { groq: refused });
    assert.deepEqual(lines, ["Hello back", "Hello back", "cerebras gpt-oss-120b"]);
    assert.equal(await asked("cerebras"), 2);
  });

  test("its whole configuration is taken, and means what it says", limit, async () => {
    const { lines } = await run("configuration");
    assert.deepEqual(lines, ["groq llama-3.1-8b"]);
    const second = await run("configuration", { groq: refused });
    assert.deepEqual(second.lines, ["cerebras llama-3.1-8b"]);
  });

  test("the models and generic names that it lists are there", limit, async () => {
    const { lines } = await run("models");
    assert.deepEqual(lines, [
      "llama-3.3-70b: llama-3.3-70b",
      "qwen-3-32b: qwen-3-32b",
      "llama-3.1-8b: llama-3.1-8b",
      "best: gpt-oss-120b",
      "best-large: llama-3.3-70b",
      "best-medium: gpt-oss-20b",
      "best-small: llama-3.1-8b",
      "fast: llama-3.1-8b",
    ]);
  });

  test("its stream is read to the end", limit, async () => {
    const { lines } = await run("streaming");
    assert.deepEqual(lines, ["Hello back", "groq llama-3.3-70b"]);
  });

  test("its stream comes from the second provider when the first limits it", limit, async () => {
    const { lines } = await run("streaming", { groq: refused });
    assert.deepEqual(lines, ["Hello back", "cerebras llama-3.3-70b"]);
  });

  test(
    "every method of its reference is there, and close() need not be awaited",
    limit,
    async () => {
      const { lines } = await run("reference");
      const told = JSON.parse(lines[0]);
      assert.deepEqual(told.texts, ["Hello back", "Hello back"]);
      assert.deepEqual([told.chunks, told.isAvailable], [true, true]);
      const tiers = Object.fromEntries(
        told.models.map(({ id, tier, family }) => [id, [tier, family]]),
      );
      assert.equal(tiers["llama-3.3-70b"][0], 3);
      assert.equal(tiers["qwen-3-32b"][0], 2);
      assert.equal(tiers["llama-3.1-8b"][0], 1);
      const of = ({ provider, model }) => provider === "groq" && model === "llama-3.1-8b";
      const { rpm } = told.quotas.find(of).quota.limits;
      assert.equal(rpm.limit - rpm.remaining, 3);
    },
  );
});
