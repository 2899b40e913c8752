// An HTTP server that answers every request with the same bytes, in the pieces in which it is told
// to write them: each is a chunk of its own on the wire.

import { once } from "node:events";
import { createServer } from "node:http";

/** Starts the server. `script` is what it sends. */
export async function startReplay() {
  const replay = { script: { pieces: [], encoding: undefined, breaks: false } };
  const server = createServer((request, response) => {
    request.resume();
    void send(response, replay.script);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(replay, {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  });
}

async function send(response, { pieces, encoding, breaks }) {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "x-request-id": "req_1",
    ...(encoding && { "content-encoding": encoding }),
  });
  response.flushHeaders();
  for (const { piece, waits } of pieces) {
    if (response.destroyed) return;
    if (piece.length > 0) response.write(piece);
    if (waits) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (!breaks) return void response.end();
  // What has been written is read before.
  setTimeout(() => response.destroy(), 20);
}
