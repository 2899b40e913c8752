// `model-multiplexer check`: tells what is wrong with a configuration.

import { readArguments, refuse } from "./arguments.mjs";
import { USUAL_FILE, options as configurationOptions, readSource } from "./configuration.mjs";
import { CONFIGURATION, DONE } from "./exit.mjs";
import { native } from "./native.mjs";

const help = `Usage: model-multiplexer check [file] [options]

Reads a configuration as \`serve\` does, with the environment as it is, and tells what is wrong: one
line each, as file:line: field: message. No provider is asked.

Options:
  -c, --config <file>   the configuration (default: ${USUAL_FILE})
  -p, --port, --host    as of \`serve\`
      --json            print what was found as one line of JSON
  -h, --help            this text

Exit codes: 0 right, 2 wrong arguments or no file, 78 wrong configuration.`;

const options = { ...configurationOptions, json: { type: "boolean" } };

export function check(args) {
  const { values, positionals, exit } = readArguments("check", help, args, options, 1);
  if (exit !== undefined) return exit;
  let source;
  try {
    source = readSource({ ...values, config: positionals[0] ?? values.config });
  } catch (error) {
    return refuse("check", error.message);
  }
  const { problems, instances, skipped } = native().readConfiguration(source);
  if (values.json) console.log(JSON.stringify({ problems, instances, skipped }));
  else tell(source.name, { problems, instances, skipped });
  return problems.length > 0 ? CONFIGURATION : DONE;
}

function tell(name, { problems, instances, skipped }) {
  for (const problem of problems) console.error(problem.text);
  if (problems.length > 0) return;
  for (const { id, reason } of skipped) console.log(`${name}: "${id}" is skipped: ${reason}`);
  const models = new Set(instances.flatMap((instance) => instance.models));
  console.log(
    `${name}: right; ${count(instances.length, "instance")}, ${count(models.size, "model")}`,
  );
}

const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
