// Failures below HTTP, as Node.js' sockets report them: programs look at `code`, and people know
// the messages.

import { constants } from "node:os";

import { nodeNet } from "./node-modules.js";
import type { Fault } from "../exchange.js";

/** An error of Node.js, of libuv or of undici. */
export type SystemError = Error & { code?: string; errno?: number };

const unreachable: readonly string[] = ["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"];
/** libuv's number for a name that nobody has. */
const nameUnknown = -3008;

/** The innermost failure of a request to this URL. */
export function asSystemError({ code, message }: Fault, url: string): SystemError {
  switch (code) {
    case undefined:
      return new Error(message);
    case "ECONNRESET":
      return withDetails(`read ${code}`, { errno: numberOf(code), code, syscall: "read" });
    case "EPIPE":
      return withDetails(`write ${code}`, { errno: numberOf(code), code, syscall: "write" });
    case "ENOTFOUND": {
      const { hostname } = new URL(url);
      const details = { errno: nameUnknown, code, syscall: "getaddrinfo", hostname };
      return withDetails(`getaddrinfo ${code} ${hostname}`, details);
    }
    case "UND_ERR_SOCKET":
      return closedByPeer();
    default:
      return unreachable.includes(code) ? notConnected(code, url) : withDetails(message, { code });
  }
}

/** As undici reports a connection that the server has closed. */
export function closedByPeer(): SystemError {
  return withDetails("other side closed", { name: "SocketError", code: "UND_ERR_SOCKET" });
}

function notConnected(code: string, url: string): SystemError {
  const { hostname, port, protocol } = new URL(url);
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const details = { errno: numberOf(code), code, syscall: "connect" };
  // Of a name it is not known which of its addresses was tried last.
  if (nodeNet().isIP(address) === 0) return withDetails(`connect ${code} ${hostname}`, details);
  const number = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return withDetails(`connect ${code} ${address}:${number}`, { ...details, address, port: number });
}

function withDetails(message: string, details: object): SystemError {
  return Object.assign(new Error(message), details);
}

function numberOf(code: string): number | undefined {
  const number = (constants.errno as Partial<Record<string, number>>)[code];
  return number === undefined ? undefined : -number;
}
