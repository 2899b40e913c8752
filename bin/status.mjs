// `model-multiplexer status`: what the providers of a running gateway are doing, as a table.

import { readArguments, refuse, wholeNumber } from "./arguments.mjs";
import { ask, help as askHelp, options as askOptions, readGateway } from "./ask.mjs";
import { DONE, FAILED } from "./exit.mjs";
import { table } from "./table.mjs";

const help = `Usage: model-multiplexer status [options]

Shows the providers of a running gateway: which take requests, which rest, how often they failed. On a
terminal the table is kept up to date until Ctrl-C.

Options:
${askHelp}
      --once            show it once
      --interval <ms>   how often it is asked (default: 1000)
      --json            print what the gateway tells, once
  -h, --help            this text

Exit codes: 0 some provider takes requests, 1 none does or no gateway answers, 2 wrong arguments.`;

const options = {
  ...askOptions,
  once: { type: "boolean" },
  interval: { type: "string" },
  json: { type: "boolean" },
};

const COLOURS = { active: 32, rate_limited: 33 };

export async function status(args) {
  const { values, exit } = readArguments("status", help, args, options);
  if (exit !== undefined) return exit;
  let gateway;
  let interval;
  try {
    gateway = readGateway(values);
    interval = wholeNumber("--interval", values.interval ?? "1000", 3_600_000);
  } catch (error) {
    return refuse("status", error.message);
  }
  const live = process.stdout.isTTY === true && !values.once && !values.json;
  try {
    return live ? await follow(gateway, interval) : await show(gateway, values.json);
  } catch (error) {
    console.error(`model-multiplexer status: ${error.message}`);
    return FAILED;
  }
}

async function show(gateway, asJson) {
  const { body } = await ask("health", gateway);
  console.log(asJson ? JSON.stringify(body) : lines(body, false).join("\n"));
  return body.activeCount > 0 ? DONE : FAILED;
}

/** Draws the table over itself until it is interrupted. */
async function follow(gateway, interval) {
  let running = true;
  let wake = () => undefined;
  const stop = () => {
    running = false;
    wake();
  };
  process.once("SIGINT", stop);
  let drawn = 0;
  let active = 0;
  while (running) {
    const { body } = await ask("health", gateway);
    active = body.activeCount;
    const text = lines(body, process.env.NO_COLOR === undefined);
    // Back to the first line that was drawn, and everything from there on anew.
    const back = drawn > 0 ? `\u001b[${drawn}A\r\u001b[J` : "";
    process.stdout.write(`${back}${text.join("\n")}\n`);
    drawn = text.length;
    if (!running) break;
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, interval);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
  process.off("SIGINT", stop);
  return active > 0 ? DONE : FAILED;
}

function lines({ status, routing, providers, activeCount, timestamp }, colours) {
  const rows = providers.map(({ id, type, status, models, errorCount }) => [
    id,
    type,
    { text: status, colour: colours ? COLOURS[status] : undefined },
    String(errorCount),
    models.join(", "),
  ]);
  return [
    `${status}: ${activeCount} of ${providers.length} active, strategy ${routing.defaultStrategy}, ${timestamp}`,
    "",
    ...table(["PROVIDER", "TYPE", "STATUS", "ERRORS", "MODELS"], rows),
  ];
}
