// From the start of the process to its first answer of a completion.

export default async function timeToAnswer({ start }) {
  const peer = await start();
  await peer.stop();
  return { ms: peer.startMs };
}
