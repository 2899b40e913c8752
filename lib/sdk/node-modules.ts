// Node's network modules, which take 5 ms to load: most programs never need them here.

import type Http from "node:http";
import type Https from "node:https";
import type Net from "node:net";

/** `node:http`, loaded when it is first asked for. */
export function nodeHttp(): typeof Http {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("node:http") as typeof Http;
}

/** `node:https`, loaded when it is first asked for. */
export function nodeHttps(): typeof Https {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("node:https") as typeof Https;
}

/** `node:net`, loaded when it is first asked for. */
export function nodeNet(): typeof Net {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("node:net") as typeof Net;
}
