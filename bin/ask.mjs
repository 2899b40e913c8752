// A question to a gateway that runs.

import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

/** Where a gateway listens if it is not told otherwise. */
const USUAL = "http://127.0.0.1:3000";

/** Options that say which gateway is asked. */
export const options = {
  url: { type: "string", short: "u" },
  key: { type: "string", short: "k" },
};

/** What `--help` says of them. */
export const help = `  -u, --url <url>   the gateway (default: http://127.0.0.1 with PORT, else 3000)
  -k, --key <key>   a client's key (default: API_KEY)`;

/** For how long an answer is waited for. */
const PATIENCE_MS = 5_000;

/**
 * The gateway that is asked: its address and the headers of a question.
 *
 * @throws when there can be no such gateway; the message does not tell what may be a password or a key
 */
export function readGateway(values) {
  const env = {
    ...(existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {}),
    ...process.env,
  };
  const root = values.url ?? `http://127.0.0.1:${env.PORT || 3000}`;
  const given = values.url === undefined ? "PORT" : "--url";
  const url = URL.canParse(root) ? new URL(root) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    const expected = given === "PORT" ? "a port" : "an http(s) URL";
    throw new Error(`${given} must be ${expected}, such as ${given === "PORT" ? 3000 : USUAL}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("--url must have no user and no password: --key is for a client's key");
  }
  const key = values.key ?? env.API_KEY;
  if (key && !/^[\x21-\x7e]+$/.test(key)) {
    const given = values.key === undefined ? "API_KEY" : "--key";
    throw new Error(`${given} has a character that no key may have`);
  }
  return { root: url, headers: key ? { authorization: `Bearer ${key}` } : {} };
}

/**
 * Answers `{ status, body }`, the body parsed.
 *
 * @throws when nothing answers there, or not with JSON; the message says what may help
 */
export async function ask(path, { root, headers }) {
  const url = new URL(path, root.href.endsWith("/") ? root : `${root}/`);
  let response;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const why = error.cause?.code ?? error.message;
    const advice = "`model-multiplexer serve` starts a gateway, and --url names another one";
    throw new Error(`no gateway answers at ${url.origin} (${why}): ${advice}`, { cause: error });
  }
  try {
    return { status: response.status, body: await response.json() };
  } catch (error) {
    const message = `what answers at ${url.origin} is no gateway of this kind`;
    throw new Error(message, { cause: error });
  }
}
