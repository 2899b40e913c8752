// Is held by a call that is under way, and by nothing else.
import { hello, multiplexerFor } from "../program.mjs";
void multiplexerFor({ latencyMs: 400 })
  .chat.completions.create(hello)
  .then(({ object }) => console.log(object));
