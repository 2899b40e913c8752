// This package under the policy `resilient`: what limits are compared with.

import { createRequire } from "node:module";

import { clientOf } from "./multiplexed.mjs";

const require = createRequire(import.meta.url);

export function make({ url, package: folder }) {
  const { Multiplexer } = require(folder);
  const { OpenAI } = require("openai7");
  return clientOf(new Multiplexer({ policy: "resilient" }), OpenAI, url);
}
