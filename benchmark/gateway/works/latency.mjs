// Requests at a fixed rate, however long the answers take: from the moment when each should be sent.

import { Agent, request } from "node:http";

import { percentile } from "../../report/statistics.mjs";
import { question } from "../peers/process.mjs";

/** Sends that are later than this are counted: the machine was busy with something else. */
const LATE_MS = 5;

export default async function latency({ start, options: { rate, seconds } }) {
  const peer = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  try {
    await atRate(peer, agent, rate, 1);
    const { took, late } = await atRate(peer, agent, rate, seconds);
    return { median: percentile(took, 50), p99: percentile(took, 99), late };
  } finally {
    agent.destroy();
    await peer.stop();
  }
}

async function atRate(peer, agent, rate, seconds) {
  const total = rate * seconds;
  const took = [];
  const pending = [];
  let late = 0;
  const began = performance.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * rate));
    for (; sent < due; sent++) {
      if (performance.now() - (began + (sent / rate) * 1000) > LATE_MS) late++;
      pending.push(ask(peer, agent).then((ms) => took.push(ms)));
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(pending);
  return { took, late };
}

function ask({ url, headers }, agent) {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers, agent }, (response) => {
      response.resume();
      response.once("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`${url} answered with ${response.statusCode}`));
      });
    });
    sent.once("error", reject);
    sent.end(question());
  });
}
