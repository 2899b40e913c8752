// JSON completions, so many at a time.

import { percentile } from "../report/statistics.mjs";
import { Meter } from "./meter.mjs";
import { keepBusy, warmUpSeconds } from "./workers.mjs";

export async function work(client, { concurrency, seconds, simulator }) {
  const complete = async () => check(await client.complete());
  await keepBusy(concurrency, warmUpSeconds, complete);
  // Of many at a time, the latency is the queue's length divided by the rate, and says nothing more.
  if (concurrency > 1) {
    const meter = new Meter(simulator);
    return meter.per(await keepBusy(concurrency, seconds, complete));
  }
  const latencies = [];
  const meter = new Meter(simulator);
  const requests = await keepBusy(concurrency, seconds, async () => {
    const start = performance.now();
    const units = await complete();
    latencies.push((performance.now() - start) * 1000);
    return units;
  });
  return {
    ...meter.per(requests),
    latencyMedian: percentile(latencies, 50),
    latencyP99: percentile(latencies, 99),
  };
}

function check(completion) {
  const { content } = completion.choices[0].message;
  if (typeof content !== "string" || content === "") throw new Error("a completion was empty");
  return 1;
}
