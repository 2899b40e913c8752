// Lines of the log about the gateway itself: for people on a terminal, else one JSON object a line.

const LEVELS = ["debug", "info", "warn", "error"];
const COLOURS = { debug: 90, info: 32, warn: 33, error: 31 };
// What would move the cursor, or end the line, of whoever reads the log.
// eslint-disable-next-line no-control-regex -- those are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * `log.info("listening", { url })` and the other levels. Lines below `level` are left out.
 * `format`: `pretty`, `json`, or undefined for what fits `output`.
 */
export function makeLog({ level = "info", format, output = process.stdout } = {}) {
  const pretty = format === undefined ? output.isTTY === true : format === "pretty";
  const colours = pretty && output.isTTY === true && process.env.NO_COLOR === undefined;
  const write = pretty ? (line) => prettyLine(line, colours) : jsonLine;
  const log = {};
  for (const name of LEVELS) {
    const told = LEVELS.indexOf(name) >= LEVELS.indexOf(level);
    log[name] = (message, fields = {}) => {
      if (told) output.write(`${write({ level: name, time: new Date(), message, fields })}\n`);
    };
  }
  return log;
}

function jsonLine({ level, time, message, fields }) {
  return JSON.stringify({ time: time.toISOString(), level, msg: message, ...fields });
}

function prettyLine({ level, time, message, fields }, colours) {
  const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const clock = paint(90, time.toISOString().slice(11, 19));
  const name = paint(COLOURS[level], level.padEnd(5));
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => paint(90, `${key}=${plain(String(value))}`));
  return [clock, name, plain(message), ...rest].join(" ");
}

const plain = (text) => text.replace(CONTROL, "�");
