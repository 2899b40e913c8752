// A conversation through several providers, one of which is limited. Uses real providers where
// their keys are set (OPENAI_API_KEY, GROQ_API_KEY, …), else three simulated ones.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Multiplexer } from "model-multiplexer";

const realProviders = [
  ["OPENAI_API_KEY", "https://api.openai.com/v1", "gpt-4.1-mini"],
  ["GROQ_API_KEY", "https://api.groq.com/openai/v1", "llama-3.3-70b-versatile"],
  ["CEREBRAS_API_KEY", "https://api.cerebras.ai/v1", "llama-3.3-70b"],
  ["OPENROUTER_API_KEY", "https://openrouter.ai/api/v1", "meta-llama/llama-3.3-70b-instruct"],
  ["MISTRAL_API_KEY", "https://api.mistral.ai/v1", "mistral-small-latest"],
  ["DEEPSEEK_API_KEY", "https://api.deepseek.com/v1", "deepseek-chat"],
];

const questions = [
  "What is a rate limit?",
  "Why do providers have them?",
  "What should a client do when it meets one?",
  "And if it has several providers?",
];

/** One of the simulated providers takes one request a minute; its text says who answers. */
const script = {
  port: 0,
  defaults: { firstTokenMs: 120, tokenIntervalMs: 25 },
  models: {
    "north-large": {
      limits: { rpm: 1 },
      text: "North here: I answer once a minute and send everybody else away with a 429.",
    },
    "south-large": {
      text: "South here: when a neighbour is limited, its share of the calls comes to me.",
    },
    "west-small": {
      text: "West here: I am the fallback, asked only when nobody else can be.",
    },
  },
};

async function startSimulator() {
  const bin = fileURLToPath(new URL("../bin/model-multiplexer.mjs", import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), "quickstart-"));
  const file = join(folder, "script.json");
  await writeFile(file, JSON.stringify(script));
  const args = [bin, "simulate", "--json", "--exit-with-stdin", "--script", file];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  await rm(folder, { recursive: true });
  return { url: JSON.parse(line).url, stop: () => child.stdin.end() };
}

function addRealProviders(multiplexer) {
  const set = realProviders.filter(([name]) => process.env[name]);
  for (const [name, baseURL, model] of set) {
    multiplexer.addModel({ baseURL, apiKey: process.env[name] }, 1, model);
  }
  return set.map(([, , model]) => model);
}

function addSimulatedProviders(multiplexer, url) {
  const provider = { baseURL: url, apiKey: "sk-simulated" };
  multiplexer.addModel(provider, 9, "north-large");
  multiplexer.addModel(provider, 1, "south-large");
  multiplexer.addFallbackModel(provider, 1, "west-small");
}

async function converse(multiplexer) {
  const messages = [{ role: "system", content: "Answer in one sentence." }];
  for (const question of questions) {
    messages.push({ role: "user", content: question });
    console.log(`\nYou: ${question}`);
    const stream = await multiplexer.chat.completions.create({ messages, stream: true });
    let answer = "";
    let model = "";
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta?.content ?? "";
      if (model === "") process.stdout.write(`${(model = chunk.model)}: `);
      process.stdout.write(text);
      answer += text;
    }
    console.log();
    messages.push({ role: "assistant", content: answer });
  }
}

const multiplexer = new Multiplexer();
const real = addRealProviders(multiplexer);
let simulator;
if (real.length > 0) {
  console.log(`Real providers: ${real.join(", ")}`);
} else {
  simulator = await startSimulator();
  addSimulatedProviders(multiplexer, simulator.url);
  console.log(
    "No provider's key is set: three simulated providers, of which north-large is limited.",
  );
}
await converse(multiplexer);
console.log("\nWho answered:");
console.table(multiplexer.getStats());
await multiplexer.close();
simulator?.stop();
