// Whether requests of this process may bypass what JavaScript would send them through. Where
// something has been put in between (msw, nock, MockAgent, ProxyAgent, instrumentation), it must
// see the requests. Asked before each request; cheap while nothing has changed.

import diagnostics from "node:diagnostics_channel";

import { nodeHttp, nodeHttps } from "./node-modules.js";

function source(candidate: unknown): string {
  return typeof candidate === "function" ? Function.prototype.toString.call(candidate) : "";
}

/** A check of one value that is repeated only when the value is another. */
class Watch {
  #known: unknown = Watch;
  #verdict = false;

  constructor(
    private readonly read: () => unknown,
    private readonly isOwn: (value: unknown) => boolean,
  ) {}

  ok(): boolean {
    const value = this.read();
    if (value !== this.#known) {
      this.#known = value;
      this.#verdict = this.isOwn(value);
    }
    return this.#verdict;
  }
}

/** Node's own `fetch`, which every client of openai 5 and later uses unless told otherwise. */
export function isNodeFetch(candidate: unknown): boolean {
  const text = source(candidate);
  return (
    /^(?:async )?function fetch\(input, init = undefined\) \{/.test(text) && text.includes("undici")
  );
}

/** Absent until undici is first used, then Node's own; anything else was set by somebody. */
function isNodeDispatcher(dispatcher: unknown): boolean {
  if (dispatcher === undefined) return true;
  const made = (dispatcher as { constructor?: unknown }).constructor;
  // Node bundles its undici with a tool that names classes in this way; npm's is not bundled.
  return source(made).includes('__name(this, "Agent")');
}

function global(key: symbol): () => unknown {
  return () => (globalThis as Record<symbol, unknown>)[key];
}

const fetchWatches = [
  new Watch(() => globalThis.fetch, isNodeFetch),
  new Watch(global(Symbol.for("undici.globalDispatcher.1")), isNodeDispatcher),
  new Watch(global(Symbol.for("undici.globalDispatcher.2")), isNodeDispatcher),
];

const httpWatches = [
  new Watch(
    () => nodeHttp().request,
    (value) =>
      source(value).startsWith("function request(url, options, cb) {\n  return new ClientRequest("),
  ),
  new Watch(
    () => nodeHttps().request,
    (value) => /^function request\(\.\.\.args\) \{\n {2}let options = \{\};/.test(source(value)),
  ),
  new Watch(
    () => nodeHttp().ClientRequest,
    (value) => source(value).startsWith("function ClientRequest(input, options, cb) {\n"),
  ),
];

const undiciRequests = diagnostics.channel("undici:request:create");
const httpRequests = diagnostics.channel("http.client.request.start");

/** Why requests through `fetch` must not be bypassed; undefined if they may be. */
export function fetchIsWatched(): string | undefined {
  if (undiciRequests.hasSubscribers) return "somebody subscribes to undici:request:create";
  for (const watch of fetchWatches) {
    if (!watch.ok()) return "fetch or its dispatcher has been replaced";
  }
  return undefined;
}

/** Why requests through `http.request` must not be bypassed; undefined if they may be. */
export function httpIsWatched(): string | undefined {
  if (httpRequests.hasSubscribers) return "somebody subscribes to http.client.request.start";
  for (const watch of httpWatches) {
    if (!watch.ok()) return "http.request or https.request has been replaced";
  }
  return undefined;
}
