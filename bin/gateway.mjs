// `model-multiplexer serve` and `check`: the addon has all of them, help and arguments too.

import { launcher, native } from "./native.mjs";

/**
 * Runs the gateway. Where the addon's package has a launcher (on Linux), this process becomes the
 * gateway's, without Node.js: same process id, standard streams and environment.
 */
export async function serve(args) {
  native().leaveNode(launcher(), ["serve", ...args]);
  // The gateway hears them itself; without a listener Node.js would end the process.
  const signals = ["SIGHUP", "SIGINT", "SIGTERM"];
  const heard = () => undefined;
  for (const signal of signals) process.on(signal, heard);
  try {
    return await native().runCommand(["serve", ...args]);
  } finally {
    for (const signal of signals) process.off(signal, heard);
  }
}

/** Tells what is wrong with a configuration. */
export const check = (args) => native().runCommand(["check", ...args]);
