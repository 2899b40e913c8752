// What the README of ai-key-pool has its readers write, each as a program of its own that differs
// in what it imports, with the SDKs that it names. The environment says where the simulated
// providers are, and which keys there are.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { newKey, requestsOf } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const limit = { timeout: 60_000 };

let simulator;
let gemini;
before(async () => {
  simulator = await startSimulator({ defaults: { text: "Hello back" } });
  gemini = await startGemini();
});
after(async () => {
  await simulator.stop();
  gemini.server.close();
});

/** A server that speaks Gemini's own protocol: it answers the key "good" and limits all others. */
async function startGemini() {
  const keys = [];
  const server = createServer((request, response) => {
    request.resume();
    const key = request.headers["x-goog-api-key"];
    keys.push(key);
    const content = { role: "model", parts: [{ text: "Gemini says hello" }] };
    const answer = { candidates: [{ index: 0, content, finishReason: "STOP" }] };
    const error = { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED" };
    response.writeHead(key === "good" ? 200 : 429, { "content-type": "application/json" });
    response.end(JSON.stringify(key === "good" ? answer : { error }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, keys, url: `http://127.0.0.1:${server.address().port}` };
}

const newKeys = (count) => Array.from({ length: count }, () => newKey());

/** Runs a program whose keys behave so; it must end by itself, and complain of nothing. */
async function run(program, { gemini: ofGemini = "limited", behaviours = {} } = {}) {
  const keys = { openai: newKeys(2), openrouter: newKeys(3) };
  const pairs = Object.entries(behaviours).flatMap(([provider, of]) =>
    of.map((behaviour, index) => [keys[provider][index], behaviour]),
  );
  await simulator.script({ defaults: { text: "Hello back" }, keys: Object.fromEntries(pairs) });
  gemini.keys.length = 0;
  const file = fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], {
    env: {
      ...process.env,
      OPENAI_BASE_URL: simulator.url,
      OPENAI_KEYS: keys.openai.join(),
      OPENROUTER_BASE_URL: simulator.url,
      OPENROUTER_KEYS: keys.openrouter.join(),
      GOOGLE_GEMINI_BASE_URL: gemini.url,
      GEMINI_KEYS: ofGemini,
    },
    timeout: 45_000,
    killSignal: "SIGKILL",
  });
  assert.equal(stderr, "");
  const asked = async (provider) => {
    const requests = await Promise.all(keys[provider].map((key) => requestsOf(simulator, key)));
    return requests.map((of) => of.map(({ body }) => JSON.parse(body).model));
  };
  return { out: stdout.trimEnd(), keys, asked };
}

const status = (code) => ({ fault: { kind: "status", status: code } });

describe("ai-key-pool's README", () => {
  test("its quick start hands the first key and model to the handler", limit, async () => {
    const { out } = await run("quick-start");
    assert.equal(out, "key1 gpt-4o");
  });

  test(
    "its smallest example is answered, by the second key if the first is bad",
    limit,
    async () => {
      assert.equal((await run("minimal")).out, "Hello back");
      const { out, asked } = await run("minimal", { behaviours: { openai: [status(401)] } });
      assert.equal(out, "Hello back");
      assert.deepEqual(await asked("openai"), [["gpt-4o"], ["gpt-4o"]]);
    },
  );

  test("its fallback is answered by Google's SDK where that has a key", limit, async () => {
    const { out, asked } = await run("fallback", { gemini: "good" });
    assert.equal(out, "Gemini says hello");
    assert.deepEqual(await asked("openai"), [[], []]);
  });

  test("its fallback goes on to openai's SDK when Google's has no quota", limit, async () => {
    const { out, asked } = await run("fallback");
    assert.equal(out, "Hello back");
    assert.ok(gemini.keys.length > 0 && gemini.keys.every((key) => key === "limited"));
    assert.deepEqual(await asked("openai"), [["gpt-4o"], []]);
    assert.deepEqual(await asked("openrouter"), [[], [], []]);
  });

  test("its fallback ends with OpenRouter's SDK when all others fail", limit, async () => {
    const { out, asked } = await run("fallback", {
      behaviours: { openai: [status(401), status(403)], openrouter: [status(401)] },
    });
    assert.equal(out, "Hello back");
    assert.deepEqual(await asked("openai"), [["gpt-4o"], ["gpt-4o"]]);
    assert.deepEqual(await asked("openrouter"), [["gpt-4o"], ["gpt-4o"], []]);
  });

  test("its hooks are told what failed, with its fields", limit, async () => {
    const bad = status(404);
    const { out, keys } = await run("hooks", { behaviours: { openai: [bad, bad] } });
    const [first, second] = keys.openai;
    assert.deepEqual(JSON.parse(out), [
      ["key", "one", first, 404],
      ["key", "one", second, 404],
      ["model", "one", second, 404],
      ["key", "one", first, 404],
      ["key", "one", second, 404],
      ["provider", "one", second, 404],
    ]);
  });
});
