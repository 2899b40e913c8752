// The same with limits of requests and tokens that are never reached, kept in memory or in Redis.

import { createRequire } from "node:module";

import { clientOf } from "./multiplexed.mjs";

const require = createRequire(import.meta.url);

const most = 1e12;
const limits = { rpm: most, rpd: most, tpm: most, tpd: most };

export function make({ peer, url, redis, package: folder }) {
  const { Multiplexer } = require(folder);
  const { OpenAI } = require("openai7");
  // A slice of a limit may be used up before the next one has come.
  const shared = { state: { type: "redis", url: redis }, maxWaitMs: 10_000 };
  const options = { policy: "resilient", ...(peer === "shared" && shared) };
  return clientOf(new Multiplexer(options), OpenAI, url, { limits });
}
