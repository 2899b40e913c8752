// Ends by itself when nothing was called.
import { multiplexerFor } from "../program.mjs";
multiplexerFor();
console.log("made");
