// The same with limits of requests and tokens that are never reached.

import { createRequire } from "node:module";

import { clientOf } from "./multiplexed.mjs";

const require = createRequire(import.meta.url);

const most = 1e12;
const limits = { rpm: most, rpd: most, tpm: most, tpd: most };

export function make({ url, package: folder }) {
  const { Multiplexer } = require(folder);
  const { OpenAI } = require("openai7");
  return clientOf(new Multiplexer({ policy: "resilient" }), OpenAI, url, { limits });
}
