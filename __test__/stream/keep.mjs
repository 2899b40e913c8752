// Keeps nothing of a stream but its iterator, and reads it while garbage is collected.

import { sdk, Multiplexer } from "../clients/sdks.mjs";

const [baseURL, apiKey] = process.argv.slice(2);
const behaviour = JSON.stringify({ tokens: 200, tokenIntervalMs: 2 });
const client = new sdk[7]({ baseURL, apiKey, defaultHeaders: { "x-simulate": behaviour } });

async function open() {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(client, 1, "gpt");
  const stream = await multiplexer.chat.completions.create({
    messages: [],
    model: "",
    stream: true,
  });
  return stream[Symbol.asyncIterator]();
}

const iterator = await open();
let count = 0;
while (count < 100 && !(await iterator.next()).done) {
  count++;
  globalThis.gc();
}
console.log(`${count} events`);
process.exit();
