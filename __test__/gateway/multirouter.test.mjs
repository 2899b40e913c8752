// What users of MultiRouter AI have: its file, its environment and its requests, from the first steps of
// its README to the last. Only the command is another one, and providers are simulated (base_url).

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { startSimulator } from "../support/simulator.mjs";
import { serve } from "./serve.mjs";

let groq1;
let groq2;
let local;

before(async () => {
  [groq1, groq2, local] = await Promise.all(
    ["first", "second", "third"].map((text) => startSimulator({ defaults: { text } })),
  );
});

after(async () => {
  await Promise.all([groq1, groq2, local].map((simulator) => simulator?.stop()));
});

const limited = { defaults: { fault: { kind: "status", status: 429 }, retryAfter: null } };

/** The README's file, with simulated providers, and instances that have no key. */
const file = (seconds) => `
routing:
  default_strategy: exhaust # exhaust | round-robin
  retry_after_seconds: ${seconds} # Re-enable failed providers after this time

providers:
  # Free tiers first
  - id: groq-1
    type: groq
    base_url: ${groq1.url}
    api_key: gsk_first_key
    models:
      - llama-3.3-70b-versatile
      - llama-3.1-8b-instant
    priority: 1

  - id: groq-2
    type: groq
    base_url: ${groq2.url}
    api_key: \${GROQ_KEY_2}
    models:
      - llama-3.3-70b-versatile

  - id: gemini-1
    type: gemini
    api_key:
    models:
      - gemini-2.5-flash

  # Custom local endpoint
  - id: ollama
    type: openai-compatible
    base_url: ${local.url}
    api_key: ollama
    models:
      - llama3.2
`;

const start = (seconds, env) =>
  serve({ "providers.yaml": file(seconds), ".env": `GROQ_KEY_2=gsk_second_key\n${env}` });

/** Runs curl as the README has it, with these further arguments. */
async function curl(url, ...more) {
  const json = ["-H", "Content-Type: application/json"];
  const { stdout } = await promisify(execFile)("curl", ["-sS", "-N", url, ...json, ...more]);
  return stdout;
}

const asking = (model, more) =>
  JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }], ...more });

describe("a gateway without a key", () => {
  let gateway;
  before(async () => {
    gateway = await start(300, "NODE_ENV=production\nLOG_LEVEL=warn\nRATE_LIMIT_MAX=0\n");
  });
  after(async () => assert.equal(await gateway?.stop(), 0));

  const ask = async (model, more) =>
    JSON.parse(await curl(`${gateway.url}/chat/completions`, "-d", asking(model, more)));
  const said = async (model) => (await ask(model)).choices[0].message.content;

  test("streams, as the first request of the README", async () => {
    const body = asking("llama-3.3-70b-versatile", { stream: true });
    const stream = await curl(`${gateway.url}/chat/completions`, "-d", body);
    const events = stream.trimEnd().split("\n\n");
    const [head, ...rest] = events.map((event) => event.replace(/^data: /, ""));
    const first = JSON.parse(head);
    assert.equal(first.object, "chat.completion.chunk");
    assert.equal(first.choices[0].delta.role, "assistant");
    assert.equal(rest.pop(), "[DONE]");
    assert.equal(JSON.parse(rest.pop()).choices[0].finish_reason, "stop");
  });

  test("takes the request body that it shows, and hands every field on", async () => {
    const messages = [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content: "Hello!" },
    ];
    const body = { messages, stream: false, temperature: 0.7, max_completion_tokens: 4096 };
    await groq1.clearJournal();
    const answer = await ask("llama-3.3-70b-versatile", body);
    assert.equal(answer.object, "chat.completion");
    const [request] = await groq1.journal();
    assert.deepEqual(JSON.parse(request.body), { model: "llama-3.3-70b-versatile", ...body });
    assert.equal(request.key, "gsk_first_key");
  });

  test("lists each model once, with the one that stands for all", async () => {
    const { object, data } = JSON.parse(await curl(`${gateway.url}/models`));
    assert.equal(object, "list");
    assert.ok(data.every((model) => model.object === "model" && model.created > 1_700_000_000));
    assert.deepEqual(
      data.map(({ id, owned_by }) => [id, owned_by]),
      [
        ["multirouter-auto", "multirouter"],
        ["llama-3.3-70b-versatile", "groq"],
        ["llama-3.1-8b-instant", "groq"],
        ["llama3.2", "openai-compatible"],
      ],
    );
  });

  test("tells its health in the same shape, without instances that have no key", async () => {
    const health = JSON.parse(await curl(`${gateway.url.replace("/v1", "")}/health`));
    const { providers, timestamp, ...rest } = health;
    const routing = { defaultStrategy: "exhaust", retryAfterSeconds: 300 };
    assert.deepEqual(rest, { status: "ok", routing, providerCount: 3, activeCount: 3 });
    assert.ok(!Number.isNaN(Date.parse(timestamp)));
    assert.deepEqual(providers[0], {
      id: "groq-1",
      type: "groq",
      status: "active",
      models: ["llama-3.3-70b-versatile", "llama-3.1-8b-instant"],
      errorCount: 0,
    });
    assert.deepEqual(
      providers.map(({ id }) => id),
      ["groq-1", "groq-2", "ollama"],
    );
    assert.match(gateway.output.stdout, /instance \\"gemini-1\\" is skipped: it has no API key/);
  });

  test("goes round all instances for multirouter-auto, and passes over who is limited", async () => {
    const round = [];
    for (let n = 0; n < 6; n++) round.push(await said("multirouter-auto"));
    assert.deepEqual(round.slice(0, 3).sort(), ["first", "second", "third"]);
    assert.deepEqual(round.slice(3), round.slice(0, 3));
    await groq2.script(limited);
    const without = new Set();
    for (let n = 0; n < 3; n++) without.add(await said("multirouter-auto"));
    assert.deepEqual([...without].sort(), ["first", "third"]);
    await groq2.script({ defaults: { text: "second" } });
  });

  test("says what is wrong in the same words", async () => {
    const none = await ask("no-such-model");
    assert.equal(none.error.code, "model_not_found");
    const url = `${gateway.url}/chat/completions`;
    const wrong = async (body) => JSON.parse(await curl(url, "-d", body)).error.message;
    const messages = "messages is required and must be a non-empty array";
    assert.equal(await wrong('{"model":"llama3.2"}'), messages);
    assert.equal(await wrong('{"messages":[{"role":"user","content":"Hi"}]}'), "model is required");
  });
});

