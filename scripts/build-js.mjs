// Builds what users import (index.js, index.mjs, index.d.ts, index.d.mts) from lib/.
// `--check` writes nothing and fails when a committed one is out of date.

import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";

const root = new URL("../", import.meta.url);
const entry = fileURLToPath(new URL("lib/index.ts", root));
const banner = "// Built from lib/ by scripts/build-js.mjs. Do not edit.\n";

/** Keeps `native.js` out of the bundle, from whatever depth lib/ imports it: it lies beside index.js. */
const nativeBesideBundle = {
  name: "native-beside-bundle",
  setup(bundler) {
    const native = fileURLToPath(new URL("native.js", root));
    bundler.onResolve({ filter: /\/native\.js$/ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === native ? { path: "./native.js", external: true } : undefined,
    );
  },
};

const shared = {
  entryPoints: [entry],
  bundle: true,
  platform: "node",
  target: "node20",
  external: ["openai", "openai/*"],
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  plugins: [nativeBesideBundle],
  write: false,
};

async function bundleCommonJs() {
  const { outputFiles } = await build({
    ...shared,
    format: "cjs",
    banner: { js: banner.trimEnd() },
  });
  return outputFiles[0].text;
}

/** The names lib/index.ts exports at run time, without loading the addon. */
async function exportedNames() {
  const { metafile } = await build({
    ...shared,
    format: "esm",
    metafile: true,
    outfile: "index.mjs",
  });
  const [output] = Object.values(metafile.outputs);
  return output.exports.filter((name) => name !== "default").sort();
}

/** `import` hands out the very objects that `require` does, so that `instanceof` holds across both. */
function esmFacade(names) {
  const lines = names.map((name) => `export const ${name} = commonJs.${name};`);
  return `${banner}import commonJs from "./index.js";\n\n${lines.join("\n")}\nexport default commonJs.default;\n`;
}

/**
 * A bundler drops comments on imports, and without this one a program that has no `openai`
 * installed would not compile. lib/types/sdk.ts tells the two cases apart.
 */
function ignoreMissingSdk(declarations) {
  return declarations.replace(
    /^import (?:type )?(.* from ['"]openai[^'"]*['"];)$/gm,
    "// @ts-ignore openai is optional\nimport type $1",
  );
}

async function bundleTypes() {
  const bundle = await rollup({
    input: entry,
    external: [/^openai/, /^node:/],
    plugins: [dts({ tsconfig: fileURLToPath(new URL("tsconfig.json", root)) })],
    onwarn(warning) {
      throw new Error(`types: ${warning.message}`);
    },
  });
  const { output } = await bundle.generate({ format: "es" });
  await bundle.close();
  // Symbol.asyncDispose is not in every program's `lib`.
  return `${banner}/// <reference lib="esnext.disposable" />\n${ignoreMissingSdk(output[0].code)}`;
}

/**
 * index.d.ts describes a CommonJS module, whose default import under Node's own rules is the whole
 * of module.exports; index.mjs exports the class as default, and this says so.
 */
const esmTypes = `${banner}export * from "./index.js";\nexport { Multiplexer as default } from "./index.js";\n`;

async function check(files) {
  const stale = [];
  for (const [name, text] of files) {
    const committed = await readFile(new URL(name, root), "utf8").catch(() => "");
    if (committed.replaceAll("\r\n", "\n") !== text) stale.push(name);
  }
  if (stale.length > 0) {
    console.error(
      `Out of date: ${stale.join(", ")}. Run \`npm run build:js\` and commit the result.`,
    );
    process.exitCode = 1;
  }
}

const built = [
  ["index.js", await bundleCommonJs()],
  ["index.mjs", esmFacade(await exportedNames())],
  ["index.d.ts", await bundleTypes()],
  ["index.d.mts", esmTypes],
];

if (process.argv.includes("--check")) {
  await check(built);
} else {
  await Promise.all(built.map(([name, text]) => writeFile(new URL(name, root), text)));
}
