// Many streams at the pace of their provider: what a chunk costs the peer in processor time.

import { question } from "../peers/process.mjs";
import { openStreams } from "./streams.mjs";

export default async function paced({ start, options: { streams, seconds } }) {
  const peer = await start();
  let open;
  try {
    open = await openStreams(peer, streams, question({ stream: true }));
    const before = { chunks: open.chunks(), cpu: peer.cpuMs(), at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const chunks = open.chunks() - before.chunks;
    const cpu = peer.cpuMs() - before.cpu;
    const wall = performance.now() - before.at;
    return { cpuPerChunk: (cpu * 1000) / chunks, rate: (chunks * 1000) / wall };
  } finally {
    open?.close();
    await peer.stop();
  }
}
