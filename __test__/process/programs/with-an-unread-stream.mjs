// Ends by itself although a stream is open that nobody reads.
import { multiplexerFor, streaming } from "../program.mjs";
globalThis.stream = await multiplexerFor({
  tokens: 100_000,
  tokenIntervalMs: 10,
}).chat.completions.create(streaming);
console.log("open");
