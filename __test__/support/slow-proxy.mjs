// A TCP proxy that lets everything arrive late.

import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Passes on what comes to `port`, each piece `delayMs` after it came. */
export async function startSlowProxy(port, delayMs) {
  const sockets = new Set();
  const pass = (from, to) => {
    from.on("data", (piece) => setTimeout(() => to.write(piece), delayMs));
    from.on("close", () => to.destroy());
    from.on("error", () => to.destroy());
    sockets.add(from);
  };
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    pass(client, upstream);
    pass(upstream, client);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
