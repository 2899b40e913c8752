// A worker's copy of the package knows nothing of this thread's, and ends by itself.
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { apiKey, baseURL, hello, multiplexerFor } from "../program.mjs";
const multiplexer = multiplexerFor();
if (isMainThread) {
  await multiplexer.chat.completions.create(hello);
  const worker = new Worker(fileURLToPath(import.meta.url), { argv: [baseURL, apiKey] });
  const [[stats], [code]] = await Promise.all([once(worker, "message"), once(worker, "exit")]);
  await multiplexer.chat.completions.create(hello);
  console.log(stats.gpt.success, multiplexer.getStats().gpt.success, code);
} else {
  for (let count = 0; count < 3; count++) await multiplexer.chat.completions.create(hello);
  parentPort.postMessage(multiplexer.getStats());
}
