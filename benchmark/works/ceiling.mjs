// How much the simulator gives to somebody who does nothing with it.

import { Meter } from "./meter.mjs";
import { warmUpSeconds } from "./workers.mjs";

export async function work(client, { sockets, pipelined, chunks = 1, seconds, simulator }) {
  await load(client, sockets, pipelined, warmUpSeconds);
  const meter = new Meter(simulator);
  return meter.per((await load(client, sockets, pipelined, seconds)) * chunks);
}

/** The number of answers. */
async function load(client, sockets, pipelined, seconds) {
  const end = performance.now() + seconds * 1000;
  let answers = 0;
  const answered = () => {
    answers++;
    return performance.now() < end;
  };
  await Promise.all(
    Array.from(
      { length: sockets },
      () =>
        new Promise((resolve, reject) => {
          client.open(pipelined, answered).on("close", resolve).on("error", reject);
        }),
    ),
  );
  return answers;
}
