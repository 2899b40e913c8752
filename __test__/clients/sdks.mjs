// The openai SDKs of all supported versions, and what a test needs of them.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Our package as programs load it. */
export const ours = require("../../index.js");
export const { Multiplexer } = ours;

export const versions = [4, 5, 6, 7];

/** By version: the module's class, which also holds the error classes. Loaded when it is asked for. */
export const sdk = {};
for (const version of versions) {
  Object.defineProperty(sdk, version, { get: () => require(`openai${version}`), enumerable: true });
}

export const hello = Object.freeze({
  model: "any",
  messages: Object.freeze([Object.freeze({ role: "user", content: "hi" })]),
});

let keys = 0;

/** A key that no other client of this process has: the journal is searched by it. */
export const newKey = () => `sk-test-${process.pid}-${keys++}`;

/** A client of this version for this simulator, with a key of its own. */
export function newClient(version, simulator, options = {}) {
  return new sdk[version]({ baseURL: simulator.url, apiKey: newKey(), maxRetries: 0, ...options });
}

/** A silent multiplexer with this one client, for the model "gpt" unless told otherwise. */
export function over(client, options, modelName = "gpt") {
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(client, 1, modelName, options);
  return multiplexer;
}

/** `create` of a multiplexer with this one client. */
export const creator = (...args) => over(...args).chat.completions.create;

/** The header that makes the simulator behave so for one request. */
export const simulate = (behaviour) => ({
  "x-simulate": JSON.stringify(behaviour).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ),
});

/** Whether a request in the journal was made by the engine: Node's clients name the connection. */
export const isNative = ({ headers }) => !headers.some(([name]) => name === "connection");

const ofTransport = new Set([
  "connection",
  "accept-encoding",
  "accept-language",
  "sec-fetch-mode",
  "content-length",
]);

/** What of a request in the journal must be the same whoever sends it. */
export function wire({ method, path, headers, body }) {
  const named = headers.filter(([name]) => !ofTransport.has(name));
  return { method, path, headers: named.sort(([a], [b]) => (a < b ? -1 : 1)), body };
}

/** What a promise rejects with. */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: `it did not reject but gave ${String(value)}` });
}

/** All that an async iterable yields. */
export async function collect(iterable) {
  const items = [];
  for await (const item of iterable) items.push(item);
  return items;
}

/** The text that chunks of a stream add up to. */
export const textOf = (chunks) =>
  chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("");

/** Waits until another process has come to a state: asks again and again, for at most 10 s. */
export async function until(ask, what = String(ask)) {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const found = await ask();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`it never came to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The requests in the journal that were made with any of these keys, as they arrived. */
export async function requestsOf(simulator, ...keys) {
  return (await simulator.journal()).filter((entry) => keys.includes(entry.key));
}

/** Waits for the first request with this key. */
export const arrival = (simulator, key) =>
  until(async () => (await requestsOf(simulator, key))[0], `a request with ${key}`);

/** Waits until the client of the first request with this key has left. */
export const departure = (simulator, key) =>
  until(
    async () => (await requestsOf(simulator, key)).find(({ clientLeft }) => clientLeft),
    `the client with ${key} has left`,
  );
