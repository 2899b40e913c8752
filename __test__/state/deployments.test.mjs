// Redis as it is deployed: over TLS with an authority of one's own, and as a cluster.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { hello, Multiplexer, newKey, requestsOf } from "../clients/sdks.mjs";
import { freePort, startRedis } from "../support/redis.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { until } from "./members.mjs";

const limit = { timeout: 60_000 };
/** A command that is stuck is ended: it would hold this process longer than the test that waits for it. */
const run = (command, args) => promisify(execFile)(command, args, { timeout: 30_000 });

let simulator;
before(async () => {
  simulator = await startSimulator();
});
after(() => simulator?.stop());

/** Asks two members of this state 15 times each, and tells how many requests a limit of 10 let out. */
async function requestsOfTwo(state) {
  const apiKey = newKey();
  const members = [0, 1].map(() => {
    const made = new Multiplexer({ policy: "resilient", logger: false, state, maxWaitMs: 2_000 });
    const sharedLimits = { key: { rpd: 10 } };
    made.addModel({ baseURL: simulator.url, apiKey }, 1, "m", { key: "acme", sharedLimits });
    return made;
  });
  const calls = members.flatMap((made) =>
    Array.from({ length: 15 }, () => made.chat.completions.create(hello)),
  );
  await Promise.allSettled(calls);
  await Promise.all(members.map((made) => made.close()));
  return (await requestsOf(simulator, apiKey)).length;
}

/** An authority and a certificate of 127.0.0.1 that it has signed. */
async function certify(folder) {
  const file = (name) => join(folder, name);
  const newPair = (name, subject) => [
    ...["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-keyout", file(`${name}.key`), "-subj", `/CN=${subject}`],
  ];
  await run("openssl", [...newPair("ca", "ca"), "-x509", "-days", "2", "-out", file("ca.pem")]);
  await run("openssl", [...newPair("own", "redis"), "-out", file("own.csr")]);
  writeFileSync(file("own.ext"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  const request = ["x509", "-req", "-in", file("own.csr"), "-extfile", file("own.ext")];
  await run("openssl", [...request, ...signed, "-days", "2", "-out", file("own.pem")]);
  return { ca: file("ca.pem"), certificate: file("own.pem"), key: file("own.key") };
}

test(
  "members share a limit over TLS, and trust no authority but the one given",
  limit,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-tls-"));
    const { ca, certificate, key } = await certify(folder);
    const port = await freePort();
    const files = ["--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", ca];
    const redis = await startRedis("--tls-port", port, ...files, "--tls-auth-clients", "no");
    const state = { type: "redis", url: `rediss://127.0.0.1:${port}` };
    assert.equal(await requestsOfTwo({ ...state, ca: readFileSync(ca, "utf8") }), 10);
    assert.equal(await requestsOfTwo({ ...state, prefix: "untrusted" }), 0);
    await redis.stop();
    rmSync(folder, { recursive: true });
  },
);

test("members share a limit over a cluster", limit, async () => {
  const nodes = await Promise.all([0, 1, 2].map(() => startRedis("--cluster-enabled", "yes")));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  await run("redis-cli", ["--cluster", "create", ...addresses, "--cluster-yes"]);
  await until("the cluster", async () => {
    const told = await Promise.all(nodes.map((node) => node.command("CLUSTER", "INFO")));
    return told.every((text) => text.includes("cluster_state:ok"));
  });
  const url = nodes.slice(0, 2).map((node) => node.url);
  assert.equal(await requestsOfTwo({ type: "redis", url }), 10);
  await Promise.all(nodes.map((node) => node.stop()));
});
