import multiplexing = require("@upstash/model-multiplexer");
import OpenAI = require("openai");

const multiplexer = new multiplexing.Multiplexer();
multiplexer.addModel(new OpenAI.OpenAI({ apiKey: "x" }), 1, "gpt-4o-mini");
const viaDefault = new multiplexing.default();
export = { multiplexer, viaDefault };
