// The arguments of a command: parsed, or told what is wrong with them.

import { parseArgs } from "node:util";

import { DONE, USAGE } from "./exit.mjs";

/**
 * Parses `args`; `--help` is always an option. Answers `{ values, positionals }`, or `{ exit }`
 * with the exit code where there is nothing more to do.
 */
export function readArguments(command, help, args, options, positionals = 0) {
  try {
    const parsed = parseArgs({
      args,
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: positionals > 0,
    });
    if (parsed.values.help) {
      console.log(help);
      return { exit: DONE };
    }
    if (parsed.positionals.length > positionals) {
      throw new Error(`there is one argument too many: "${parsed.positionals[positionals]}"`);
    }
    return parsed;
  } catch (error) {
    return { exit: refuse(command, error.message) };
  }
}

/** Says that the arguments are wrong. */
export function refuse(command, message) {
  console.error(`model-multiplexer ${command}: ${message}`);
  console.error(`model-multiplexer ${command} --help tells its options.`);
  return USAGE;
}

/** A whole number from 0 to `most`, from an option's text. */
export function wholeNumber(name, text, most) {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`${name} must be a whole number from 0 to ${most}, not "${text}"`);
}
