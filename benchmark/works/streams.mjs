// Streams as fast as they come, so many at a time. Opening them is part of it.

import { Meter } from "./meter.mjs";
import { readAllOf } from "./read.mjs";
import { keepBusy, warmUpSeconds } from "./workers.mjs";

export async function work(client, { concurrency, seconds, tokens, simulator }) {
  const job = async () => readAllOf(await client.stream(), tokens);
  await keepBusy(concurrency, warmUpSeconds, job);
  const meter = new Meter(simulator);
  return meter.per(await keepBusy(concurrency, seconds, job));
}
