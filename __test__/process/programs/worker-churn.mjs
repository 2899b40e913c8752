// Twenty workers are terminated in mid-stream; the main thread's calls go on.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { apiKey, baseURL, multiplexerFor, streaming } from "../program.mjs";
const file = new URL("worker.mjs", import.meta.url);
let count = 0;
const own = (async () => {
  const create = multiplexerFor({ tokens: 300, tokenIntervalMs: 5 }).chat.completions.create;
  for await (const _ of await create(streaming)) count++;
})();
for (let round = 0; round < 4; round++) {
  const workers = Array.from({ length: 5 }, () => new Worker(file, { argv: [baseURL, apiKey] }));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  await Promise.all(workers.map((worker) => worker.terminate()));
}
await own;
console.log(count > 300 ? "all" : count);
