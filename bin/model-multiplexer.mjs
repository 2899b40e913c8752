#!/usr/bin/env node
// The command line: reads arguments and hands them to a command. It decides nothing else.

import { simulate } from "./simulate.mjs";

const help = `Usage: model-multiplexer <command> [options]

Commands:
  simulate    run a pretend provider that speaks the OpenAI protocol, with scripted limits and faults

model-multiplexer <command> --help tells a command's options.`;

const commands = { simulate };

const [name, ...rest] = process.argv.slice(2);

if (name === undefined || name === "--help" || name === "-h" || name === "help") {
  console.log(help);
} else if (Object.hasOwn(commands, name)) {
  process.exitCode = await commands[name](rest);
} else {
  console.error(`model-multiplexer: there is no command "${name}".\n\n${help}`);
  process.exitCode = 2;
}
