// Open streams, read as they come: how many events have come so far.

import { Agent, request } from "node:http";

const END = 10;

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
          // An event ends with an empty line.
          for (const byte of bytes) {
            if (byte === END && last === END) state.chunks++;
            last = byte;
          }
          resolve();
        });
        response.on("error", (error) => (state.broken ??= error));
        response.once("end", () => (state.broken ??= new Error("a stream has ended")));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  await Promise.all(Array.from({ length: count }, open));
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
