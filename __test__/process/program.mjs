// What the programs beside this file begin with: a multiplexer over the simulator they are given.

import { simulate, hello, Multiplexer, sdk, versions } from "../clients/sdks.mjs";

export { hello, Multiplexer, sdk, simulate, versions };
export const streaming = { ...hello, stream: true };
export const [baseURL, apiKey, ...rest] = process.argv.slice(2);

/** A multiplexer over a client whose requests are answered so. */
export function multiplexerFor(behaviour = {}, version = 7) {
  const defaultHeaders = simulate(behaviour);
  const client = new sdk[version]({ baseURL, apiKey, maxRetries: 0, defaultHeaders });
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(client, 1, "gpt");
  return multiplexer;
}

process.on("unhandledRejection", (error) => {
  console.log(`unhandled: ${error}`);
  process.exitCode = 3;
});
process.on("warning", (warning) => console.log(`warning: ${warning.name}`));
