// JSON completions, so many at a time.

import { percentile } from "../report/statistics.mjs";
import { Meter } from "./meter.mjs";
import { keepBusy, warmUpSeconds } from "./workers.mjs";

export async function work(client, { concurrency, seconds, simulator }) {
  await keepBusy(concurrency, warmUpSeconds, async () => check(await client.complete()));
  const latencies = [];
  const meter = new Meter(simulator);
  const requests = await keepBusy(concurrency, seconds, async () => {
    const start = performance.now();
    const completion = await client.complete();
    latencies.push((performance.now() - start) * 1000);
    return check(completion);
  });
  const figures = meter.per(requests);
  // Of many at a time, it is the queue's length divided by the rate, and says nothing more.
  if (concurrency > 1) return figures;
  return {
    ...figures,
    latencyMedian: percentile(latencies, 50),
    latencyP99: percentile(latencies, 99),
  };
}

function check(completion) {
  const { content } = completion.choices[0].message;
  if (typeof content !== "string" || content === "") throw new Error("a completion was empty");
  return 1;
}
