// Calls by way of a proxy: by option, or as the environment says where the program asks for that.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Multiplexer } from "../../index.mjs";
import { startConnectProxy } from "../support/connect-proxy.mjs";
import { startSimulator } from "../support/simulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const body = { model: "any", messages: [{ role: "user", content: "hi" }] };

let simulator;
let secure;
let proxy;
let folder;
let authority;

before(async () => {
  [simulator, secure, proxy] = await Promise.all([
    startSimulator(),
    startSimulator({ tls: true }),
    startConnectProxy(),
  ]);
  folder = mkdtempSync(join(tmpdir(), "proxy-"));
  authority = join(folder, "ca.pem");
  writeFileSync(authority, secure.ca);
});

after(async () => {
  await Promise.all([simulator?.stop(), secure?.stop(), proxy?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function over(url, options, modelOptions) {
  const multiplexer = new Multiplexer({ logger: false, ...options });
  multiplexer.addModel({ baseURL: url, apiKey: "sk-any" }, 1, "gpt", modelOptions);
  return multiplexer;
}

/** What a program of its own prints that makes one call. */
async function inProgram(url, env) {
  const program = `
    const { Multiplexer } = require(${JSON.stringify(root)});
    const multiplexer = new Multiplexer({ logger: false });
    multiplexer.addModel({ baseURL: process.env.URL, apiKey: "sk-any" }, 1, "gpt");
    multiplexer.chat.completions
      .create({ model: "any", messages: [] })
      .then(({ model }) => console.log(model), (error) => console.log(error.message));`;
  const { stdout } = await run(process.execPath, ["-e", program], {
    env: { PATH: process.env.PATH, URL: url, NODE_EXTRA_CA_CERTS: authority, ...env },
  });
  return stdout.trim();
}

describe("by option", () => {
  test("calls and streams go through the proxy, over one tunnel", async () => {
    proxy.asked.length = 0;
    const multiplexer = over(simulator.url, { proxy: `http://127.0.0.1:${proxy.port}` });
    assert.equal((await multiplexer.chat.completions.create(body)).model, "gpt");
    let chunks = 0;
    for await (const _ of await multiplexer.chat.completions.create({ ...body, stream: true })) {
      chunks++;
    }
    assert.ok(chunks > 3);
    assert.deepEqual(
      proxy.asked.map(({ target }) => target),
      [`127.0.0.1:${simulator.port}`],
    );
  });

  test("a model's own option wins", async () => {
    const other = await startConnectProxy();
    const general = { proxy: `http://127.0.0.1:${other.port}` };
    await over(simulator.url, general, { proxy: false }).chat.completions.create(body);
    assert.equal(other.asked.length, 0);
    await over(simulator.url, {}, general).chat.completions.create(body);
    assert.equal(other.asked.length, 1);
    await other.stop();
  });

  test("credentials are sent to the proxy alone, and a refusal does not show them", async () => {
    const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    const guarded = await startConnectProxy({ authorization });
    const url = (password) => `http://me:${password}@127.0.0.1:${guarded.port}`;
    await simulator.clearJournal();
    await over(simulator.url, { proxy: url("p%40ss") }).chat.completions.create(body);
    assert.equal(guarded.asked[0].authorization, authorization);
    assert.ok(!JSON.stringify(await simulator.journal()).includes("proxy-authorization"));
    const refused = over(simulator.url, { proxy: url("wrong-pass") }).chat.completions;
    const error = await refused.create(body, { maxRetries: 0 }).catch((caught) => caught);
    assert.equal(error.name, "APIConnectionError");
    assert.match(error.cause.message, /the proxy answered CONNECT with 407/);
    assert.ok(!`${error.stack}${error.cause.stack}`.includes("wrong-pass"));
    await guarded.stop();
  });

  test("a proxy that is not there is a failure of the connection", async () => {
    const { chat } = over(simulator.url, { proxy: "http://127.0.0.1:1" });
    await assert.rejects(chat.completions.create(body, { maxRetries: 0 }), {
      name: "APIConnectionError",
    });
  });

  test("what is not a proxy is refused without being shown", () => {
    for (const wrong of ["127.0.0.1:3128", "socks5://u:secret@h:1", "", 5, true, null]) {
      const add = () => new Multiplexer({ proxy: wrong });
      assert.throws(add, /^MultiplexerError: options\.proxy must be an http\(s\) URL, or false/);
      assert.throws(() => over(simulator.url, {}, { proxy: wrong }), /options\.proxy must be/);
    }
  });
});

describe("from the environment", () => {
  const named = () => `http://127.0.0.1:${proxy.port}`;

  test("nothing is read unless the program asks for it", async () => {
    proxy.asked.length = 0;
    assert.equal(await inProgram(simulator.url, { HTTP_PROXY: named() }), "gpt");
    assert.equal(proxy.asked.length, 0);
  });

  test("HTTP_PROXY and HTTPS_PROXY, small letters first", async () => {
    proxy.asked.length = 0;
    const asked = { NODE_USE_ENV_PROXY: "1" };
    assert.equal(await inProgram(simulator.url, { ...asked, HTTP_PROXY: named() }), "gpt");
    assert.equal(await inProgram(secure.url, { ...asked, HTTPS_PROXY: named() }), "gpt");
    const both = { ...asked, HTTPS_PROXY: "http://127.0.0.1:1", https_proxy: named() };
    assert.equal(await inProgram(secure.url, both), "gpt");
    assert.equal(proxy.asked.length, 3);
  });

  test("NO_PROXY exempts hosts, domains and ports", async () => {
    const env = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: "http://127.0.0.1:1" };
    for (const exempt of ["*", "127.0.0.1", `example.com, 127.0.0.1:${simulator.port}`]) {
      assert.equal(await inProgram(simulator.url, { ...env, NO_PROXY: exempt }), "gpt", exempt);
    }
    for (const other of ["", "27.0.0.1", "127.0.0.1:1", "example.com"]) {
      assert.notEqual(await inProgram(simulator.url, { ...env, NO_PROXY: other }), "gpt", other);
    }
  });
});
