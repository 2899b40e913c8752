// A worker that reads streams without an end, and says so once it has begun.
import { parentPort } from "node:worker_threads";
import { multiplexerFor, streaming } from "../program.mjs";
const { create } = multiplexerFor({ tokens: 1_000_000, tokenIntervalMs: 1 }).chat.completions;
const iterators = [];
for (let index = 0; index < 5; index++) {
  const iterator = (await create(streaming))[Symbol.asyncIterator]();
  await iterator.next();
  iterators.push(iterator);
}
parentPort.postMessage("streaming");
for (;;) await Promise.all(iterators.map((iterator) => iterator.next()));
