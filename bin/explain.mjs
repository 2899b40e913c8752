// `model-multiplexer explain`: what a request went through.

import { readArguments, refuse } from "./arguments.mjs";
import { ask, help as askHelp, options as askOptions, readGateway } from "./ask.mjs";
import { DONE, FAILED } from "./exit.mjs";

const help = `Usage: model-multiplexer explain <request-id> [options]

Tells which targets a request was given to, what came of it, and why others were passed over. The id is
in the header x-request-id of the answer and in the log. A gateway remembers its latest requests only.

Options:
${askHelp}
      --json            print what the gateway tells
  -h, --help            this text

Exit codes: 0 told, 1 there is no such request or no gateway answers, 2 wrong arguments.`;

export async function explain(args) {
  const options = { ...askOptions, json: { type: "boolean" } };
  const { values, positionals, exit } = readArguments("explain", help, args, options, 1);
  if (exit !== undefined) return exit;
  const [id] = positionals;
  if (id === undefined) return refuse("explain", "which request? Its id is missing");
  let gateway;
  try {
    gateway = readGateway(values);
  } catch (error) {
    return refuse("explain", error.message);
  }
  try {
    const { status, body } = await ask(`admin/requests/${encodeURIComponent(id)}`, gateway);
    if (status !== 200) {
      throw new Error(body.error?.message ?? `the gateway answered with ${status}`);
    }
    console.log(values.json ? JSON.stringify(body) : told(body));
    return DONE;
  } catch (error) {
    console.error(`model-multiplexer explain: ${error.message}`);
    return FAILED;
  }
}

/** What the gateway tells, in words. */
function told({ id, model, status, beganAt, durationMs, attempts }) {
  const lines = [
    `${id}: ${plain(model)}, ${status} after ${milliseconds(durationMs)}, at ${new Date(beganAt).toISOString()}`,
  ];
  if (attempts.length === 0) lines.push("  no target was asked");
  for (const { target, outcome, durationMs: took, passedOver } of attempts) {
    for (const { target: other, why, restsUntil } of passedOver) {
      const until = restsUntil === undefined ? "" : ` until ${new Date(restsUntil).toISOString()}`;
      lines.push(`  passed over  ${other}: ${REASONS[why] ?? why}${until}`);
    }
    if (target === null) lines.push("  nobody was left to ask");
    else lines.push(`  asked        ${target}: ${outcome ?? "under way"}, ${milliseconds(took)}`);
  }
  return lines.join("\n");
}

/** Why a target was passed over. */
const REASONS = {
  refused: "it has refused this request already",
  too_small: "its context is too small",
  resting: "it rests",
  probing: "another request finds out whether it is back",
  at_capacity: "it has as many requests as it may have, or has spent a limit",
};

const milliseconds = (number) => `${Math.round(number)} ms`;
// eslint-disable-next-line no-control-regex -- those are what is looked for
const plain = (text) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "�");
