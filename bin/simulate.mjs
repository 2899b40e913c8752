// `model-multiplexer simulate`: runs the provider simulator until it is told to stop.

import { readFileSync } from "node:fs";

import { readArguments, refuse, wholeNumber } from "./arguments.mjs";
import { documentation } from "./documentation.mjs";
import { DONE, FAILED } from "./exit.mjs";
import { native } from "./native.mjs";

const help = `Usage: model-multiplexer simulate [options]

Runs a pretend provider that speaks the OpenAI protocol.

Options:
  --port <n>          the port to listen on (default: 4010; 0 takes a free one)
  --host <address>    the address to listen on (default: 127.0.0.1)
  --script <file>     a JSON file that says how models and keys behave
  --tls               serve https, with a certificate authority made at the start
  --journal <n>       remember the last n requests for GET /_simulator/journal (default: 0)
  --json              print one line of JSON instead of words: url, port, ca
  --exit-with-stdin   stop when standard input ends
  --help              this text

A model, key or single request can be limited, slowed or broken, for example by the header
  x-simulate: {"fault":{"kind":"status","status":429}}

Exit codes: 0 stopped, 1 could not run, 2 wrong arguments or a wrong script.

${documentation("simulator.md")} has the rest.`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  script: { type: "string" },
  tls: { type: "boolean" },
  journal: { type: "string" },
  json: { type: "boolean" },
  "exit-with-stdin": { type: "boolean" },
};

export async function simulate(args) {
  const { values, exit } = readArguments("simulate", help, args, options);
  if (exit !== undefined) return exit;
  let config;
  try {
    config = toConfig(values);
  } catch (error) {
    return refuse("simulate", error.message);
  }
  let simulator;
  try {
    const { NativeSimulator } = native();
    simulator = new NativeSimulator(JSON.stringify(config));
  } catch (error) {
    if (error.code === "InvalidArg") return refuse("simulate", error.message);
    console.error(`model-multiplexer simulate: ${error.message}`);
    return FAILED;
  }
  announce(simulator, values.json);
  await untilStopped(values["exit-with-stdin"]);
  simulator.stop();
  return DONE;
}

/** The script's settings, with the arguments over them. */
function toConfig(values) {
  const script = values.script === undefined ? {} : readScript(values.script);
  const config = { port: 4010, ...script };
  if (values.port !== undefined) config.port = wholeNumber("--port", values.port, 65535);
  if (values.host !== undefined) config.host = values.host;
  if (values.tls) config.tls = true;
  if (values.journal !== undefined) {
    config.journal = wholeNumber("--journal", values.journal, 1_000_000);
  }
  return config;
}

function readScript(file) {
  let script;
  try {
    script = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`--script ${file}: ${error.message}`, { cause: error });
  }
  if (typeof script === "object" && script !== null && !Array.isArray(script)) return script;
  throw new Error(`--script ${file}: must be an object, such as {"defaults": {"tokens": 5}}`);
}

function announce({ url, ca }, asJson) {
  if (asJson) {
    console.log(JSON.stringify({ url, port: Number(new URL(url).port), ca }));
    return;
  }
  console.log(`A simulated provider listens on ${url}`);
  console.log("Any key and any model will do. Stop it with Ctrl-C.");
  if (ca !== null) console.log(`Its certificate authority:\n${ca}`);
}

function untilStopped(withStdin) {
  return new Promise((resolve) => {
    const alive = setInterval(() => undefined, 2 ** 30);
    const stop = () => {
      clearInterval(alive);
      process.stdin.pause();
      resolve();
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    if (withStdin) process.stdin.once("end", stop).once("close", stop).resume();
  });
}
