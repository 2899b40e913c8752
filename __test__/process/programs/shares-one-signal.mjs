// Ten thousand calls and streams with one signal leave no listener on it.
import { getEventListeners } from "node:events";
import { hello, multiplexerFor, streaming } from "../program.mjs";
const { signal } = new AbortController();
const { create } = multiplexerFor({ tokens: 1 }).chat.completions;
let most = 0;
for (let batch = 0; batch < 50; batch++) {
  const calls = Array.from({ length: 180 }, () => create(hello, { signal }));
  const streams = Array.from({ length: 20 }, async () => {
    for await (const _ of await create(streaming, { signal }));
  });
  most = Math.max(most, getEventListeners(signal, "abort").length);
  await Promise.all([...calls, ...streams]);
}
console.log(most <= 2 ? "few" : most, getEventListeners(signal, "abort").length);
