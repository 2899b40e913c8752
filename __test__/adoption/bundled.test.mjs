// What is decided in programs that are bundled with their SDK, minified, and made for older
// versions of JavaScript: source text is all that tells a method of the SDK from a patch.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { versions } from "../clients/sdks.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-adoption-"));
after(() => rmSync(folder, { recursive: true }));

const program = (version) => `
  import OpenAI, { AzureOpenAI } from "openai${version}";
  import multiplexer from ${JSON.stringify(join(root, "index.js"))};
  const settings = { apiKey: "k", baseURL: "http://127.0.0.1:9/v1" };
  class Mine extends OpenAI {
    authHeaders(...args) { return super.authHeaders(...args); }
  }
  class Prepared extends OpenAI {
    async prepareOptions(options) { options.headers = {}; }
  }
  const explain = (client) => {
    const all = new multiplexer.Multiplexer({ logger: false });
    all.addModel(client, 1, "gpt");
    return all.explainTransport("gpt").transport;
  };
  const azure = { apiKey: "k", endpoint: "http://127.0.0.1:9", apiVersion: "2024-10-21" };
  const before = {
    plain: explain(new OpenAI(settings)),
    azure: explain(new AzureOpenAI(azure)),
    subclass: explain(new Mine(settings)),
    prepared: explain(new Prepared(settings)),
  };
  const client = new OpenAI(settings);
  const completions = Object.getPrototypeOf(client.chat.completions);
  const { create } = completions;
  completions.create = function (...args) { return create.apply(this, args); };
  const patched = explain(client);
  completions.create = create;
  let owner = client;
  while (!Object.hasOwn(owner, "makeRequest")) owner = Object.getPrototypeOf(owner);
  const { makeRequest } = owner;
  owner.makeRequest = async function (...args) { return makeRequest.apply(this, args); };
  const deeper = explain(client);
  owner.makeRequest = makeRequest;
  console.log(JSON.stringify({ ...before, patched, deeper, restored: explain(client) }));
`;

const expected = {
  plain: "native",
  azure: "native",
  subclass: "native",
  prepared: "client",
  patched: "client",
  deeper: "client",
  restored: "native",
};

const bundles = {
  "a bundle": {},
  "a minified bundle": { minify: true },
  "a minified bundle that keeps names": { minify: true, keepNames: true },
  "a minified bundle for ES2016": { minify: true, target: "es2016" },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [index, [what, options]] of Object.entries(bundles).entries()) {
      test(`in ${what} the same clients are the engine's`, async () => {
        const outfile = join(folder, `${version}-${index}.cjs`);
        await build({
          stdin: { contents: program(version), resolveDir: root, sourcefile: "program.mjs" },
          bundle: true,
          platform: "node",
          external: [join(root, "index.js")],
          outfile,
          logLevel: "error",
          ...options,
        });
        const { stdout } = await promisify(execFile)(process.execPath, [outfile]);
        assert.deepEqual(JSON.parse(stdout), expected);
      });
    }
  });
}
