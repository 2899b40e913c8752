// As little as can be: sockets that ask and count answers. It measures the simulator.

import { connect } from "node:net";

import { key, model, params } from "./question.mjs";

const headEnd = Buffer.from("\r\n\r\n");
const lastChunk = Buffer.from("\r\n0\r\n\r\n");

export function make({ url, stream }) {
  const { hostname, port, pathname } = new URL(url);
  const body = JSON.stringify({ model, ...params, stream });
  const question = Buffer.from(
    [
      `POST ${pathname}/chat/completions HTTP/1.1`,
      `host: ${hostname}:${port}`,
      `authorization: Bearer ${key}`,
      "content-type: application/json",
      `content-length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
  return {
    /** Calls back for each answer; what that returns is whether to ask again. */
    open: (pipelined, answered) => {
      const socket = connect(Number(port), hostname);
      let rest = Buffer.alloc(0);
      socket.on("data", (bytes) => {
        let from = 0;
        const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
        for (;;) {
          const end = stream ? endOfChunked(all, from) : endOfSized(all, from);
          if (end === -1) break;
          from = end;
          if (answered()) socket.write(question);
          else socket.end();
        }
        rest = stream && from === 0 ? all.subarray(-lastChunk.length) : all.subarray(from);
      });
      for (let i = 0; i < pipelined; i++) socket.write(question);
      return socket;
    },
  };
}

function endOfSized(all, from) {
  const head = all.indexOf(headEnd, from);
  if (head === -1) return -1;
  const length = /content-length: (\d+)/i.exec(all.latin1Slice(from, head))[1];
  const end = head + headEnd.length + Number(length);
  return end <= all.length ? end : -1;
}

function endOfChunked(all, from) {
  const at = all.indexOf(lastChunk, from);
  return at === -1 ? -1 : at + lastChunk.length;
}
