// @upstash/model-multiplexer, with a stock client of openai 7 or 4 added to it.

import { createRequire } from "node:module";

import { clientOf } from "./multiplexed.mjs";

const require = createRequire(import.meta.url);

export function make({ url, peer }) {
  const { Multiplexer } = require("@upstash/model-multiplexer");
  const { OpenAI } = require(peer === "upstash4" ? "openai4" : "openai7");
  return clientOf(new Multiplexer(), OpenAI, url);
}
