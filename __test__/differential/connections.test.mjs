// Servers that cannot be reached, break off, take too long, or send one elsewhere.

import net from "node:net";
import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

/** Faults; `differs` by version, from this one on. */
const faults = {
  "a reset before the headers": { fault: { kind: "reset" } },
  "a body that is cut": {
    // openai 4 itself waits for the rest for ever.
    since: 5,
    bodyBytes: 100_000,
    fault: { kind: "cut" },
    differs: [differences.closedConnection],
  },
  "no answer in time": { fault: { kind: "noAnswer" }, options: { timeout: 80 } },
  "no answer in the client's time": { fault: { kind: "noAnswer" }, client: { timeout: 80 } },
  "a body that stalls, and is aborted": {
    bodyBytes: 100_000,
    fault: { kind: "stall" },
    options: () => ({ signal: AbortSignal.timeout(300) }),
    differs: [differences.abort, differences.abortWithinReply],
  },
  "a body that stalls beyond the time": {
    bodyBytes: 100_000,
    fault: { kind: "stall" },
    options: () => ({ timeout: 150, signal: AbortSignal.timeout(700) }),
    differs: [differences.abort, differences.abortWithinReply, differences.timeOfReply],
  },
};

const redirects = {
  "a redirect that keeps the method": { status: 307, location: "/v1/chat/completions" },
  "a permanent redirect that keeps the method": { status: 308, location: "/v1/chat/completions" },
  "a redirect to another path": { status: 307, location: "/openai/v1/chat/completions?moved=1" },
  "a relative redirect": { status: 307, location: "completions" },
  "a redirect that makes it a GET": { status: 303, location: "/v1/models" },
  "an old redirect": { status: 302, location: "/v1/models" },
  "an old permanent redirect": { status: 301, location: "/v1/models" },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    for (const [what, { since = 4, differs = [], options, client, ...behaviour }] of Object.entries(
      faults,
    )) {
      if (version < since) continue;
      test(`${what} fails the same`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, { defaultHeaders: simulate(behaviour), ...client }),
          options,
          differs: of(version, differs),
        }),
      );
    }

    for (const [what, redirect] of Object.entries(redirects)) {
      test(`${what} is followed the same`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, {
            defaultHeaders: simulate({ fault: { kind: "redirect", first: 1, ...redirect } }),
          }),
          differs: redirect.status < 307 ? of(version, [differences.redirectToGet]) : [],
        }),
      );
    }

    test("a redirect to another server is not followed", limit, async (t) => {
      const other = await startServer();
      t.after(() => other.stop());
      const location = `${other.url}/chat/completions`;
      await assertSame(simulator, {
        client: clientOf(version, simulator, {
          defaultHeaders: simulate({ fault: { kind: "redirect", status: 307, location } }),
        }),
        differs: [differences.otherOrigin],
      });
    });

    test("a port where nobody listens fails the same", limit, async () => {
      const port = await freePort();
      await assertSame(simulator, {
        client: clientOf(version, simulator, { baseURL: `http://127.0.0.1:${port}/v1` }),
      });
    });

    test("a name that nobody has fails the same", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator, { baseURL: "http://nobody.invalid/v1" }),
      }),
    );

    test("what is no HTTP fails the same", limit, async (t) => {
      const server = net.createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      t.after(() => server.close());
      await assertSame(simulator, {
        client: clientOf(version, simulator, {
          baseURL: `http://127.0.0.1:${server.address().port}/v1`,
        }),
        differs: [differences.notHttp],
      });
    });
  });
}

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