test("an exhausted instance gives way to the next, and comes back after its time", async () => {
  const gateway = await start(2, "RATE_LIMIT_MAX=0\n");
  const ask = async () => {
    const body = asking("llama-3.3-70b-versatile");
    return JSON.parse(await curl(`${gateway.url}/chat/completions`, "-d", body));
  };
  const said = async () => (await ask()).choices?.[0].message.content;
  try {
    assert.equal(await said(), "first");
    await groq1.script(limited);
    assert.equal(await said(), "second");
    await groq2.script(limited);
    const { error } = await ask();
    assert.equal(error.message, 'All providers for model "llama-3.3-70b-versatile" are exhausted');
    await groq1.script({ defaults: { text: "first" } });
    await groq2.script({ defaults: { text: "second" } });
    const tooLate = Date.now() + 20_000;
    while ((await said()) !== "first") {
      assert.ok(Date.now() < tooLate, "it never comes back");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await gateway.stop();
  }
});

test("API_KEY is asked for where it is set, and addresses without it have a limit", async () => {
  const gateway = await start(300, "API_KEY=let-me-in\nRATE_LIMIT_MAX=3\n");
  const url = `${gateway.url}/chat/completions`;
  const body = asking("llama-3.3-70b-versatile");
  const authorized = (key) => ["-H", `Authorization: Bearer ${key}`, "-d", body];
  const message = async (...more) => JSON.parse(await curl(url, ...more)).error.message;
  try {
    for (let n = 0; n < 5; n++) {
      const { choices } = JSON.parse(await curl(url, ...authorized("let-me-in")));
      assert.equal(choices[0].message.content, "first");
    }
    assert.equal(await message("-d", body), "Missing or invalid Authorization header");
    assert.equal(await message(...authorized("another")), "Invalid API key");
    // Health needs no key and has no limit; the list of models needs none.
    assert.equal(JSON.parse(await curl(`${gateway.url}/models`)).object, "list");
    assert.match(await message("-d", body), /^Too many requests/);
    assert.equal(JSON.parse(await curl(`${gateway.url.replace("/v1", "")}/health`)).status, "ok");
  } finally {
    await gateway.stop();
  }
});
