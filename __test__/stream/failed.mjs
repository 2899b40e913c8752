// Reads streams that break off, drops them, and waits for garbage collection to find them.

import { sdk, Multiplexer, simulate, until } from "../clients/sdks.mjs";

const [baseURL, apiKey] = process.argv.slice(2);
const headers = simulate({ fault: { kind: "cut", afterTokens: 3 } });
const clients = [
  { baseURL, apiKey, headers },
  new sdk[7]({ baseURL, apiKey, defaultHeaders: headers }),
];

async function fail(multiplexer) {
  const stream = await multiplexer.chat.completions.create({
    messages: [],
    model: "",
    stream: true,
  });
  // It has failed before it is read, so that the failure is made for the reader.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const iterator = stream[Symbol.asyncIterator]();
  try {
    while (!(await iterator.next()).done);
  } catch {
    return new WeakRef(iterator);
  }
  throw new Error("the stream did not fail");
}

for (const policy of ["compat", "resilient"]) {
  const failed = [];
  for (const client of clients) {
    const multiplexer = new Multiplexer({ policy, logger: false });
    multiplexer.addModel(client, 1, "gpt");
    failed.push(await fail(multiplexer));
  }
  await until(() => {
    globalThis.gc();
    return failed.every((stream) => stream.deref() === undefined);
  }, `a stream that failed is dropped (${policy})`);
}
console.log("collected");
process.exit();
