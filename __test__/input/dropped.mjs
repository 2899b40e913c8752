// Drops a stream that holds the only slot of its target, and waits for the slot.

import { hello, Multiplexer, sdk, simulate, until } from "../clients/sdks.mjs";

const [baseURL, apiKey, transport] = process.argv.slice(2);
const client = new sdk[7]({ baseURL, apiKey, maxRetries: 0 });
const multiplexer = new Multiplexer({ logger: false });
multiplexer.addModel(client, 1, "gpt", { maxConcurrent: 1, transport });
const { create } = multiplexer.chat.completions;

async function drop() {
  const headers = simulate({ tokens: 1_000_000, tokenIntervalMs: 1 });
  await create({ ...hello, stream: true }, { headers });
}

await drop();
const { code } = await create(hello).catch((error) => error);
console.log(code === "at_capacity" ? "full, then" : code);
await until(async () => {
  globalThis.gc();
  return create(hello).catch(() => undefined);
});
console.log("free");
process.exit();
