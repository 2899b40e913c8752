// Ends by itself after a stream was read.
import { multiplexerFor, streaming } from "../program.mjs";
let count = 0;
for await (const _ of await multiplexerFor().chat.completions.create(streaming)) count++;
console.log(count > 2 ? "read" : "empty");
