// Ends by itself although a model rests for a minute.
import { hello, multiplexerFor } from "../program.mjs";
const multiplexer = multiplexerFor({ fault: { kind: "status", status: 429 } });
const { status } = await multiplexer.chat.completions.create(hello).catch((error) => error);
console.log(status);
