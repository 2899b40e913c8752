// A proxy that is asked for tunnels (CONNECT), as companies run them.

import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";

/**
 * Starts a proxy. It notes whom it was asked for in `asked`, with the credentials that came.
 *
 * @param options.authorization refuses with 407 who does not send this `proxy-authorization`
 * @param options.tls key and certificate to be spoken to over TLS
 */
export async function startConnectProxy({ authorization, tls } = {}) {
  const asked = [];
  const refuseOthers = (_request, response) => response.writeHead(405).end();
  const server = tls ? createTlsServer(tls, refuseOthers) : createServer(refuseOthers);
  const sockets = new Set();
  server.on("connect", (request, client, head) => {
    const credentials = request.headers["proxy-authorization"];
    asked.push({ target: request.url, authorization: credentials });
    if (authorization !== undefined && credentials !== authorization) {
      client.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    asked,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
