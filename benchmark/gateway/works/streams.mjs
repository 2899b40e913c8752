// Open streams, read as they come: how many events have come so far.

import { Agent, request } from "node:http";

const LINE_END = 10;
/** A burst of thousands of connections would be a test of the system's queue of them. */
const AT_A_TIME = 100;

/** Opens `count` streams and answers once each has had its first event. */
export async function openStreams({ url, headers }, count, body) {
  const agent = new Agent({ maxSockets: Infinity });
  const state = { chunks: 0, broken: undefined };
  const open = () =>
    new Promise((resolve, reject) => {
      const sent = request(url, { method: "POST", headers, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
        let last = 0;
        response.on("data", (bytes) => {
          // An event ends with an empty line, which may come in two halves.
          if (last === LINE_END && bytes[0] === LINE_END) state.chunks++;
          let at = bytes.indexOf("\n\n");
          for (; at >= 0; at = bytes.indexOf("\n\n", at + 2)) state.chunks++;
          last = bytes.at(-1);
          resolve();
        });
        response.on("error", (error) => (state.broken ??= error));
        response.once("end", () => (state.broken ??= new Error("a stream has ended")));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  for (let opened = 0; opened < count; opened += AT_A_TIME) {
    await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count - opened) }, open));
  }
  return {
    chunks: () => {
      if (state.broken) throw state.broken;
      return state.chunks;
    },
    close: () => {
      agent.destroy();
    },
  };
}
