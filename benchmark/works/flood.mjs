// How long the event loop is kept from anything else while streams flood it.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";

import { Meter } from "./meter.mjs";
import { warmUpSeconds } from "./workers.mjs";

const nanosecondsPerMs = 1e6;

export async function work(client, { streams, seconds, simulator }) {
  let chunks = 0;
  const failed = new Promise((_resolve, reject) => {
    for (let i = 0; i < streams; i++) {
      const read = async () => {
        for (;;) {
          for await (const chunk of await client.stream()) {
            if (chunk.choices[0]?.delta.content) chunks++;
          }
        }
      };
      read().catch(reject);
    }
  });
  await Promise.race([failed, sleep(warmUpSeconds * 1000)]);
  const before = chunks;
  const lag = monitorEventLoopDelay({ resolution: 1 });
  const meter = new Meter(simulator);
  lag.enable();
  await Promise.race([failed, sleep(seconds * 1000)]);
  lag.disable();
  return {
    ...meter.per(chunks - before),
    lagP99: lag.percentile(99) / nanosecondsPerMs,
    lagMax: lag.max / nanosecondsPerMs,
  };
}
