// One call made twice, by the SDK itself and by a multiplexer over an equal client, and all that
// differs between the two: what arrived on the wire, and what came back, down to property order,
// prototypes and hidden properties.

import assert from "node:assert/strict";
import { after } from "node:test";
import { hello, isNative, newKey, over, sdk, until, versions, wire } from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

export { hello, newKey, over, sdk, until, versions };
export { simulate } from "../clients/sdks.mjs";

/** A promise that is never settled fails its own test, not the file. */
export const limit = { timeout: 8_000 };
const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));

/** A simulator whose answers are the same each time, but for ids and times. */
export const startServer = (defaults = {}) =>
  startSimulator({
    journal: 100_000,
    defaults: { requestId: "req_1", text: "It is what it is.", ...defaults },
  });

/** A client for the simulator, without retries unless they are asked for. */
export const clientOf =
  (version, simulator, options) =>
  (apiKey, kind = sdk[version].OpenAI) =>
    new kind({ baseURL: simulator.url, apiKey, maxRetries: 0, ...options });

/**
 * Makes the call by the SDK and then by the engine, and asserts that they differ in nothing but
 * what is declared; and that what is declared does differ.
 *
 * @param {object} call
 * @param {(key: string) => object} call.client  makes a client; it is called twice, with two keys
 * @param {object} [call.params]  what `create` takes
 * @param {object | (() => object)} [call.options]  its second argument, or what makes it anew
 * @param {(client: object) => unknown} [call.change]  done to each client after it was added
 * @param {(create: Function, params: object, options: object, key: string) => Promise<unknown>} [call.act]
 *   makes the call and gives what is to be compared; `settle` unless told otherwise
 * @param {object[]} [call.differs]  of differences.mjs
 * @param {boolean} [call.delegated]  whether the client makes the call itself, which differs in nothing
 */
export async function assertSame(simulator, call) {
  const { differs = [], delegated = false } = call;
  const bySdk = await observe(simulator, call, (client) => {
    const { completions } = client.chat;
    return (params, options) => completions.create({ ...params, model: "gpt" }, options);
  });
  const byUs = await observe(simulator, call, (client) => over(client).chat.completions.create);
  const found = differences(bySdk.seen, byUs.seen);
  const undeclared = found.filter(({ path }) => !differs.some(({ at }) => at.test(path)));
  const lines = undeclared.map(
    ({ path, sdk: theirs, us }) => `${path}: ${theirs} there, ${us} here`,
  );
  assert.ok(lines.length === 0, `differences that are not listed:\n${lines.join("\n")}`);
  assert.ok(!bySdk.entries.some(isNative), "the SDK sends its own");
  const own = byUs.entries.filter((entry) => !isNative(entry));
  assert.equal(own.length, delegated ? byUs.entries.length : 0, "who sends ours");
  for (const { row, at } of differs) {
    assert.ok(
      found.some(({ path }) => at.test(path)),
      `a difference that is listed is none: ${row}`,
    );
  }
}

async function observe(simulator, call, entrance) {
  const { client: make, params = hello, options, change, act = settle } = call;
  const key = newKey();
  const client = make(key);
  const create = entrance(client);
  await change?.(client, key);
  await simulator.clearJournal();
  const own = typeof options === "function" ? options(client) : options;
  const outcome = await act(create, params, own, key);
  const entries = await simulator.journal();
  const seen = new Map();
  look(seen, "requests", entries.map(wire), key);
  look(seen, "outcome", outcome, key);
  return { entries, seen };
}

/** What a call came to: its value, its chunks or its error. */
export async function settle(create, params, options) {
  let value;
  try {
    value = await create(params, options);
  } catch (error) {
    return { error };
  }
  const isStream = typeof value?.[Symbol.asyncIterator] === "function";
  return isStream
    ? {
        stream: Object.keys(value).sort(),
        class: value.constructor,
        ...(await read(value)),
        aborted: value.controller.signal.aborted,
      }
    : { value };
}

/** What a stream comes to: its chunks, and its failure if it has one. */
export async function read(stream) {
  const chunks = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch (failure) {
    return { chunks, failure };
  }
  return { chunks };
}

function differences(expected, actual) {
  const paths = new Set([...expected.keys(), ...actual.keys()]);
  return [...paths]
    .filter((path) => expected.get(path) !== actual.get(path))
    .map((path) => ({ path, sdk: expected.get(path), us: actual.get(path) }));
}

/** Names for objects that are to be the very same, as classes are. */
const identities = new Map();
function identity(object) {
  if (!identities.has(object)) identities.set(object, `${object.name} #${identities.size}`);
  return identities.get(object);
}

/** What differs from one call to the next, whoever makes it. */
const mask = (text, key) =>
  text
    .replaceAll(key, "KEY")
    .replace(/chatcmpl-\w+/g, "ID")
    .replace(/\bgen-\d+-\w+|\breq_\w{20,}/g, "ID")
    .replace(/call_\w+x(\d)/g, "call_$1")
    .replace(/"created":\d+/g, '"created":0');
const masked = new Set(["created", "date", "obfuscation"]);

/** Writes down all that can be told of a value, by path. */
function look(seen, path, value, key, above = []) {
  if (typeof value === "function") {
    seen.set(path, identity(value));
  } else if (typeof value !== "object" || value === null) {
    seen.set(
      path,
      typeof value === "string"
        ? JSON.stringify(mask(value, key))
        : `${typeof value} ${String(value)}`,
    );
  } else if (above.includes(value)) {
    seen.set(path, `the one ${above.length - above.indexOf(value)} above`);
  } else if (value instanceof Headers) {
    const all = [...value].filter(([name]) => !masked.has(name));
    seen.set(path, mask(`Headers ${JSON.stringify(all)}`, key));
  } else {
    lookInside(seen, path, value, key, [...above, value]);
  }
}

function lookInside(seen, path, value, key, above) {
  const prototype = Object.getPrototypeOf(value);
  seen.set(`${path}.[[Prototype]]`, prototype === null ? "null" : identity(prototype.constructor));
  // A stack tells who called, which is another.
  const names = Reflect.ownKeys(value).filter((name) => name !== "stack");
  seen.set(`${path}.[[OwnPropertyKeys]]`, names.map(String).join());
  for (const name of names) {
    const { enumerable, value: own } = Object.getOwnPropertyDescriptor(value, name);
    const inner = `${path}.${String(name)}`;
    seen.set(`${inner} is enumerable`, String(enumerable));
    if (!masked.has(name)) look(seen, inner, own, key, above);
  }
}
