// Is held by a next() that is under way, and by nothing else.
import { multiplexerFor, streaming } from "../program.mjs";
void multiplexerFor({ tokens: 3, firstTokenMs: 400 })
  .chat.completions.create(streaming)
  .then(async (stream) => {
    for await (const _ of stream);
    console.log("read");
  });
