// TLS with an authority of the program's own, as Node.js is told of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { startSimulator } from "../support/simulator.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let simulator;
let folder;
let authority;

before(async () => {
  simulator = await startSimulator({ tls: true, journal: 0 });
  folder = mkdtempSync(join(tmpdir(), "tls-"));
  authority = join(folder, "ca.pem");
  writeFileSync(authority, simulator.ca);
});

after(async () => {
  await simulator?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a program prints that makes one call through a stock client, and streams one. */
async function call(env) {
  const program = `
    const { Multiplexer } = require(${JSON.stringify(root)});
    const { OpenAI } = require(${JSON.stringify(join(root, "node_modules/openai7"))});
    const multiplexer = new Multiplexer({ logger: false });
    const client = new OpenAI({ apiKey: "sk-any", baseURL: process.env.URL, maxRetries: 0 });
    multiplexer.addModel(client, 1, "gpt", { transport: "native" });
    const messages = [{ role: "user", content: "hi" }];
    (async () => {
      const { model } = await multiplexer.chat.completions.create({ model: "any", messages });
      let chunks = 0;
      const body = { model: "any", messages, stream: true };
      for await (const chunk of await multiplexer.chat.completions.create(body)) chunks++;
      console.log(model, chunks > 5);
    })().catch((error) => console.log(error.constructor.name, error instanceof OpenAI.APIError));`;
  return run(process.execPath, ["-e", program], {
    env: { PATH: process.env.PATH, URL: simulator.url, ...env },
  });
}

const printed = async (env) => (await call(env)).stdout;

test("an authority in NODE_EXTRA_CA_CERTS is trusted", async () => {
  assert.equal(await printed({ NODE_EXTRA_CA_CERTS: authority }), "gpt true\n");
});

test("an authority in SSL_CERT_FILE is trusted", async () => {
  assert.equal(await printed({ SSL_CERT_FILE: authority }), "gpt true\n");
});

test("a server that nobody vouches for is refused with the SDK's own error", async () => {
  assert.equal(await printed({}), "APIConnectionError true\n");
});

test("NODE_TLS_REJECT_UNAUTHORIZED=0 trusts anybody", async () => {
  assert.equal(await printed({ NODE_TLS_REJECT_UNAUTHORIZED: "0" }), "gpt true\n");
});

test("authorities that cannot be read are told of once, and the rest is trusted", async () => {
  const broken = join(folder, "broken.pem");
  for (const text of ["MIIB!!!", "MIIB"]) {
    writeFileSync(broken, `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`);
    const { stdout, stderr } = await call({
      SSL_CERT_FILE: broken,
      NODE_EXTRA_CA_CERTS: authority,
    });
    assert.equal(stdout, "gpt true\n");
    assert.equal(
      stderr.match(/SSL_CERT_FILE: the authorities in ".*broken.pem" are left out/g).length,
      1,
    );
  }
  const missing = join(folder, "missing.pem");
  const { stdout, stderr } = await call({ NODE_EXTRA_CA_CERTS: missing, SSL_CERT_FILE: authority });
  assert.equal(stdout, "gpt true\n");
  assert.equal(stderr.match(/NODE_EXTRA_CA_CERTS: .*missing.pem" are left out: ENOENT/g).length, 1);
});
