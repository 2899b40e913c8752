// What is measured: the work of each row, how the provider behaves for it, and which peers do it.

const everyone = ["ours", "upstash7", "upstash4", "undici"];

const limited = ["resilient", "limited", "shared"];

/** As providers send them when they are fast: several events to a packet. */
const bursts = { tokens: 500, eventsPerWrite: 20 };

export const rows = [
  {
    id: "json-32",
    group: "json",
    title: "JSON completions, 32 at a time",
    unit: "request",
    work: "completions",
    options: { concurrency: 32, seconds: 2 },
    peers: everyone,
  },
  {
    id: "json-1",
    group: "json",
    title: "JSON completions, one at a time",
    unit: "request",
    work: "completions",
    options: { concurrency: 1, seconds: 2 },
    peers: everyone,
  },
  {
    id: "bursts",
    group: "streams",
    title: "16 streams of 500 tokens, as fast as they come, 20 events to a write",
    unit: "chunk",
    work: "streams",
    behaviour: bursts,
    options: { concurrency: 16, seconds: 2 },
    peers: everyone,
  },
  {
    id: "paced",
    group: "streams",
    title: "500 open streams, a token each every 20 ms",
    unit: "chunk",
    work: "paced",
    behaviour: { tokens: 350, tokenIntervalMs: 20 },
    options: { streams: 500, seconds: 3 },
    peers: everyone,
  },
  {
    id: "memory",
    group: "memory",
    title: "3,000 open streams after 1,000 chunks each, half of them unread",
    unit: "chunk",
    work: "memory",
    behaviour: {
      tokens: 1001,
      eventsPerWrite: 20,
      fault: { kind: "stall", afterTokens: 1000 },
    },
    options: { streams: 3000 },
    peers: everyone,
  },
  {
    id: "flood",
    group: "flood",
    title: "Four streams of a million tokens each, as fast as they come, over and over",
    unit: "chunk",
    work: "flood",
    behaviour: { tokens: 1_000_000, eventsPerWrite: 20 },
    options: { streams: 4, seconds: 3 },
    peers: everyone,
  },
  {
    id: "tls-json-32",
    group: "tls",
    title: "json-32 over TLS",
    unit: "request",
    work: "completions",
    tls: true,
    options: { concurrency: 32, seconds: 2 },
    peers: everyone,
  },
  {
    id: "tls-bursts",
    group: "tls",
    title: "bursts over TLS",
    unit: "chunk",
    work: "streams",
    tls: true,
    behaviour: bursts,
    options: { concurrency: 16, seconds: 2 },
    peers: everyone,
  },
  ...["openai", "azure", "groq", "openrouter"].map((shape) => ({
    id: `shapes-${shape}`,
    group: "shapes",
    title: `bursts in the shape of ${shape}`,
    unit: "chunk",
    work: "parsing",
    behaviour: { ...bursts, shape },
    options: { concurrency: 16, seconds: 1 },
    peers: ["ours"],
  })),
  {
    id: "limits-json-32",
    group: "limits",
    title: "json-32 under `resilient`: without limits, with them, and with them kept in Redis",
    unit: "request",
    work: "completions",
    redis: true,
    options: { concurrency: 32, seconds: 2 },
    peers: limited,
    base: "resilient",
  },
  {
    id: "limits-bursts",
    group: "limits",
    title: "bursts under `resilient`: without limits, with them, and with them kept in Redis",
    unit: "chunk",
    work: "streams",
    redis: true,
    behaviour: bursts,
    options: { concurrency: 16, seconds: 2 },
    peers: limited,
    base: "resilient",
  },
  {
    id: "rests",
    group: "limits",
    title: "Until a rest that one member has begun is known to another, through Redis",
    unit: "rest",
    work: "rests",
    redis: true,
    options: {},
    peers: ["pair"],
  },
  {
    id: "import",
    group: "import",
    title: "`require` of the package alone, over bare node",
    unit: "process",
    work: "import",
    options: { times: 15 },
    peers: ["ours", "upstash", "openai7"],
    titles: { ours: "model-multiplexer" },
  },
  {
    id: "ceiling-json",
    group: "ceiling",
    title:
      "What the simulator gives: JSON to raw sockets, 16 of them, 8 requests in flight on each",
    unit: "request",
    work: "ceiling",
    options: { sockets: 16, pipelined: 8, stream: false, seconds: 2 },
    peers: ["raw"],
  },
  {
    id: "ceiling-bursts",
    group: "ceiling",
    title: "What the simulator gives: bursts to raw sockets, 16 of them",
    unit: "chunk",
    work: "ceiling",
    behaviour: bursts,
    options: { sockets: 16, pipelined: 1, stream: true, chunks: bursts.tokens, seconds: 2 },
    peers: ["raw"],
  },
];

/** The rows of these ids or groups; all of them if nothing is asked for. */
export function chooseRows(only) {
  if (only === undefined) return rows;
  for (const name of only) {
    if (!rows.some((row) => row.id === name || row.group === name)) {
      throw new Error(`There is no row or group "${name}". --list tells them.`);
    }
  }
  return rows.filter((row) => only.includes(row.id) || only.includes(row.group));
}
