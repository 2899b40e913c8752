// Is held while the second target is asked.
import { hello, multiplexerFor, sdk, simulate, baseURL, apiKey } from "../program.mjs";
const multiplexer = multiplexerFor({ fault: { kind: "status", status: 429 } });
const defaultHeaders = simulate({ latencyMs: 300 });
multiplexer.addFallbackModel(new sdk[7]({ baseURL, apiKey, defaultHeaders }), 1, "other");
void multiplexer.chat.completions.create(hello).then(({ model }) => console.log(model));
