// `model-multiplexer key`: makes a key for a client of the gateway.

import { createHash, randomBytes } from "node:crypto";

import { readArguments, refuse } from "./arguments.mjs";
import { DONE } from "./exit.mjs";

const help = `Usage: model-multiplexer key [name] [options]

Makes a key of 256 random bits for a client of the gateway, and what the configuration has to hold:
its SHA-256. The key itself is shown once and kept nowhere.

Options:
      --json   print one line of JSON: name, key, sha256
  -h, --help   this text`;

export function key(args) {
  const options = { json: { type: "boolean" } };
  const { values, positionals, exit } = readArguments("key", help, args, options, 1);
  if (exit !== undefined) return exit;
  const name = positionals[0] ?? "me";
  // eslint-disable-next-line no-control-regex -- those are what no name may have
  if (name === "" || /[\u0000-\u001f\u007f-\u009f]/.test(name)) {
    return refuse("key", "the client's name must be text, and not empty");
  }
  const text = `mm-${randomBytes(32).toString("base64url")}`;
  const sha256 = createHash("sha256").update(text).digest("hex");
  if (values.json) {
    console.log(JSON.stringify({ name, key: text, sha256 }));
    return DONE;
  }
  console.log(`The key, for the client:

  ${text}

Its SHA-256, for providers.yaml:

clients:
  - name: ${JSON.stringify(name)}
    keys:
      - sha256: ${sha256}`);
  return DONE;
}
