// Ends by itself after a reply.
import { hello, multiplexerFor } from "../program.mjs";
const { object } = await multiplexerFor().chat.completions.create(hello);
console.log(object);
