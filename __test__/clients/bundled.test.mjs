// Programs that are bundled and minified together with their SDK: their clients are as stock as
// any, and those that were changed are still noticed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { startSimulator } from "../support/simulator.mjs";
import { isNative, newKey, requestsOf, versions } from "./sdks.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-bundled-"));

let simulator;
before(async () => (simulator = await startSimulator()));
after(async () => {
  rmSync(folder, { recursive: true });
  await simulator.stop();
});

/** Bundles a program, runs it, and gives what it prints. */
async function run(name, contents, options, args) {
  const outfile = join(folder, `${name}.${options.format === "esm" ? "mjs" : "cjs"}`);
  await build({
    stdin: { contents, resolveDir: root, sourcefile: `${name}.mjs` },
    bundle: true,
    platform: "node",
    external: [join(root, "index.js")],
    outfile,
    logLevel: "error",
    ...options,
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, ...args]);
  return stdout.trim();
}

const ours = JSON.stringify(join(root, "index.js"));

for (const version of versions) {
  for (const format of ["cjs", "esm"]) {
    test(`a minified ${format} bundle with openai ${version} is served by the engine`, async () => {
      const program = `
        import OpenAI from "openai${version}";
        import multiplexer from ${ours};
        const [baseURL, apiKey] = process.argv.slice(2);
        const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
        const all = new multiplexer.Multiplexer({ logger: false });
        all.addModel(client, 1, "gpt");
        const failing = { headers: { "x-simulate": '{"fault":{"kind":"status","status":400}}' } };
        async function main() {
          const { object } = await all.chat.completions.create({ messages: [] });
          const stream = await all.chat.completions.create({ messages: [], stream: true });
          let chunks = 0;
          for await (const _ of stream) chunks++;
          const error = await all.chat.completions.create({ messages: [] }, failing).catch((e) => e);
          const same = error instanceof OpenAI.BadRequestError;
          client.chat.completions.create = async () => "mocked";
          const mocked = await all.chat.completions.create({ messages: [] });
          console.log([object, chunks > 2, typeof stream.tee, same, mocked].join());
        }
        main();
      `;
      const key = newKey();
      // ES modules bundle CommonJS parts that call require.
      const js =
        'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
      const banner = format === "esm" ? { banner: { js } } : {};
      const options = { format, minify: true, ...banner };
      const out = await run(`sdk-${version}-${format}`, program, options, [simulator.url, key]);
      assert.equal(out, "chat.completion,true,function,true,mocked");
      assert.deepEqual((await requestsOf(simulator, key)).map(isNative), [true, true, true]);
    });
  }
}

test("await using closes the multiplexer at the end of its block", async () => {
  const program = `
    import multiplexer from ${ours};
    async function main() {
      let outside;
      {
        await using inside = new multiplexer.Multiplexer();
        outside = inside;
        inside.addModel({ chat: { completions: { create: async () => "answer" } } }, 1, "gpt");
        console.log(await inside.chat.completions.create({}));
      }
      console.log(await outside.chat.completions.create({}).catch(({ message }) => message));
    }
    main();
  `;
  const out = await run("using", program, { format: "cjs", target: "node20" }, []);
  assert.equal(out, "answer\nThe multiplexer was closed.");
});
