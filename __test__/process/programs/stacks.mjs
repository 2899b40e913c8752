// The stacks of the errors of calls and streams name the functions that made and read them.
import { baseURL, hello, multiplexerFor, Multiplexer, streaming } from "../program.mjs";
const stacks = {};
async function theCaller(name, multiplexer) {
  try {
    await multiplexer.chat.completions.create(hello);
  } catch (error) {
    stacks[name] = error.stack.includes("theCaller");
  }
}
async function theReader(name, multiplexer) {
  try {
    for await (const _ of await multiplexer.chat.completions.create(streaming));
  } catch (error) {
    stacks[name] = error.stack.includes("theReader");
  }
}
const failing = { fault: { kind: "status", status: 400 } };
await theCaller("a call of an SDK's client", multiplexerFor(failing));
const endpoint = new Multiplexer({ logger: false });
endpoint.addModel({ baseURL: `${baseURL}/nowhere`, apiKey: "sk" }, 1, "gpt");
await theCaller("a call of an endpoint", endpoint);
await theCaller("a call without models", new Multiplexer());
const fault = { kind: "errorEvent", afterTokens: 2 };
await theReader("a stream with an error", multiplexerFor({ tokens: 5, tokenIntervalMs: 2, fault }));
await theReader(
  "a stream that is cut",
  multiplexerFor({ tokens: 5, tokenIntervalMs: 2, fault: { kind: "cut", afterTokens: 2 } }),
);
console.log(JSON.stringify(stacks));
