// What is measured: the work of each row, how the provider behaves for it, and which peers do it.

const proxies = ["direct", "haproxy", "nginx", "ours"];

export const rows = [
  {
    id: "json",
    title: "JSON completions, 32 connections (wrk)",
    work: "requests",
    behaviour: {},
    options: (quick) => ({ connections: 32, seconds: quick ? 2 : 5 }),
    peers: [...proxies, "onwards", "portkey", "litellm"],
  },
  {
    id: "latency",
    title: "JSON completions, 1,000 a second",
    work: "latency",
    behaviour: {},
    options: (quick) => ({ rate: 1000, seconds: quick ? 2 : 5 }),
    peers: [...proxies, "onwards"],
  },
  {
    id: "paced",
    title: "500 open streams, a token each every 20 ms",
    work: "paced",
    behaviour: { tokens: 2000, tokenIntervalMs: 20 },
    options: (quick) => ({ streams: 500, seconds: quick ? 3 : 8 }),
    peers: ["haproxy", "nginx", "ours", "onwards"],
  },
  {
    id: "memory",
    title: "1,000 open streams with prompts of 50 KB",
    work: "memory",
    behaviour: { tokens: 2000, tokenIntervalMs: 200 },
    options: (quick) => ({ streams: 1000, promptBytes: 50_000, seconds: quick ? 2 : 5 }),
    peers: ["haproxy", "nginx", "ours", "onwards"],
  },
  {
    id: "start",
    title: "From the start to the first answer",
    work: "start",
    behaviour: {},
    options: () => ({}),
    peers: ["ours", "onwards", "portkey", "litellm"],
  },
];
