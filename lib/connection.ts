// How a target's connections are made: by way of which proxy, over HTTP/1.1 or HTTP/2.

import { MultiplexerError } from "./errors.js";
import { show } from "./resilience.js";
import type { ConnectionOptions } from "./types/index.js";

/** How connections are made, with nothing left out. */
export interface Connection {
  /** The URL of a proxy; `false` for none; undefined for what the environment says. */
  readonly proxy: string | false | undefined;
  /** Undefined for HTTP/1.1. */
  readonly http2: "negotiated" | "prior-knowledge" | undefined;
  /** Milliseconds to open a connection; 0 is without end, undefined the default. */
  readonly connectMs: number | undefined;
  /** Tells it from others; empty where nothing was said. */
  readonly key: string;
}

const protocols = [undefined, true, false, "prior-knowledge"];

/** One object for each: what is kept for a connection is found by its key. */
const known = new Map<string, Connection>();

function toConnection(
  proxy: Connection["proxy"],
  http2: Connection["http2"],
  connectMs: number | undefined,
): Connection {
  const said = proxy !== undefined || http2 !== undefined || connectMs !== undefined;
  const key = said ? `${JSON.stringify([proxy ?? null, http2 ?? null, connectMs ?? null])}\n` : "";
  let connection = known.get(key);
  if (connection === undefined) known.set(key, (connection = { proxy, http2, connectMs, key }));
  return connection;
}

/** The connection of which nothing is said but how long it may take to open. */
export function openedWithin(connectMs: number | undefined): Connection {
  return toConnection(undefined, undefined, connectMs);
}

/**
 * @param what how the options are named in messages
 * @param general the multiplexer's own, which count where a target says nothing
 * @throws {MultiplexerError} naming the option and what is expected; never a proxy's URL, which may
 * hold a password
 */
export function checkConnection(
  what: string,
  { proxy, http2 }: ConnectionOptions,
  general?: Connection,
): Connection {
  if (proxy !== undefined && proxy !== false && !isProxy(proxy)) {
    throw new MultiplexerError(`${what}.proxy must be an http(s) URL, or false for none.`);
  }
  if (!(protocols as readonly unknown[]).includes(http2)) {
    throw new MultiplexerError(
      `${what}.http2 must be true, false or "prior-knowledge", not ${show(http2)}.`,
    );
  }
  return toConnection(
    proxy ?? general?.proxy,
    http2 === undefined ? general?.http2 : toProtocol(http2),
    general?.connectMs,
  );
}

function toProtocol(http2: boolean | "prior-knowledge"): Connection["http2"] {
  if (http2 === "prior-knowledge") return http2;
  return http2 ? "negotiated" : undefined;
}

function isProxy(proxy: unknown): proxy is string {
  if (typeof proxy !== "string" || !URL.canParse(proxy)) return false;
  return /^https?:$/.test(new URL(proxy).protocol);
}

/** The proxy by way of which a URL is asked; null if there is none. */
export function proxyFor(url: string, { proxy }: Connection): string | null {
  if (proxy !== undefined) return proxy === false ? null : proxy;
  if (!environmentCounts()) return null;
  const { protocol, hostname, port } = new URL(url);
  if (isExempt(hostname, port || (protocol === "https:" ? "443" : "80"))) return null;
  const ofHttp = variable("http_proxy");
  const named = protocol === "https:" ? (variable("https_proxy") ?? ofHttp) : ofHttp;
  if (named === undefined) return null;
  // As curl and others: a proxy without a scheme is one for http.
  const proxyUrl = named.includes("://") ? named : `http://${named}`;
  if (isProxy(proxyUrl)) return proxyUrl;
  throw new MultiplexerError("The environment's proxy must be an http(s) URL.");
}

/** As Node.js: only where the program asks for it. */
function environmentCounts(): boolean {
  const { NODE_USE_ENV_PROXY: asked, NODE_OPTIONS: options = "" } = process.env;
  const flag = "--use-env-proxy";
  return asked === "1" || process.execArgv.includes(flag) || options.split(/\s+/).includes(flag);
}

/** The small letters win, as with undici. */
function variable(name: string): string | undefined {
  const value = process.env[name] ?? process.env[name.toUpperCase()];
  return value === "" ? undefined : value;
}

/** True if NO_PROXY names the host, a domain that it belongs to, or everything. */
function isExempt(hostname: string, port: string): boolean {
  const entries = (variable("no_proxy") ?? "").split(/[,\s]+/).filter((entry) => entry !== "");
  return entries.some((entry) => {
    if (entry === "*") return true;
    const [, host = entry, onPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const domain = host.replace(/^\*?\./, "").toLowerCase();
    if (onPort !== undefined && onPort !== port) return false;
    return hostname === domain || hostname.endsWith(`.${domain}`);
  });
}
