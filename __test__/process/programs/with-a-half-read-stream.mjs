// Ends by itself although a stream is half-read.
import { multiplexerFor, streaming } from "../program.mjs";
const stream = await multiplexerFor({
  tokens: 100_000,
  tokenIntervalMs: 10,
}).chat.completions.create(streaming);
globalThis.iterator = stream[Symbol.asyncIterator]();
await globalThis.iterator.next();
console.log("open");
