// This package, with a stock client of openai 7 added to it.

import { createRequire } from "node:module";

import { clientOf } from "./multiplexed.mjs";

const require = createRequire(import.meta.url);

export function make({ url, package: folder }) {
  const { Multiplexer } = require(folder);
  const { OpenAI } = require("openai7");
  return clientOf(new Multiplexer(), OpenAI, url);
}
