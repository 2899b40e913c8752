// What open streams hold: resident memory with all of them over that of the same process before,
// after a garbage collection each. Half of the streams are read, half are not.

import { setTimeout as sleep } from "node:timers/promises";

import { Meter } from "./meter.mjs";

const warmUps = 50;
const openAtATime = 100;

export async function work(client, { streams, tokens, simulator }) {
  // The simulator stalls before the last token.
  const most = tokens - 1;
  await open(client, warmUps, async (stream) => {
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta.content) break;
    }
  });
  const before = await settledMemory();
  const meter = new Meter(simulator);
  const unread = [];
  const read = [];
  let opened = 0;
  await open(client, streams, (stream) => {
    if (opened++ % 2 === 0) unread.push(stream);
    else read.push(readUntil(stream, most));
  });
  await Promise.all(read);
  const figures = meter.per(read.length * most);
  const after = await settledMemory();
  // They are needed here still.
  if (unread.length + read.length !== streams) throw new Error("streams were lost");
  const perStream = (name) => (after[name] - before[name]) / streams / 1024;
  return { ...figures, memory: perStream("rss"), heap: perStream("heapUsed") };
}

async function open(client, count, use) {
  for (let from = 0; from < count; from += openAtATime) {
    await Promise.all(
      Array.from({ length: Math.min(openAtATime, count - from) }, async () =>
        use(await client.stream()),
      ),
    );
  }
}

/** Resolves at the last chunk that comes, and leaves the stream open. */
function readUntil(stream, most) {
  return new Promise((resolve, reject) => {
    const read = async () => {
      let chunks = 0;
      for await (const chunk of stream) {
        if (chunk.choices[0]?.delta.content && ++chunks === most) resolve();
      }
      throw new Error(`a stream ended after ${chunks} chunks`);
    };
    read().catch(reject);
  });
}

async function settledMemory() {
  await sleep(1000);
  globalThis.gc();
  await sleep(200);
  globalThis.gc();
  return process.memoryUsage();
}
