// So many at a time, for so long.

/** What a peer does before it is measured, so that its code is compiled and its sockets are open. */
export const warmUpSeconds = 1;

/** Does the job over and over; answers with the sum of what it returned, when all have finished. */
export async function keepBusy(concurrency, seconds, job) {
  let over = false;
  const timer = setTimeout(() => (over = true), seconds * 1000);
  let sum = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      do {
        // Not `sum += await`, which would add to what it was before.
        const units = await job();
        sum += units;
      } while (!over);
    }),
  );
  clearTimeout(timer);
  return sum;
}
