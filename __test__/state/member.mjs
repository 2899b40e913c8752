// A process with a multiplexer that does what its parent says: see `startMember`. Also loaded as a
// worker thread.

import { parentPort } from "node:worker_threads";
import { Multiplexer, hello } from "../clients/sdks.mjs";

const port = parentPort ?? process;
const post = (message) => (parentPort ? parentPort.postMessage(message) : process.send(message));

let multiplexer;
const logged = [];
const note = (message) => logged.push(message);

const doing = {
  open: ({ options, targets }) => {
    const logger = { log: note, warn: note, error: note };
    multiplexer = new Multiplexer({ policy: "resilient", logger, ...options });
    for (const { endpoint, model = "gpt", ...target } of targets) {
      multiplexer.addModel(endpoint, 1, model, target);
    }
  },
  /** Makes so many calls at once; answers how many were answered, and why others were not. */
  call: async ({ count, params, ...options }) => {
    const create = () =>
      multiplexer.chat.completions.create({ ...hello, ...params }, { multiplexer: options });
    const calls = await Promise.allSettled(Array.from({ length: count }, create));
    const failures = calls.filter(({ status }) => status === "rejected");
    return {
      answered: count - failures.length,
      codes: [...new Set(failures.map(({ reason }) => reason.code ?? reason.message))],
    };
  },
  report: () => multiplexer.getReport(),
  logged: () => logged,
  close: () => multiplexer.close(),
  exit: () => process.exit(),
};

async function answer({ id, what, ...details }) {
  try {
    post({ id, value: await doing[what](details) });
  } catch (error) {
    post({ id, error: `${error.name}: ${error.message}` });
  }
}

port.on("message", (message) => void answer(message));
