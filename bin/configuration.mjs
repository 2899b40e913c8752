// Where the configuration comes from: the file, the environment, and `.env` beside the file. What it
// means is decided by the addon.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";

import { wholeNumber } from "./arguments.mjs";

/** The file that is read where none is named. */
export const USUAL_FILE = "providers.yaml";

/** Options that say where the configuration is and what counts before it. */
export const options = {
  config: { type: "string", short: "c" },
  host: { type: "string" },
  port: { type: "string", short: "p" },
};

/**
 * What the addon reads a configuration from.
 *
 * @throws when the file cannot be read or an option is wrong; the message says which
 */
export function readSource(values) {
  const name = values.config ?? USUAL_FILE;
  const file = resolve(name);
  const folder = dirname(file);
  const port = values.port === undefined ? undefined : wholeNumber("--port", values.port, 65535);
  return {
    name,
    text: readText(name, file),
    folder,
    env: { ...readEnvironmentFile(folder), ...process.env },
    host: values.host,
    port,
  };
}

function readText(name, file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const missing = error.code === "ENOENT";
    const advice = `\`model-multiplexer init\` writes one, and --config names another.`;
    const why = missing
      ? `there is no ${name}. ${advice}`
      : `cannot read ${name}: ${error.message}`;
    throw new Error(why, { cause: error });
  }
}

/** The variables in `.env`, which count after those of the environment. */
function readEnvironmentFile(folder) {
  const file = join(folder, ".env");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}
