// Many open streams at the pace of a model. Measured from two seconds after all of them are open, to
// before any of them ends: what a chunk costs, and not what a request costs.

import { setTimeout as sleep } from "node:timers/promises";

import { Meter } from "./meter.mjs";

/** A peer that came late has caught up by then. */
const settleSeconds = 2;

export async function work(client, { streams, seconds, tokens, simulator }) {
  let chunks = 0;
  let ended = 0;
  const read = async (stream) => {
    let own = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) {
        own++;
        chunks++;
      }
    }
    ended++;
    if (own !== tokens) throw new Error(`a stream had ${own} chunks instead of ${tokens}`);
  };
  const opened = await Promise.all(Array.from({ length: streams }, () => client.stream()));
  const readers = Promise.all(opened.map(read));
  readers.catch(() => undefined);
  await sleep(settleSeconds * 1000);
  const before = chunks;
  const meter = new Meter(simulator);
  await sleep(seconds * 1000);
  const figures = meter.per(chunks - before);
  if (ended > 0) throw new Error("a stream ended while it was measured");
  await readers;
  return figures;
}
