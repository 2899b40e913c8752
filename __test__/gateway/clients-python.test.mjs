// The clients of the Python world that people point at a gateway: the openai package and the `llm`
// command, from PyPI, in an environment of their own in .cache/.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { key, said, startFleet } from "./fleet.mjs";

const run = promisify(execFile);
const python = fileURLToPath(new URL("../../.cache/python-clients/", import.meta.url));
const packages = ["openai==3.54.0", "llm==0.36"];

let fleet;
let folder;

before(async () => {
  await install();
  folder = mkdtempSync(join(tmpdir(), "python-"));
  fleet = await startFleet();
});

after(async () => {
  await fleet?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

/** Makes the environment, if it does not have these versions yet. */
async function install() {
  const marker = join(python, packages.join(" "));
  if (existsSync(marker)) return;
  await run("python3", ["-m", "venv", "--clear", python]);
  await run(join(python, "bin/pip"), ["install", "--quiet", ...packages]);
  writeFileSync(marker, "");
}

async function program(text) {
  const file = join(folder, "program.py");
  writeFileSync(file, text);
  const env = { PATH: process.env.PATH, OPENAI_BASE_URL: fleet.url, OPENAI_API_KEY: key };
  const { stdout } = await run(join(python, "bin/python"), [file], { env, timeout: 60_000 });
  return JSON.parse(stdout);
}

const head = `
import json, openai
from openai import OpenAI
client = OpenAI(max_retries=0)
messages = [{"role": "user", "content": "How is the sea?"}]
`;

test("openai: an answer, a stream, tools, embeddings and the models", async () => {
  const told = await program(`${head}
answer = client.chat.completions.create(model="gpt-4o", messages=messages)
stream = client.chat.completions.create(model="gpt-4o", messages=messages, stream=True)
text = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
tools = [{"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}]
called = client.chat.completions.create(model="tools", messages=messages, tools=tools)
vector = client.embeddings.create(model="gpt-4o", input="a", dimensions=3)
print(json.dumps({
    "answer": answer.choices[0].message.content,
    "text": text,
    "tool": called.choices[0].message.tool_calls[0].function.name,
    "dimensions": len(vector.data[0].embedding),
    "models": [model.id for model in client.models.list()],
}))
`);
  assert.equal(told.answer, said);
  assert.equal(told.text, said);
  assert.equal(told.tool, "get_weather");
  assert.equal(told.dimensions, 3);
  assert.ok(told.models.includes("gpt-4o"));
});

test("openai: errors are its classes", async () => {
  const told = await program(`${head}
def name(client, model):
    try:
        client.chat.completions.create(model=model, messages=messages)
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code]
print(json.dumps([
    name(client, "none"),
    name(client, "wrong"),
    name(OpenAI(api_key="mm-another", max_retries=0), "gpt-4o"),
]))
`);
  assert.deepEqual(told, [
    ["NotFoundError", 404],
    ["BadRequestError", 400],
    ["AuthenticationError", 401],
  ]);
});

test("openai: closing a stream ends the request at the provider", async () => {
  const told = await program(`${head}
with client.chat.completions.create(model="endless", messages=messages, stream=True) as stream:
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            break
print(json.dumps("left"))
`);
  assert.equal(told, "left");
  await fleet.left("endless");
});

test("llm: a prompt at once and as a stream", async () => {
  const models = `- { model_id: sea, model_name: gpt-4o, api_base: "${fleet.url}", api_key_name: gateway }\n`;
  writeFileSync(join(folder, "extra-openai-models.yaml"), models);
  const env = { PATH: process.env.PATH, HOME: folder, LLM_USER_PATH: folder };
  for (const more of [[], ["--no-stream"]]) {
    const args = ["prompt", "-m", "sea", "--key", key, ...more, "How is the sea?"];
    const child = run(join(python, "bin/llm"), args, { env, timeout: 60_000 });
    child.child.stdin.end();
    assert.equal((await child).stdout.trim(), said);
  }
});
