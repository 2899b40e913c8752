// Every example in the README and in docs/ is run as it stands, with the addresses of real
// providers replaced by a simulated one's.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";

import { startRedis } from "../support/redis.mjs";
import { startSimulator } from "../support/simulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** The fenced blocks of a page, with their language and line. */
function examples(page) {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1],
    code: match[2],
    line: text.slice(0, match.index).split("\n").length,
  }));
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];

/** What the examples' provider does. The model that examples parse answers with JSON. */
const script = { defaults: { tokens: 5 }, models: { "gpt-4.1": { text: '{"city":"Paris"}' } } };

let simulator;
let redis;
let folder;

before(async () => {
  simulator = await startSimulator(script);
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), "examples-"));
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["ai", "@ai-sdk", "@langchain"]) {
    symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  symlinkSync(root, join(folder, "node_modules", "model-multiplexer"));
  symlinkSync(join(root, "node_modules/openai7"), join(folder, "node_modules", "openai"));
});

after(async () => {
  await simulator?.stop();
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs TypeScript as a program of its own and gives back what it prints. */
async function runProgram(code, file) {
  const local = code
    .replaceAll(/https?:\/\/[^"'`\s]+\/v1/g, simulator.url)
    .replaceAll("redis://localhost:6379", redis.url);
  const { code: script } = await transform(local, {
    loader: "ts",
    target: "node20",
    format: "esm",
  });
  writeFileSync(join(folder, file), script);
  const env = {
    PATH: process.env.PATH,
    OPENAI_API_KEY: "sk-example",
    GROQ_API_KEY: "gsk-example",
    CEREBRAS_API_KEY: "csk-example",
    MODEL_MULTIPLEXER_GROQ_BASE_URL: simulator.url,
    MODEL_MULTIPLEXER_CEREBRAS_BASE_URL: simulator.url,
    MODEL_MULTIPLEXER_OPENAI_BASE_URL: simulator.url,
    GEMINI_API_KEY: "gemini-example",
    OPENAI_BASE_URL: simulator.url,
  };
  const { stdout } = await run(process.execPath, [join(folder, file)], { env, timeout: 30_000 });
  return stdout;
}

for (const page of pages) {
  describe(page, () => {
    for (const { language, code, line } of examples(page)) {
      const name = `the ${language} example at line ${line}`;
      if (language === "ts") {
        test(`${name} runs`, async () => {
          const printed = await runProgram(code, `${page.replaceAll(/\W/g, "-")}-${line}.mjs`);
          assert.notEqual(printed, "");
        });
      } else if (language === "json") {
        test(`${name} is taken by the simulator`, async () => {
          const value = JSON.parse(code);
          // A whole script, or one behaviour.
          const keys = ["defaults", "models", "keys"];
          const isScript = Object.keys(value).every((key) => keys.includes(key));
          const response = await simulator.script(isScript ? value : { defaults: value });
          assert.equal(response.status, 204, await response.text());
          await simulator.script(script);
        });
      }
    }
  });
}

test("the quick start answers every question and meets the limit", async () => {
  const env = { PATH: process.env.PATH };
  const { stdout, stderr } = await run(process.execPath, ["examples/quickstart.mjs"], {
    cwd: root,
    env,
  });
  assert.match(stdout, /south-large: South here/);
  assert.match(stdout, /You: And if it has several providers\?\n(.*\n)?(north|south)-large: \w+/);
  assert.match(stderr, /Model north-large hit rate limit\. Trying next model\./);
});

test("the command line tells its commands, and refuses one that does not exist", async () => {
  const bin = join(root, "bin/model-multiplexer.mjs");
  const { stdout } = await run(process.execPath, [bin, "--help"]);
  assert.match(stdout, /simulate/);
  const failed = await run(process.execPath, [bin, "serv"]).catch((error) => error);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /there is no command "serv"/);
  for (const args of [
    ["--port", "70000"],
    ["--port", "x"],
    ["--nonsense"],
    ["--script", "/none"],
  ]) {
    const wrong = await run(process.execPath, [bin, "simulate", ...args]).catch((error) => error);
    assert.equal(wrong.code, 2, args.join(" "));
    assert.notEqual(wrong.stderr, "");
  }
});
