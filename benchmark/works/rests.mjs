// How long it takes until a rest that one member has begun is known to another.

import { setImmediate, setTimeout } from "node:timers/promises";

import { percentile } from "../report/statistics.mjs";

/** Longer than two members take to find each other. */
const settleMs = 3_000;
const patienceMs = 5_000;

export async function work(client) {
  await setTimeout(settleMs);
  const took = [];
  for (let index = 0; index < client.keys; index++) {
    if (client.knows(index)) throw new Error("a key rests that was not asked yet");
    await client.limit(index);
    const began = performance.now();
    while (!client.knows(index)) {
      if (performance.now() - began > patienceMs) throw new Error("a rest was never told");
      await setImmediate();
    }
    took.push(performance.now() - began);
  }
  return { restsMedian: percentile(took, 50), restsP99: percentile(took, 99) };
}
