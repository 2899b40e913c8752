// Fifteen calls that wait before they ask again, with one signal, leave one listener on it.
import { getEventListeners } from "node:events";
import { apiKey, baseURL, hello, Multiplexer, simulate } from "../program.mjs";
const { signal } = new AbortController();
const headers = simulate({ fault: { kind: "status", status: 500, first: 15 } });
const multiplexer = new Multiplexer({ policy: "resilient", logger: false });
multiplexer.addModel({ baseURL, apiKey, headers }, 1, "gpt");
let most = 0;
const look = setInterval(() => {
  most = Math.max(most, getEventListeners(signal, "abort").length);
}, 5);
const calls = Array.from({ length: 15 }, () =>
  multiplexer.chat.completions.create(hello, { signal }),
);
const settled = await Promise.allSettled(calls);
clearInterval(look);
const waited = settled.filter(({ status }) => status === "fulfilled").length;
console.log(waited, most, getEventListeners(signal, "abort").length);
