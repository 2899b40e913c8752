// What a peer holds: idle, and with many streams open whose prompts are long.

import { question } from "../peers/process.mjs";
import { openStreams } from "./streams.mjs";

export default async function memory({ start, options: { streams, promptBytes, seconds } }) {
  const peer = await start();
  let open;
  try {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const idle = peer.memory();
    const messages = [{ role: "user", content: "word ".repeat(promptBytes / 5) }];
    open = await openStreams(peer, streams, question({ stream: true, messages }));
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    open.chunks();
    return { idle, busy: peer.memory() };
  } finally {
    open?.close();
    await peer.stop();
  }
}
