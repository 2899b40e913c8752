// `model-multiplexer serve` from its start to its end: what it is told on the way, and what it says.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { startSimulator } from "../support/simulator.mjs";
import { command, configuration, serve } from "./serve.mjs";

let one;
let other;

before(async () => {
  [one, other] = await Promise.all([
    startSimulator({ defaults: { text: "one" } }),
    startSimulator({ defaults: { text: "other" } }),
  ]);
});

after(async () => {
  await Promise.all([one?.stop(), other?.stop()]);
});

const question = { model: "gpt-4o", messages: [{ role: "user", content: "Hello" }] };

async function ask(gateway, body = question, headers = {}) {
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { response, body: await response.json() };
}

const answer = async (gateway) => (await ask(gateway)).body.choices?.[0].message.content;

describe("reading the configuration again", () => {
  let gateway;

  before(async () => {
    gateway = await serve({ "providers.yaml": configuration([one.url]) }, { args: ["--no-watch"] });
  });

  after(async () => {
    await gateway?.stop();
  });

  test("on SIGHUP, later requests go by the new file", async () => {
    assert.equal(await answer(gateway), "one");
    gateway.write("providers.yaml", configuration([other.url]));
    assert.equal(await answer(gateway), "one");
    gateway.signal("SIGHUP");
    await gateway.read("the configuration has been read again");
    assert.equal(await answer(gateway), "other");
  });

  test("a wrong file changes nothing, and the log says what is wrong", async () => {
    gateway.write("providers.yaml", `${configuration([one.url])}routng: {}\n`);
    gateway.signal("SIGHUP");
    await gateway.read("the configuration stays as it was");
    const lines = gateway.output.stdout.trimEnd().split("\n");
    const line = lines.map((text) => JSON.parse(text)).find(({ level }) => level === "error");
    assert.equal(
      line.msg,
      'providers.yaml:4: routng: there is no such field; did you mean "routing"?',
    );
    assert.deepEqual([line.file, line.line, line.field], ["providers.yaml", 4, "routng"]);
    assert.equal(await answer(gateway), "other");
  });
});

test("a changed file is read again by itself, also where it has been replaced", async () => {
  const gateway = await serve({ "providers.yaml": configuration([one.url]) });
  try {
    assert.equal(await answer(gateway), "one");
    gateway.write("providers.yaml", configuration([other.url]));
    await gateway.read("the configuration has been read again");
    assert.equal(await answer(gateway), "other");
  } finally {
    await gateway.stop();
  }
});

test("SIGTERM lets a stream finish, takes nothing new, and exits with 0", async () => {
  await one.script({ defaults: { text: "a b c d e f g h", tokenIntervalMs: 60 } });
  const gateway = await serve({ "providers.yaml": configuration([one.url]) });
  const response = await fetch(`${gateway.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...question, stream: true }),
  });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = decoder.decode((await reader.read()).value, { stream: true });
  gateway.signal("SIGTERM");
  await gateway.read("no new requests are taken");
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    text += decoder.decode(step.value, { stream: true });
  }
  assert.match(text, /data: \[DONE\]/);
  assert.equal(await gateway.ended(), 0);
  assert.match(gateway.output.stdout, /"msg":"stopped"/);
  await assert.rejects(ask(gateway));
  await one.script({ defaults: { text: "one" } });
});

describe("asking a gateway that runs", () => {
  let gateway;

  before(async () => {
    gateway = await serve({ "providers.yaml": configuration([one.url, other.url]) });
  });

  after(async () => {
    await gateway?.stop();
  });

  test("status is a table of the providers", async () => {
    const { code, stdout } = await command(["status", "--url", gateway.url.replace("/v1", "")]);
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0], /^ok: 2 of 2 active, strategy exhaust/);
    assert.match(lines[2], /^PROVIDER +TYPE +STATUS +ERRORS +MODELS$/);
    assert.match(lines[3], /^a +openai-compatible +active +0 +gpt-4o$/);
  });

  test("explain tells who was asked, with what outcome, and who was passed over", async () => {
    await one.script({ defaults: { text: "one", fault: { kind: "status", status: 429 } } });
    const { response } = await ask(gateway);
    await one.script({ defaults: { text: "one" } });
    const id = response.headers.get("x-request-id");
    const url = gateway.url.replace("/v1", "");
    const { code, stdout } = await command(["explain", id, "--url", url]);
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split("\n");
    assert.match(lines[0], new RegExp(`^${id}: gpt-4o, 200 after \\d+ ms`));
    assert.match(stdout, /asked +a\/gpt-4o: rate_limited, \d+ ms/);
    assert.match(lines.at(-1), /asked +b\/gpt-4o: success, \d+ ms/);
    const unknown = await command(["explain", "nothing", "--url", url]);
    assert.equal(unknown.code, 1);
  });
});
