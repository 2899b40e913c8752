// `model-multiplexer simulate`: runs the provider simulator until it is told to stop.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";

const help = `Usage: model-multiplexer simulate [options]

Runs a pretend provider that speaks the OpenAI protocol.

Options:
  --port <n>          the port to listen on (default: 4010; 0 takes a free one)
  --host <address>    the address to listen on (default: 127.0.0.1)
  --script <file>     a JSON file that says how models and keys behave (docs/simulator.md)
  --tls               serve https, with a certificate authority made at the start
  --journal <n>       remember the last n requests for GET /_simulator/journal (default: 0)
  --json              print one line of JSON instead of words: url, port, ca
  --exit-with-stdin   stop when standard input ends
  --help              this text

A model, key or single request can be limited, slowed or broken, for example by the header
  x-simulate: {"fault":{"kind":"status","status":429}}`;

const options = {
  port: { type: "string" },
  host: { type: "string" },
  script: { type: "string" },
  tls: { type: "boolean" },
  journal: { type: "string" },
  json: { type: "boolean" },
  "exit-with-stdin": { type: "boolean" },
  help: { type: "boolean", short: "h" },
};

/** Exit codes: 0 stopped, 1 could not run, 2 wrong arguments. */
export async function simulate(args) {
  let values;
  let config;
  try {
    ({ values } = parseArgs({ args, options }));
    if (values.help) {
      console.log(help);
      return 0;
    }
    config = toConfig(values);
  } catch (error) {
    console.error(`model-multiplexer simulate: ${error.message}`);
    return 2;
  }
  try {
    const { NativeSimulator } = createRequire(import.meta.url)("../native.js");
    const simulator = new NativeSimulator(JSON.stringify(config));
    announce(simulator, values.json);
    await untilStopped(values["exit-with-stdin"]);
    simulator.stop();
    return 0;
  } catch (error) {
    console.error(`model-multiplexer simulate: ${error.message}`);
    return 1;
  }
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
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`--script ${file}: ${error.message}`, { cause: error });
  }
}

function wholeNumber(name, text, most) {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`${name} must be a whole number from 0 to ${most}, not "${text}".`);
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
