// Who is measured. A peer is `complete()`, which answers with a completion, and `stream()`, which
// answers with an async iterable of chunks; all of them ask for the same.

/** Ids and what a reader of the tables sees. */
export const titles = {
  ours: "model-multiplexer over openai 7",
  resilient: "the same under resilient",
  limited: "the same with limits",
  shared: "the same with limits in Redis",
  upstash7: "A over openai 7",
  upstash4: "A over openai 4",
  undici: "undici and JSON.parse",
  upstash: "A",
  openai7: "openai 7",
  raw: "raw sockets",
  pair: "two members over Redis",
};

/** What the others are compared with, where a row does not say. */
const usualBase = "upstash7";

/** What the others of a row are compared with; undefined where nobody is. */
export function baseOf({ base = usualBase, peers }) {
  return peers.includes(base) ? base : undefined;
}

const modules = {
  ours: "./ours.mjs",
  resilient: "./resilient.mjs",
  limited: "./limited.mjs",
  shared: "./limited.mjs",
  upstash7: "./upstash.mjs",
  upstash4: "./upstash.mjs",
  undici: "./undici.mjs",
  raw: "./raw.mjs",
  pair: "./pair.mjs",
};

export async function makeClient(task) {
  const { make } = await import(modules[task.peer]);
  return make(task);
}
