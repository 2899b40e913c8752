// Opens streams and their responses, drops them, unread and half-read, and waits for them to be
// closed.

import { sdk, Multiplexer, until } from "../clients/sdks.mjs";

const [baseURL, apiKey] = process.argv.slice(2);
const behaviour = JSON.stringify({ tokens: 1_000_000, tokenIntervalMs: 1 });
const client = new sdk[7]({ baseURL, apiKey, defaultHeaders: { "x-simulate": behaviour } });
const multiplexer = new Multiplexer({ logger: false });
multiplexer.addModel(client, 1, "gpt");
const streaming = { messages: [], model: "", stream: true };
const open = () => multiplexer.chat.completions.create(streaming);
// A stream that may have to go on elsewhere is no exception.
const recovering = new Multiplexer({ policy: "resilient", midStream: "recover", logger: false });
recovering.addModel(client, 1, "gpt");

async function drop() {
  await open();
  const iterator = (await open())[Symbol.asyncIterator]();
  await iterator.next();
  await open().asResponse();
  await (await open().asResponse()).body.getReader().read();
  await (await recovering.chat.completions.create(streaming))[Symbol.asyncIterator]().next();
  const init = { method: "POST", body: '{"model":"x","messages":[],"stream":true}' };
  await (await multiplexer.fetch(`${baseURL}/chat/completions`, init)).body.getReader().read();
}

await drop();
const stats = async () => (await fetch(new URL("/_simulator/stats", baseURL))).json();
await until(async () => {
  globalThis.gc();
  return (await stats()).streamsOpen === 0;
});
console.log("closed");
process.exit();
