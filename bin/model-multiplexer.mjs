#!/usr/bin/env node
// The command line: reads arguments and hands them to a command. It decides nothing else.

const help = `Usage: model-multiplexer <command> [options]

Many LLM providers, keys and models behind one URL that speaks the OpenAI protocol.

Commands:
  init        write a providers.yaml from the keys in the environment
  serve       run the gateway
  check       tell what is wrong with a providers.yaml, without running it
  status      show what a running gateway's providers are doing
  explain     tell which targets a request was given to, and why not to others
  key         make a key for a client of the gateway
  simulate    run a pretend provider that speaks the OpenAI protocol, with scripted limits and faults

To begin:
  export GROQ_API_KEY=gsk_...
  model-multiplexer init
  model-multiplexer serve
  curl http://localhost:3000/v1/chat/completions -H "Content-Type: application/json" \\
    -d '{"model": "multirouter-auto", "messages": [{"role": "user", "content": "Hello!"}]}'

model-multiplexer <command> --help tells a command's options and exit codes.`;

// Each command is loaded when it is asked for.
const commands = {
  init: async () => (await import("./init.mjs")).init,
  serve: async () => (await import("./gateway.mjs")).serve,
  check: async () => (await import("./gateway.mjs")).check,
  status: async () => (await import("./status.mjs")).status,
  explain: async () => (await import("./explain.mjs")).explain,
  key: async () => (await import("./key.mjs")).key,
  simulate: async () => (await import("./simulate.mjs")).simulate,
};

const [name, ...rest] = process.argv.slice(2);

if (name === undefined || name === "--help" || name === "-h" || name === "help") {
  console.log(help);
} else if (name === "--version" || name === "-v") {
  const { version } = await import("./version.mjs");
  console.log(version);
} else if (Object.hasOwn(commands, name)) {
  const command = await commands[name]();
  process.exitCode = await command(rest);
} else {
  console.error(`model-multiplexer: there is no command "${name}".\n\n${help}`);
  process.exitCode = 2;
}
