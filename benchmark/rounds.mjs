// Runs the peers of a row, round by round: each round has every peer once, in a fresh process, so
// that what else the machine does meanwhile falls on all of them alike.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { measureImports } from "./imports.mjs";
import { startRedis } from "./redis.mjs";

const peer = fileURLToPath(new URL("peer.mjs", import.meta.url));

/** For each round, the figures by peer. */
export async function measureRow(row, settings) {
  const rounds = [];
  if (row.work === "import") return measureImports(row, settings);
  const provider = await settings.providers.behaving(row);
  const redis = row.redis === true ? await startRedis() : undefined;
  try {
    for (let round = 0; round < settings.rounds; round++) {
      const figures = {};
      for (const name of rotated(row.peers, round)) {
        process.stderr.write(`${row.id}: ${name}, round ${round + 1} of ${settings.rounds}\n`);
        figures[name] = await measurePeer(row, name, { ...provider, redis: redis?.url }, settings);
      }
      rounds.push(figures);
    }
    return rounds;
  } finally {
    await redis?.stop();
  }
}

/** Nobody is always the one who comes after the heaviest. */
function rotated(list, by) {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

async function measurePeer(row, name, provider, { build, quick, profile, results }) {
  const task = {
    peer: name,
    work: row.work,
    url: provider.url,
    redis: provider.redis,
    simulator: provider.pid,
    package: build.folder,
    tokens: row.behaviour?.tokens,
    ...row.options,
    ...(quick && row.options.seconds !== undefined && { seconds: row.options.seconds / 2 }),
  };
  const flags = ["--expose-gc"];
  if (profile && name === "ours") {
    flags.push("--cpu-prof", `--cpu-prof-dir=${fileURLToPath(results)}`);
    flags.push(`--cpu-prof-name=${row.id}.cpuprofile`);
  }
  const child = spawn(process.execPath, [...flags, peer, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(provider.caFile && { NODE_EXTRA_CA_CERTS: provider.caFile }) },
  });
  const [output, [code, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${row.id}: ${name} ended with ${code ?? signal}`);
  return JSON.parse(output.trim().split("\n").at(-1));
}
