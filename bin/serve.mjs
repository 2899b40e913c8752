// `model-multiplexer serve`: runs the gateway until it is told to stop.

import { unwatchFile, watchFile } from "node:fs";
import { resolve } from "node:path";

import { readArguments, refuse } from "./arguments.mjs";
import { USUAL_FILE, options as configurationOptions, readSource } from "./configuration.mjs";
import { documentation } from "./documentation.mjs";
import { CONFIGURATION, DONE, FAILED } from "./exit.mjs";
import { makeLog } from "./log.mjs";
import { native } from "./native.mjs";
import { version } from "./version.mjs";

const help = `Usage: model-multiplexer serve [options]

Runs the gateway: any program that speaks the OpenAI protocol has all providers of a providers.yaml
behind http://localhost:3000/v1.

Options:
  -c, --config <file>   the configuration (default: ${USUAL_FILE})
  -p, --port <n>        the port to listen on (default: PORT, else server.port, else 3000; 0 takes a free one)
      --host <address>  the address to listen on (default: server.host, else 127.0.0.1: this machine alone)
      --no-watch        do not read the configuration again when its file changes
      --json            print one line of JSON before the log, once it listens: url, port
      --exit-with-stdin stop when standard input ends
  -h, --help            this text

Environment (a .env beside the configuration counts as well):
  PORT             the port to listen on
  API_KEY          the key that clients must send; empty: none is needed
  RATE_LIMIT_MAX   requests a minute from one address without a key (default: 100; 0: no limit)
  LOG_LEVEL        debug, info, warn or error (default: info)
  NODE_ENV         production: the log is JSON, even on a terminal
  and every variable that the configuration names: \${GROQ_API_KEY}

Signals:
  SIGHUP           read the configuration again; one that is wrong changes nothing
  SIGTERM, SIGINT  take no new requests, let streams finish (server.grace_ms), stop; a second time: at once

Exit codes: 0 stopped, 1 could not run, 2 wrong arguments, 78 wrong configuration.

${documentation("gateway.md")} has the rest.
\`model-multiplexer init\` writes a configuration to begin with.`;

const options = {
  ...configurationOptions,
  "no-watch": { type: "boolean" },
  json: { type: "boolean" },
  "exit-with-stdin": { type: "boolean" },
};

/** How often the configuration's file is looked at. */
const WATCH_MS = 500;

export async function serve(args) {
  const { values, exit } = readArguments("serve", help, args, options);
  if (exit !== undefined) return exit;
  let source;
  try {
    source = readSource(values);
  } catch (error) {
    return refuse("serve", error.message);
  }
  const { startGateway, readConfiguration } = native();
  const configuration = readConfiguration(source);
  if (configuration.problems.length > 0) {
    for (const problem of configuration.problems) console.error(problem.text);
    return CONFIGURATION;
  }
  const log = makeLog({ level: configuration.logLevel, format: configuration.logFormat });
  let gateway;
  try {
    gateway = startGateway(source);
  } catch (error) {
    if (error.code === "InvalidArg") {
      console.error(`${source.name}: ${error.message}`);
      return CONFIGURATION;
    }
    log.error(explained(error.message, configuration));
    return FAILED;
  }
  const reload = () => reloadFrom(values, gateway, configuration, log);
  const stopWatching = values["no-watch"] ? () => undefined : watch(values, reload);
  process.on("SIGHUP", reload);
  const toldBy = toldToStop(values["exit-with-stdin"]);
  // Whoever reads it may send a signal at once.
  announce(gateway, configuration, log, values.json);
  const signal = await toldBy;
  stopWatching();
  process.off("SIGHUP", reload);
  return drain(gateway, configuration, signal, log);
}

/** Why it cannot listen, and what may help. The message begins with the system's name of the reason. */
function explained(message, { host, port }) {
  const [, name, rest] = /^(E[A-Z]+): (.*)$/s.exec(message) ?? [];
  switch (name) {
    case "EADDRINUSE":
      return (
        `port ${port} is in use already: stop what listens there (\`lsof -i :${port}\` names it), ` +
        `or take another one: --port ${port + 1}`
      );
    case "EACCES":
      return `port ${port} needs more rights than this user has: take one from 1024 on, as --port 3000`;
    case "EADDRNOTAVAIL":
      return `${host} is no address of this machine: --host 127.0.0.1 is, and 0.0.0.0 stands for all`;
    default:
      return rest ?? message;
  }
}

function announce(gateway, { instances, skipped, clients }, log, asJson) {
  const url = `${gateway.url}/v1`;
  if (asJson) console.log(JSON.stringify({ url, port: Number(new URL(url).port) }));
  warn(log, skipped);
  for (const { id, type, models, keys } of instances) {
    log.debug(`instance "${id}"`, { type, keys, models: models.join(",") });
  }
  if (instances.length === 0) log.warn("no instance has a key: every request is answered with 503");
  if (clients === 0) log.warn("nobody needs a key: set API_KEY to change that");
  const models = new Set(instances.flatMap((instance) => instance.models)).size;
  log.info(`listening on ${url}`, { version, instances: instances.length, models });
}

/** What somebody may have meant otherwise. */
function warn(log, skipped) {
  for (const { id, reason } of skipped) log.warn(`instance "${id}" is skipped: ${reason}`, { id });
}

/** Another configuration, if it is right; else the log says what is wrong, and nothing changes. */
function reloadFrom(values, gateway, before, log) {
  const keeps = "the configuration stays as it was";
  let source;
  try {
    source = readSource(values);
  } catch (error) {
    log.error(`${error.message}; ${keeps}`);
    return;
  }
  const configuration = native().readConfiguration(source);
  if (configuration.problems.length > 0) {
    for (const { text, ...problem } of configuration.problems) {
      const { file, line, field } = problem;
      log.error(text, { file, line, field });
    }
    log.error(keeps);
    return;
  }
  try {
    gateway.reload(source);
  } catch (error) {
    log.error(`${error.message}; ${keeps}`);
    return;
  }
  const { instances, skipped } = configuration;
  warn(log, skipped);
  if (configuration.host !== before.host || configuration.port !== before.port) {
    log.warn("server.host and server.port count from the next start on");
  }
  log.info("the configuration has been read again", { instances: instances.length });
}

/** Looks at the file's time: that sees what editors and Kubernetes do, which replace files. */
function watch(values, reload) {
  const file = resolve(values.config ?? USUAL_FILE);
  const changed = (now, before) => {
    // While an editor writes it anew there may be none for a moment.
    if (now.mtimeMs !== 0 && (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino)) reload();
  };
  watchFile(file, { interval: WATCH_MS }, changed);
  return () => unwatchFile(file, changed);
}

function toldToStop(withStdin) {
  return new Promise((stop) => {
    const alive = setInterval(() => undefined, 2 ** 30);
    const told = (why) => {
      clearInterval(alive);
      process.stdin.pause();
      stop(why);
    };
    process.once("SIGINT", told);
    process.once("SIGTERM", told);
    if (!withStdin) return;
    const ended = () => told("end of input");
    process.stdin.once("end", ended).once("close", ended).resume();
  });
}

async function drain(gateway, { graceMs }, signal, log) {
  const requests = gateway.inFlight;
  log.info(`${signal}: no new requests are taken`, { requests, graceMs });
  const again = () => gateway.close();
  process.once("SIGINT", again).once("SIGTERM", again);
  const finished = await gateway.drain();
  if (finished) log.info("stopped");
  else log.warn("stopped, with requests that had not finished");
  return DONE;
}
