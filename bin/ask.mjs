// A question to a gateway that runs.

import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

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
 * Answers `{ status, body }`, the body parsed.
 *
 * @throws when nothing answers there, or not with JSON; the message says what may help
 */
export async function ask(path, values) {
  const env = {
    ...(existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {}),
    ...process.env,
  };
  const root = values.url ?? `http://127.0.0.1:${env.PORT || 3000}`;
  const url = new URL(path, root.endsWith("/") ? root : `${root}/`);
  const key = values.key ?? env.API_KEY;
  const headers = key ? { authorization: `Bearer ${key}` } : {};
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
