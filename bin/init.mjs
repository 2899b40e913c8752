// `model-multiplexer init`: writes a configuration to begin with.

import { writeFileSync } from "node:fs";

import { readArguments } from "./arguments.mjs";
import { DONE, FAILED } from "./exit.mjs";
import { native } from "./native.mjs";
import { firstConfiguration } from "./init/file.mjs";

/** The file that `serve` reads where none is named. */
const USUAL_FILE = "providers.yaml";

const help = `Usage: model-multiplexer init [file] [options]

Writes a configuration (default: ${USUAL_FILE}) with an instance for each provider whose key is in the
environment, and the others as comments. The keys themselves are not written: the file names their
variables.

Options:
      --stdout   print it and write nothing
      --force    write over a file that is there
  -h, --help     this text

Exit codes: 0 written, 1 not written, 2 wrong arguments.`;

export function init(args) {
  const options = { stdout: { type: "boolean" }, force: { type: "boolean" } };
  const { values, positionals, exit } = readArguments("init", help, args, options, 1);
  if (exit !== undefined) return exit;
  const { NativeCatalogue } = native();
  const catalogue = JSON.parse(new NativeCatalogue().json());
  const { text, found } = firstConfiguration(catalogue, process.env);
  if (values.stdout) {
    process.stdout.write(text);
    return DONE;
  }
  const file = positionals[0] ?? USUAL_FILE;
  try {
    writeFileSync(file, text, { flag: values.force ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    const there = error.code === "EEXIST";
    const why = there ? `${file} is there already; --force writes over it` : error.message;
    console.error(`model-multiplexer init: ${why}`);
    return FAILED;
  }
  const keys = found.length > 0 ? `keys found: ${found.join(", ")}` : "no provider's key was found";
  console.log(`${file} is written; ${keys}.`);
  console.log("`model-multiplexer check` reads it, `model-multiplexer serve` runs it.");
  return DONE;
}
