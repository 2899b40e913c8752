// Since openai 5 its clients take any standard fetch, and so this one. openai 4 has types of its own
// for a fetch, which the global one does not fit either: there it needs a cast.
import { Multiplexer } from "model-multiplexer";
import OpenAI from "openai";

declare const multiplexer: Multiplexer;

export const through = new OpenAI({ apiKey: "unused", fetch: multiplexer.fetch });
