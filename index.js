// Built from lib/ by scripts/build-js.mjs. Do not edit.
"use strict";
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// lib/index.ts
var index_exports = {};
__export(index_exports, {
  APIConnectionError: () => APIConnectionError,
  APIConnectionTimeoutError: () => APIConnectionTimeoutError,
  APIError: () => APIError,
  APIUserAbortError: () => APIUserAbortError,
  AuthenticationError: () => AuthenticationError,
  BadRequestError: () => BadRequestError,
  ConflictError: () => ConflictError,
  InternalServerError: () => InternalServerError,
  ModelSelectionError: () => ModelSelectionError,
  Multiplexer: () => Multiplexer,
  MultiplexerError: () => MultiplexerError,
  NotFoundError: () => NotFoundError,
  PermissionDeniedError: () => PermissionDeniedError,
  RateLimitError: () => RateLimitError,
  UnprocessableEntityError: () => UnprocessableEntityError,
  default: () => Multiplexer
});
module.exports = __toCommonJS(index_exports);

// lib/call/promise.ts
var CallPromise = class extends Promise {
  /** What `then` and the like make are plain promises. */
  static get [Symbol.species]() {
    return Promise;
  }
  #answered;
  constructor(answered) {
    super((resolve, reject) => {
      answered.value.then(resolve, reject);
    });
    this.#answered = answered;
  }
  async asResponse() {
    this.catch(() => void 0);
    return this.#answered.response();
  }
  async withResponse() {
    const data = await this;
    const response = await this.#answered.response();
    return { data, response, request_id: response.headers.get("x-request-id") };
  }
};

// lib/answer.ts
var abortMessage = "Request aborted";
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
function saysJson(contentType) {
  return saysJsonInLowerCase(contentType?.toLowerCase() ?? null);
}
function saysJsonInLowerCase(contentType) {
  const media = contentType?.split(";")[0]?.trim() ?? "";
  return media.includes("application/json") || media.endsWith("+json");
}
function withRequestId(value, head) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.defineProperty(value, "_request_id", {
    value: head.get("x-request-id"),
    enumerable: false
  });
}
function asCause(fault) {
  const cause = new Error(fault.message);
  if (fault.code !== void 0) cause.code = fault.code;
  return cause;
}

// lib/hub.ts
var import_node_fs = require("node:fs");

// lib/native/load.ts
var import_node_module = require("node:module");
var supported = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-arm64-msvc",
  "win32-x64-msvc"
];
function platformName({ platform, arch, musl }) {
  if (platform === "linux") return `${platform}-${arch}-${musl ? "musl" : "gnu"}`;
  if (platform === "win32") return `${platform}-${arch}-msvc`;
  return `${platform}-${arch}`;
}
function currentHost() {
  return { platform: process.platform, arch: process.arch, musl: usesMusl() };
}
function usesMusl() {
  if (process.platform !== "linux") return false;
  const report = process.report.getReport();
  return report.header?.glibcVersionRuntime === void 0;
}
function failureOf(packageName) {
  try {
    (0, import_node_module.createRequire)(__filename)(packageName);
    return void 0;
  } catch (failure) {
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}
function remedy(platform, failure) {
  if (!supported.includes(platform)) {
    return `There is no prebuilt addon for it; there are ${supported.join(", ")}. Build it from a checkout of the repository with \`npm run build\`.`;
  }
  const packageName = `model-multiplexer-${platform}`;
  const { code, message } = failureOf(packageName) ?? failure;
  if (code === "ERR_DLOPEN_DISABLED") {
    return "Node.js runs with its permission model: start it with --allow-addons.";
  }
  if (message.includes("GLIBC_")) {
    return `The system's C library is older than ${packageName} needs (${message}). Use a system with glibc 2.17 or later, or build the addon from a checkout of the repository there.`;
  }
  if (code !== "MODULE_NOT_FOUND") {
    return `${packageName} is installed but its file cannot be loaded (${message}). Remove node_modules and install again.`;
  }
  return `The package ${packageName} is not installed. It is an optional dependency of model-multiplexer: install without --omit=optional, and on this platform rather than copying node_modules from another. If a lock file left it out, remove the lock file and node_modules and install again, or run \`npm install ${packageName}\`.`;
}
function loadError(host, failure) {
  const platform = platformName(host);
  const message = `model-multiplexer: the native addon for ${platform} could not be loaded. ${remedy(platform, failure)}`;
  return Object.assign(new Error(message, { cause: failure }), { code: "ERR_NATIVE_ADDON" });
}
function loadNative() {
  try {
    return require("./native.js");
  } catch (failure) {
    throw loadError(currentHost(), failure);
  }
}

// lib/head.ts
var Head = class {
  status;
  #text;
  #headers;
  /** @param text the status, a space and the URL, then a line `name: value` for each header */
  constructor(text) {
    this.#text = text;
    this.status = Number(text.slice(0, 3));
  }
  /** The URL that answered, after redirects. */
  get url() {
    const end = this.#text.indexOf("\n");
    return this.#text.slice(4, end === -1 ? void 0 : end);
  }
  /** The first value of a header; null if there is none. `name` is in lower case. */
  get(name) {
    const start = this.#text.indexOf(`
${name}: `);
    if (start === -1) return null;
    const from = start + name.length + 3;
    const end = this.#text.indexOf("\n", from);
    return this.#text.slice(from, end === -1 ? void 0 : end);
  }
  /** All headers. */
  get headers() {
    if (this.#headers === void 0) {
      this.#headers = new Headers();
      for (const line of this.#text.split("\n").slice(1)) {
        const colon = line.indexOf(": ");
        this.#headers.append(line.slice(0, colon), line.slice(colon + 2));
      }
    }
    return this.#headers;
  }
  /** The response, as `fetch` would give it. */
  toResponse(body) {
    const bodyless = this.status === 204 || this.status === 205 || this.status === 304;
    const response = new Response(bodyless ? null : body, {
      status: this.status,
      headers: this.headers
    });
    Object.defineProperty(response, "url", { value: this.url, configurable: true });
    return response;
  }
};

// lib/stream/template.ts
var Template = class {
  /** How many strings an event needs. */
  holes;
  /** The event whose strings begin at a place. */
  build;
  /**
   * @param description `{"sample": …, "paths": [["choices", 0, …], …]}` as JSON
   * @param normalise what is done to an event's object besides
   */
  constructor(description, normalise = (event) => event) {
    const { sample, paths } = JSON.parse(description);
    const holes = paths.map((path, hole) => ({ path, hole }));
    this.holes = holes.length;
    const normal = normalise(sample);
    if (paths.every((path) => leadsToString(normal, path))) {
      const root = compile(normal, holes);
      this.build = chunkBuilder(root) ?? ((strings, at) => fill(root, strings, at));
    } else {
      const root = compile(JSON.parse(description).sample, holes);
      this.build = (strings, at) => normalise(fill(root, strings, at));
    }
  }
};
function leadsToString(value, path) {
  for (const step of path) {
    if (Array.isArray(value) !== (typeof step === "number")) return false;
    value = value[step];
  }
  return typeof value === "string";
}
function chunkBuilder(root) {
  const choices = onlyChild(root, "choices");
  const choice = choices?.elements?.length === 1 ? onlyChild(choices, 0) : void 0;
  const delta = choice && onlyChild(choice, "delta");
  const text = delta?.elements === void 0 ? delta?.holes[0] : void 0;
  if (choice === void 0 || delta === void 0 || text === void 0) return void 0;
  if (choice.holes.length > 0 || delta.holes.length > 1 || delta.children.length > 0) {
    return void 0;
  }
  if (root.holes.length > 1) return void 0;
  const { members: base } = root;
  const { members: choiceBase } = choice;
  const { members: deltaBase } = delta;
  const [beside] = root.holes;
  return (strings, at) => {
    const deltaCopy = { ...deltaBase };
    deltaCopy[text.key] = strings[at + text.hole];
    const choiceCopy = { ...choiceBase };
    choiceCopy["delta"] = deltaCopy;
    const event = { ...base };
    event["choices"] = [choiceCopy];
    if (beside !== void 0) event[beside.key] = strings[at + beside.hole];
    return event;
  };
}
function onlyChild({ children }, key) {
  const [child] = children;
  return children.length === 1 && child?.key === key ? child.node : void 0;
}
function compile(members, holes) {
  const inside = (key) => holes.filter(({ path }) => path[0] === key && path.length > 1).map(({ path, hole }) => ({ path: path.slice(1), hole }));
  const elements = Array.isArray(members) ? members : void 0;
  const keys = elements === void 0 ? Object.keys(members) : [...elements.keys()];
  const children = keys.flatMap((key) => {
    const value = members[key];
    if (typeof value !== "object" || value === null) return [];
    return [{ key, node: compile(value, inside(key)) }];
  });
  const own = holes.flatMap(({ path, hole }) => {
    const key = path[0];
    return path.length === 1 && key !== void 0 ? [{ key, hole }] : [];
  });
  return { members, elements, holes: own, children };
}
function fill(node, strings, at) {
  const { members, elements, holes, children } = node;
  const copy = elements === void 0 ? { ...members } : elements.slice();
  for (const { key, hole } of holes) copy[key] = strings[at + hole];
  for (const { key, node: child } of children) copy[key] = fill(child, strings, at);
  return copy;
}

// lib/exchange.ts
var Exchange = class {
  constructor(hub2, id, owner, form, answer) {
    this.hub = hub2;
    this.id = id;
    this.owner = owner;
    this.form = form;
    this.answer = answer;
  }
  hub;
  id;
  owner;
  form;
  answer;
  #templates;
  queue;
  credit(bytes) {
    this.hub.native.credit(this.id, bytes);
  }
  close() {
    this.hub.end(this.id);
  }
  /** Events as they came: `from` to `to` of `all`. */
  take(all, from, to, bytes) {
    const normalise = this.form?.normalise;
    let index = from;
    try {
      if (normalise !== void 0) for (; index < to; index++) all[index] = normalise(all[index]);
    } catch (failure) {
      if (index > from) this.queue?.pushValues(all, from, index, bytes);
      throw failure;
    }
    this.queue?.pushValues(all, from, to, bytes);
  }
  /** From now on this template is filled. */
  learn(template, description) {
    this.#templates ??= [];
    this.#templates[template] = new Template(description, this.form?.normalise);
  }
  /** Events as the strings that fill a template. */
  fill(template, all, from, strings, bytes) {
    const filled = this.#templates?.[template];
    if (filled === void 0) throw new Error("a template was filled before it was told");
    this.queue?.pushFilled(filled, all, from, strings, bytes);
  }
  hold() {
    this.hub.hold();
  }
  release() {
    this.hub.release();
  }
};

// lib/stream/queue.ts
var HALF = 32 * 1024;
var done = Object.freeze({ value: void 0, done: true });
var EventQueue = class {
  #source;
  #batches = [];
  #first = 0;
  #waiters = [];
  #owed = 0;
  #over = false;
  #failure;
  #onOver;
  constructor(source2) {
    this.#source = source2;
  }
  /** True once nothing more will come. */
  get over() {
    return this.#over;
  }
  /** Calls `listener` once nothing more will come. */
  onOver(listener) {
    if (this.#over) listener();
    else this.#onOver = listener;
  }
  /** Events `from` to `to` of `all`. */
  pushValues(all, from, to, bytes) {
    const bytesEach = bytes / (to - from);
    let at = from;
    for (; at < to && this.#waiters.length > 0; at++) this.#hand(all[at], bytesEach);
    if (at < to) this.#keep({ items: all.slice(at, to), template: void 0, bytesEach, next: 0 });
  }
  /** Events whose strings, `count` in all, begin at `from` in `all`. */
  pushFilled(template, all, from, count, bytes) {
    const bytesEach = bytes * template.holes / count;
    const strings = all;
    const to = from + count;
    let at = from;
    for (; at < to && this.#waiters.length > 0; at += template.holes) {
      this.#hand(template.build(strings, at), bytesEach);
    }
    if (at < to) this.#keep({ items: strings.slice(at, to), template, bytesEach, next: 0 });
  }
  /** Nothing more will come; readers get what `failure` gives, if anything, after what has come. */
  end(failure) {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    this.#onOver?.();
    this.#onOver = void 0;
    while (this.#waiters.length > 0) {
      const failure2 = this.#failure;
      this.#failure = void 0;
      this.#takeWaiter()(failure2 === void 0 ? done : failing(failure2));
    }
  }
  /** The reader leaves: what has come is dropped and nothing more is asked for. */
  leave() {
    this.#batches.length = 0;
    this.#first = 0;
    const wasOver = this.#over;
    this.end();
    this.#failure = void 0;
    if (!wasOver) this.#source.close();
  }
  /** The next event, in the order of asking. */
  next() {
    const batch = this.#batches[this.#first];
    if (batch !== void 0) return Promise.resolve({ value: this.#take(batch), done: false });
    if (this.#over) {
      const reason = this.#takeFailure();
      return reason === void 0 ? Promise.resolve(done) : Promise.reject(reason);
    }
    this.#source.hold();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }
  /** What the stream failed with, made now and told once. */
  #takeFailure() {
    const failure = this.#failure;
    this.#failure = void 0;
    return failure?.();
  }
  #hand(value, bytes) {
    this.#owe(bytes);
    this.#takeWaiter()({ value, done: false });
  }
  #takeWaiter() {
    this.#source.release();
    return this.#waiters.shift();
  }
  #keep(batch) {
    this.#batches.push(batch);
  }
  #take(batch) {
    const { items, template, next } = batch;
    const value = template === void 0 ? items[next] : template.build(items, next);
    batch.next = next + (template?.holes ?? 1);
    if (batch.next >= items.length) this.#drop();
    this.#owe(batch.bytesEach);
    return value;
  }
  /** The first batch is read. */
  #drop() {
    this.#first++;
    if (this.#first === this.#batches.length) {
      this.#batches.length = 0;
      this.#first = 0;
    } else if (this.#first === 64) {
      this.#batches.splice(0, 64);
      this.#first = 0;
    }
  }
  #owe(bytes) {
    this.#owed += bytes;
    if (this.#owed < HALF || this.#over) return;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    this.#source.credit(whole);
  }
};
async function failing(failure) {
  await Promise.resolve();
  await Promise.resolve();
  const reason = failure();
  if (reason === void 0) return done;
  throw reason;
}

// lib/hub.ts
var wordsAhead = 3;
var wordsPerEntry = 6;
var entriesPerDrain = 2048;
var mostBytes = 256 * 1024;
var leastBytes = 16 * 1024;
var longestDrain = 2;
var Hub = class {
  native;
  #exchanges = /* @__PURE__ */ new Map();
  #meta = new Uint32Array(wordsAhead + entriesPerDrain * wordsPerEntry);
  #lastId = 0;
  #held = 0;
  #isRef = false;
  #budget = mostBytes;
  /** When the last drain began, if it left mail; else 0. */
  #leftAt = 0;
  #draining = false;
  #connected = false;
  constructor(make) {
    this.native = make(() => {
      this.#wake();
    });
  }
  /** A number for a call; given back by `end`. */
  newId() {
    do {
      this.#lastId = this.#lastId + 1 >>> 0;
    } while (this.#lastId === 0 || this.#exchanges.has(this.#lastId));
    return this.#lastId;
  }
  /**
   * Sends a call's request to the target that it has leased, and answers with what came of it.
   *
   * @param owner whose call it is, for `endAll`
   * @param body as JSON; null when the call has sent it before
   * @param form null for a call that is not a stream
   */
  send(id, owner, profile, model, body, timeoutMs, maxRetries, form) {
    if (!this.#connected) this.#connect();
    this.native.send(id, profile, model, body, timeoutMs, maxRetries, form === null ? 0 : 1);
    this.hold();
    return new Promise((resolve) => {
      this.#exchanges.set(id, new Exchange(this, id, owner, form, resolve));
    });
  }
  /** Ends all calls and streams of an owner. */
  endAll(owner) {
    for (const [id, exchange] of this.#exchanges) if (exchange.owner === owner) this.end(id);
  }
  /** Ends a call without counting it: its slot and its connection are given back. */
  end(id) {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    this.native.close(id);
    if (exchange === void 0) return;
    if (exchange.queue === void 0) {
      this.release();
      exchange.answer({ kind: "aborted" });
    } else {
      exchange.queue.end();
    }
  }
  /** Something waits for the engine: the process must not end. */
  hold() {
    this.#held++;
    if (this.#isRef) return;
    this.#isRef = true;
    this.native.ref();
  }
  /** It waits no longer. */
  release() {
    this.#held--;
    if (!this.#draining) this.#unrefIfIdle();
  }
  #unrefIfIdle() {
    if (this.#held > 0 || !this.#isRef) return;
    this.#isRef = false;
    this.native.unref();
  }
  /** The connections are opened at the first request, with the environment as it is then. */
  #connect() {
    const { NODE_EXTRA_CA_CERTS: extra, NODE_TLS_REJECT_UNAUTHORIZED: reject } = process.env;
    const authorities = extra === void 0 || extra === "" ? null : (0, import_node_fs.readFileSync)(extra, "utf8");
    this.native.connect(authorities, reject === "0");
    this.#connected = true;
  }
  #wake() {
    const now = performance.now();
    if (this.#leftAt > 0) this.#tune(now - this.#leftAt);
    this.#draining = true;
    try {
      this.#drain();
    } finally {
      this.#draining = false;
    }
    const isLeft = this.#meta[1] !== 0;
    this.#leftAt = isLeft ? now : 0;
    if (isLeft) this.native.wakeAgain();
    if (this.#held <= 0) void settled.then(this.#idle);
  }
  #tune(took) {
    if (took > longestDrain) this.#budget = Math.max(this.#budget >>> 1, leastBytes);
    else if (this.#budget < mostBytes) this.#budget *= 2;
  }
  #idle = () => {
    this.#unrefIfIdle();
  };
  #drain() {
    const meta = this.#meta;
    const text = this.native.drain(meta, this.#budget);
    const end = wordsAhead + word(meta, 0) * wordsPerEntry;
    const valuesLength = word(meta, 2);
    const values = valuesLength === 0 ? [] : JSON.parse(text.slice(0, valuesLength));
    let value = 0;
    let at = valuesLength;
    for (let entry = wordsAhead; entry < end; entry += wordsPerEntry) {
      const count = word(meta, entry + 2);
      const middle = at + word(meta, entry + 4);
      const after = middle + word(meta, entry + 5);
      const id = word(meta, entry + 1);
      const exchange = this.#exchanges.get(id);
      if (exchange !== void 0) {
        const kind = word(meta, entry);
        const bytes = word(meta, entry + 3);
        try {
          if (kind === 1 /* Values */) {
            exchange.take(values, value, value + count, bytes);
          } else if ((kind & 255) === 2 /* Filled */) {
            exchange.fill(kind >>> 8, values, value, count, bytes);
          } else {
            this.#deliver(
              exchange,
              id,
              kind,
              text.slice(at, middle),
              text.slice(middle, after),
              bytes
            );
          }
        } catch (failure) {
          this.#fail(exchange, id, failure);
        }
      }
      value += count;
      at = after;
    }
  }
  #deliver(exchange, id, kind, one, other, bytes) {
    switch (kind & 255) {
      case 3 /* Template */:
        exchange.learn(kind >>> 8, one);
        break;
      case 4 /* Named */: {
        exchange.take([exchange.form?.named(one, other)], 0, 1, bytes);
        break;
      }
      case 7 /* Opened */:
        exchange.queue = new EventQueue(exchange);
        this.release();
        exchange.answer({ kind: "stream", head: new Head(one), queue: exchange.queue });
        break;
      case 8 /* Ended */:
        this.#exchanges.delete(id);
        exchange.queue?.end();
        break;
      case 5 /* ErrorEvent */:
        this.#endStream(exchange, id, (form) => form.errorEvent(one, other));
        break;
      case 6 /* Unparsed */:
        this.#endStream(exchange, id, (form) => form.unparsed(one));
        break;
      case 10 /* Broken */: {
        const fault = toFault(kind, one, other);
        if (exchange.queue === void 0) this.#settle(exchange, id, { kind: "broken", fault });
        else this.#endStream(exchange, id, (form) => form.broken(fault));
        break;
      }
      default:
        this.#settle(exchange, id, toAnswer(kind, one, other));
    }
  }
  /** The attempt is over without a stream. */
  #settle(exchange, id, answer) {
    this.#exchanges.delete(id);
    this.release();
    exchange.answer(answer);
  }
  /** A stream is over with a failure, which is made when its reader comes to it. */
  #endStream(exchange, id, failure) {
    this.#exchanges.delete(id);
    const { form } = exchange;
    exchange.queue?.end(form === null ? void 0 : () => failure(form));
  }
  #fail(exchange, id, failure) {
    this.#exchanges.delete(id);
    this.native.failed(id);
    exchange.queue?.end(() => failure);
  }
};
function word(meta, at) {
  return meta[at];
}
function toFault(kind, code, message) {
  return { code: code === "" ? void 0 : code, message, timedOut: kind >>> 8 === 1 };
}
function toAnswer(kind, one, other) {
  switch (kind & 255) {
    case 9 /* Reply */:
      return { kind: "reply", head: new Head(one), body: other };
    case 11 /* RateLimited */:
      return { kind: "rateLimited", head: new Head(one), body: other };
    case 12 /* Refused */:
      return { kind: "refused", head: new Head(one), body: other };
    case 13 /* Unreachable */:
      return { kind: "unreachable", fault: toFault(kind, one, other) };
    case 14 /* TimedOut */:
      return { kind: "timedOut" };
    default:
      throw new Error(`unknown mail ${kind}`);
  }
}
var settled = Promise.resolve();
var native = loadNative();
var hub = new Hub((wake) => new native.Hub(wake));

// lib/call/slot.ts
function isStream(value) {
  return typeof value === "object" && value !== null && typeof value[Symbol.asyncIterator] === "function";
}
var dropped = new FinalizationRegistry((slot) => {
  slot.giveBack();
});
var Slot = class {
  constructor(call) {
    this.call = call;
  }
  call;
  /** How many `next()` wait for the client's stream. */
  waiting = 0;
  #held = true;
  giveBack(failed = false) {
    if (!this.#held) return;
    this.#held = false;
    if (failed) hub.native.failed(this.call);
    else hub.native.close(this.call);
  }
  /** The stream was aborted: by its reader, unless one waits and will be told why. */
  aborted() {
    if (this.waiting === 0) this.giveBack();
  }
};
function holdSlotFor(stream, call) {
  const slot = new Slot(call);
  const iterate = stream[Symbol.asyncIterator];
  if (Object.hasOwn(stream, "iterator") && typeof stream.iterator === "function") {
    stream.iterator = guarded(stream, stream.iterator, slot);
    define(stream, () => iterate.call(stream));
  } else {
    define(stream, guarded(stream, iterate, slot));
  }
  const signal = stream.controller?.signal;
  if (signal instanceof AbortSignal) giveBackOnAbort(signal, slot);
  dropped.register(stream, slot);
}
function define(stream, iterate) {
  Object.defineProperty(stream, Symbol.asyncIterator, {
    value: iterate,
    configurable: true,
    writable: true
  });
}
function giveBackOnAbort(signal, slot) {
  if (signal.aborted) slot.giveBack();
  else
    signal.addEventListener(
      "abort",
      () => {
        slot.aborted();
      },
      { once: true }
    );
}
function guarded(stream, iterate, slot) {
  return () => {
    const inner = iterate.call(stream);
    return {
      stream,
      async next(...args) {
        slot.waiting++;
        try {
          const result = await inner.next(...args);
          if (result.done === true) slot.giveBack();
          return result;
        } catch (error) {
          slot.giveBack(true);
          throw error;
        } finally {
          slot.waiting--;
        }
      },
      async return(value) {
        slot.giveBack();
        return await inner.return?.(value) ?? { value, done: true };
      },
      async throw(reason) {
        slot.giveBack();
        if (inner.throw === void 0) throw reason;
        return inner.throw(reason);
      },
      [Symbol.asyncIterator]() {
        return this;
      }
    };
  };
}

// lib/call/client.ts
async function callClient(call, target) {
  const { params, options } = call;
  try {
    const { completions } = target.client.chat;
    const pending = completions.create(
      { ...params, model: target.modelName },
      options
    );
    call.delegated = pending;
    const value = await pending;
    settle(call, target, value);
    return { kind: "answered", value };
  } catch (error) {
    return judge(call, error);
  }
}
function settle(call, target, value) {
  hub.native.succeeded(call.id);
  if (target.maxConcurrent > 0 && isStream(value) && Object.isExtensible(value)) {
    holdSlotFor(value, call.id);
  } else {
    hub.native.close(call.id);
  }
}
function judge(call, error) {
  if (call.options?.signal?.aborted === true) {
    hub.native.close(call.id);
    return { kind: "aborted", error: new Error(abortMessage) };
  }
  if (isRefusal(error)) {
    const header = (name) => headerOf(error.headers, name);
    return {
      kind: "rateLimited",
      retryAfterMs: header("retry-after-ms"),
      retryAfter: header("retry-after"),
      error: () => error instanceof Error ? error : new Error(asText(error))
    };
  }
  hub.native.failed(call.id);
  return { kind: "failed", error };
}
function isRefusal(error) {
  if (typeof error !== "object" || error === null) return false;
  const { status } = error;
  return status === 429 || status === 529;
}
function asText(thrown) {
  return String(thrown);
}
function headerOf(headers, name) {
  if (typeof headers !== "object" || headers === null) return null;
  try {
    if (typeof headers.get === "function") {
      const value2 = headers.get(name);
      return typeof value2 === "string" ? value2 : null;
    }
    const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
    const value = found?.[1];
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  } catch {
    return null;
  }
}

// lib/errors.ts
var MultiplexerError = class extends Error {
  static {
    this.prototype.name = "MultiplexerError";
  }
};
var ModelSelectionError = class extends MultiplexerError {
  static {
    this.prototype.name = "ModelSelectionError";
  }
  /** 429 when targets exist but all rest or are full; undefined when there are none. */
  status;
  /** Why: there are no targets, all of them rest, or some are only full. */
  code;
  /** Milliseconds until the first target comes back; undefined when none rests. */
  retryAfterMs;
  constructor(message, details) {
    super(message);
    this.status = details.code === "no_models" ? void 0 : 429;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
};
var APIError = class extends MultiplexerError {
  static {
    this.prototype.name = "APIError";
  }
  /** The HTTP status; undefined for an error within a stream and for a call without an answer. */
  status;
  /** The response's headers, where there was a response. */
  headers;
  /** The value of `error` in the response's body. */
  error;
  /** `error.code` */
  code;
  /** `error.param` */
  param;
  /** `error.type` */
  type;
  /** The response's `x-request-id`. */
  requestID;
  constructor(status, error, message, headers, cause) {
    super(describe(status, error, message), cause === void 0 ? void 0 : { cause });
    this.status = status;
    this.headers = headers;
    this.requestID = headers?.get("x-request-id");
    this.error = error;
    const fields2 = isObject(error) ? error : {};
    this.code = fields2["code"];
    this.param = fields2["param"];
    this.type = fields2["type"];
  }
};
var BadRequestError = class extends APIError {
};
var AuthenticationError = class extends APIError {
};
var PermissionDeniedError = class extends APIError {
};
var NotFoundError = class extends APIError {
};
var ConflictError = class extends APIError {
};
var UnprocessableEntityError = class extends APIError {
};
var RateLimitError = class extends APIError {
};
var InternalServerError = class extends APIError {
};
var APIConnectionError = class extends APIError {
};
var APIConnectionTimeoutError = class extends APIConnectionError {
};
var APIUserAbortError = class extends APIError {
};
var byStatus = /* @__PURE__ */ new Map([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, UnprocessableEntityError],
  [429, RateLimitError]
]);
for (const [name, kind] of Object.entries({
  BadRequestError,
  AuthenticationError,
  PermissionDeniedError,
  NotFoundError,
  ConflictError,
  UnprocessableEntityError,
  RateLimitError,
  InternalServerError,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIUserAbortError
})) {
  kind.prototype.name = name;
}
function statusError(status, error, message, headers) {
  const kind = byStatus.get(status) ?? (status >= 500 ? InternalServerError : APIError);
  return new kind(status, error, message, headers);
}
function isObject(value) {
  return typeof value === "object" && value !== null;
}
function describe(status, error, message) {
  const own = isObject(error) ? error["message"] : void 0;
  let text = message;
  if (typeof own === "string" && own !== "") text = own;
  else if (own !== void 0 && own !== null && own !== "") text = JSON.stringify(own);
  else if (error !== void 0 && error !== null) text = JSON.stringify(error);
  if (status === void 0) return text ?? "(no status code or body)";
  return text === void 0 || text === "" ? `${status} status code (no body)` : `${status} ${text}`;
}

// lib/stream/reader.ts
var abandoned = new FinalizationRegistry((queue) => {
  queue.leave();
});
var Reader = class {
  #queue;
  #alreadyRead;
  #left;
  #reading = false;
  /**
   * @param alreadyRead the error for a second iteration
   * @param left called when a reader stops before the end
   */
  constructor(queue, alreadyRead, left) {
    this.#queue = queue;
    this.#alreadyRead = alreadyRead;
    this.#left = left;
    abandoned.register(this, queue);
  }
  /** An iterator. The first that is read has the events; any other fails. */
  iterate() {
    return new EventIterator(this);
  }
  /** Makes the caller the one who reads. */
  claim() {
    if (this.#reading) throw this.#alreadyRead();
    this.#reading = true;
    return this.#queue;
  }
  /** Ends the request, unless it has ended. */
  leave() {
    if (!this.#queue.over) this.#left();
    this.#queue.leave();
  }
};
var EventIterator = class {
  #reader;
  #queue;
  #closed = false;
  constructor(reader) {
    this.#reader = reader;
  }
  next() {
    if (this.#queue !== void 0) return this.#queue.next();
    if (this.#closed) return Promise.resolve({ value: void 0, done: true });
    try {
      this.#queue = this.#reader.claim();
    } catch (error) {
      this.#closed = true;
      return Promise.reject(error);
    }
    return this.#queue.next();
  }
  return() {
    this.#closed = true;
    if (this.#queue !== void 0) this.#reader.leave();
    return Promise.resolve({ value: void 0, done: true });
  }
  throw(reason) {
    void this.return();
    return Promise.reject(reason);
  }
  [Symbol.asyncIterator]() {
    return this;
  }
};

// lib/stream/stream.ts
var Stream = class _Stream {
  /** Aborting it ends the request. */
  controller;
  #iterate;
  constructor(iterate, controller) {
    this.#iterate = iterate;
    this.controller = controller;
  }
  [Symbol.asyncIterator]() {
    return this.#iterate();
  }
  /** Two streams of the same events, each read at its own pace. */
  tee() {
    const source2 = this.#iterate();
    const queues = [[], []];
    const branch = (own) => {
      const next = () => {
        const waiting = queues[own]?.shift();
        if (waiting !== void 0) return waiting;
        const result = source2.next();
        queues[1 - own]?.push(result);
        return result;
      };
      return new _Stream(() => ({ next }), this.controller);
    };
    return [branch(0), branch(1)];
  }
  /** The events as a byte stream, one JSON text a line. */
  toReadableStream() {
    const encoder = new TextEncoder();
    let iterator;
    return new ReadableStream({
      start: () => {
        iterator = this[Symbol.asyncIterator]();
      },
      pull: async (controller) => {
        const result = await iterator?.next();
        if (result === void 0 || result.done === true) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(result.value)}
`));
      },
      cancel: async () => {
        await iterator?.return?.();
      }
    });
  }
};

// lib/endpoint.ts
var defaultTimeoutMs = 6e5;
var defaultMaxRetries = 2;
function isEndpoint(candidate) {
  return typeof candidate === "object" && candidate !== null && !("chat" in candidate) && ("baseURL" in candidate || "apiKey" in candidate);
}
function checkEndpoint(endpoint) {
  const { baseURL, apiKey, headers } = endpoint;
  if (typeof baseURL !== "string" || !/^https?:\/\//i.test(baseURL) || !URL.canParse(baseURL)) {
    throw new MultiplexerError(
      `baseURL must be an http or https URL such as "https://api.openai.com/v1", not ${show(baseURL)}.`
    );
  }
  if (typeof apiKey !== "string" || apiKey === "") {
    throw new MultiplexerError("apiKey must be a non-empty string.");
  }
  checkHeader("apiKey", apiKey);
  if (headers === void 0) return;
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw new MultiplexerError("headers must be an object of strings.");
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
      throw new MultiplexerError(`headers: ${show(name)} is not a valid header name.`);
    }
    if (typeof value !== "string") {
      throw new MultiplexerError(`headers: the value of ${name} must be a string.`);
    }
    checkHeader(`headers: the value of ${name}`, value);
  }
}
function checkHeader(what, value) {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new MultiplexerError(
      `${what} must not contain line breaks, control characters or characters beyond Latin-1.`
    );
  }
}
function show(value) {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
function endpointProfile(endpoint, options) {
  const base = new URL(endpoint.baseURL);
  const path = options?.path ?? "/chat/completions";
  base.pathname = `${base.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`;
  for (const [name, value] of Object.entries(options?.query ?? {})) {
    if (value !== void 0) base.searchParams.set(name, String(value));
  }
  const headers = new Headers({
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": "model-multiplexer",
    authorization: `Bearer ${endpoint.apiKey}`
  });
  for (const [name, value] of Object.entries(endpoint.headers ?? {})) headers.set(name, value);
  for (const [name, value] of ownHeaders(options)) {
    checkHeader(`headers: the value of ${name}`, value ?? "");
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return { url: base.href, headers: [...headers].flat() };
}
function ownHeaders(options) {
  const { headers } = options ?? {};
  if (headers === void 0 || headers === null) return [];
  if (isNullableHeaders(headers)) {
    return [...headers.values, ...[...headers.nulls].map((name) => [name, null])];
  }
  const pairs = headers instanceof Headers || Array.isArray(headers) ? [...headers] : Object.entries(headers);
  return pairs.flatMap((pair) => {
    const [name, value] = pair;
    if (value === void 0) return [];
    return [[name, typeof value === "string" || value === null ? value : value.join(", ")]];
  });
}
function isNullableHeaders(headers) {
  return "values" in headers && headers.values instanceof Headers && "nulls" in headers;
}
function addEndpointProfile(endpoint, options) {
  const { url, headers } = endpointProfile(endpoint, options);
  return hub.native.addProfile("POST", url, headers, false);
}
var endpointForm = {
  reply(head, body) {
    if (head.status === 204) return null;
    if (!saysJson(head.get("content-type"))) return body;
    if (body === "") return void 0;
    const value = parseJson(body);
    if (value === void 0) {
      throw new APIError(void 0, void 0, "The reply is not valid JSON.", head.headers);
    }
    return withRequestId(value, head);
  },
  events(opened) {
    const dead = (message, cause) => new APIConnectionError(void 0, void 0, message, opened.head?.headers, cause);
    return {
      named: (_name, data) => JSON.parse(data),
      errorEvent: (_name, data) => {
        const value = parseJson(data);
        return new APIError(void 0, value?.error ?? value, void 0, opened.head?.headers);
      },
      unparsed: () => dead("The stream holds an event that is not valid JSON."),
      broken: (fault) => dead("The connection broke within the stream.", asCause(fault))
    };
  },
  stream(queue, controller) {
    const reader = new Reader(
      queue,
      () => new MultiplexerError(
        "Cannot iterate over a consumed stream, use `.tee()` to split the stream."
      ),
      () => {
        controller.abort();
      }
    );
    return new Stream(() => reader.iterate(), controller);
  },
  statusError(head, body) {
    const value = parseJson(body);
    return statusError(head.status, value?.error, body, head.headers);
  },
  unreachable: (fault) => fault.timedOut ? new APIConnectionTimeoutError(
    void 0,
    void 0,
    "Request timed out.",
    void 0,
    asCause(fault)
  ) : new APIConnectionError(
    void 0,
    void 0,
    "Connection error.",
    void 0,
    asCause(fault)
  ),
  brokenReply: (fault) => new APIConnectionError(
    void 0,
    void 0,
    "The connection broke within the reply.",
    void 0,
    asCause(fault)
  ),
  timedOut: () => new APIConnectionTimeoutError(void 0, void 0, "Request timed out.", void 0),
  aborted: () => new APIUserAbortError(void 0, void 0, abortMessage, void 0)
};

// lib/signals.ts
var listeners = /* @__PURE__ */ new WeakMap();
function onAbort() {
  const waiting = listeners.get(this);
  listeners.delete(this);
  for (const listener of waiting ?? []) listener();
}
function listen(signal, listener) {
  let waiting = listeners.get(signal);
  if (waiting === void 0) {
    waiting = /* @__PURE__ */ new Set();
    listeners.set(signal, waiting);
    signal.addEventListener("abort", onAbort, { once: true });
  }
  waiting.add(listener);
}
function unlisten(signal, listener) {
  const waiting = listeners.get(signal);
  if (waiting?.delete(listener) === true && waiting.size === 0) {
    listeners.delete(signal);
    signal.removeEventListener("abort", onAbort);
  }
}

// lib/sdk/client.ts
function baseClass(client) {
  let candidate = client.constructor;
  while (typeof candidate === "function") {
    if (Object.hasOwn(candidate, "APIUserAbortError") && Object.hasOwn(candidate, "OpenAI")) {
      return candidate;
    }
    if (Object.hasOwn(candidate, "APIUserAbortError")) return candidate;
    candidate = Object.getPrototypeOf(candidate);
  }
  return void 0;
}

// lib/sdk/form.ts
var streamClasses = /* @__PURE__ */ new WeakMap();
var forms = /* @__PURE__ */ new WeakMap();
async function learnForm(client) {
  const base = baseClass(client);
  if (base === void 0 || forms.has(client)) return;
  let learning = streamClasses.get(base);
  if (learning === void 0) {
    learning = learnStreamClass(base);
    streamClasses.set(base, learning);
  }
  forms.set(client, new SdkForm(client, await learning));
}
function knownForm(client) {
  return forms.get(client);
}
async function learnStreamClass(base) {
  const fetch = () => Promise.resolve(
    new Response("data: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } })
  );
  try {
    const probe = new base({
      apiKey: "none",
      baseURL: "http://localhost/v1",
      fetch,
      logLevel: "off"
    });
    const { create } = probe.chat.completions;
    const body = { model: "none", messages: [], stream: true };
    const stream = await create.call(probe.chat.completions, body);
    return "tee" in stream ? stream.constructor : void 0;
  } catch {
    return void 0;
  }
}
var SdkForm = class {
  #client;
  #sdk;
  #version;
  #stream;
  constructor(client, stream) {
    this.#client = client;
    this.#sdk = client.constructor;
    this.#version = majorVersion(client);
    this.#stream = stream;
  }
  reply(head, body) {
    if (head.status === 204) return null;
    const isJson = this.#version >= 7 ? saysJson : saysJsonInLowerCase;
    if (!isJson(head.get("content-type"))) return body;
    const mayBeEmpty = this.#version >= 7 || this.#version === 6 && head.get("content-length") === "0";
    if (body === "" && mayBeEmpty) return void 0;
    try {
      return withRequestId(JSON.parse(body), head);
    } catch (error) {
      throw this.#version === 4 ? invalidJson(head, error) : error;
    }
  }
  events(opened) {
    const headers = () => opened.head && this.#headers(opened.head);
    return {
      normalise: this.#version >= 7 ? giveFinishReasons : void 0,
      named: (name, data) => {
        const value = JSON.parse(data);
        const plain = this.#version === 4 ? name.startsWith("response.") || name.startsWith("transcript.") : !name.startsWith("thread.");
        return plain ? value : { event: name, data: value };
      },
      errorEvent: (_name, data) => {
        const value = parseJson(data);
        return new this.#sdk.APIError(void 0, value?.error ?? value, void 0, headers());
      },
      unparsed: (data) => {
        if (this.#version < 7 && data.startsWith("[DONE]")) return void 0;
        if (this.#version >= 7) {
          return new SyntaxError("Error reading response: malformed server-sent event JSON.");
        }
        try {
          return JSON.parse(data);
        } catch (error) {
          return error;
        }
      },
      broken: (fault) => this.#terminated(fault)
    };
  }
  stream(queue, controller) {
    const reader = new Reader(
      queue,
      () => this.#alreadyRead(),
      () => {
        controller.abort();
      }
    );
    const iterate = () => reader.iterate();
    if (this.#stream === void 0) return new Stream(iterate, controller);
    return new this.#stream(iterate, controller, this.#client);
  }
  statusError(head, body) {
    const value = parseJson(body);
    const message = isTruthy(value) ? void 0 : body;
    return this.#client.makeStatusError(head.status, value, message, this.#headers(head));
  }
  unreachable(fault) {
    if (fault.timedOut && this.#version >= 5) {
      return Object.assign(this.timedOut(), { cause: fetchFailed(fault) });
    }
    return new this.#sdk.APIConnectionError({ cause: fetchFailed(fault) });
  }
  brokenReply(fault) {
    return this.#terminated(fault);
  }
  timedOut() {
    const error = new this.#sdk.APIConnectionTimeoutError();
    if (this.#version < 7) return error;
    return Object.assign(error, {
      cause: new DOMException("This operation was aborted", "AbortError")
    });
  }
  aborted() {
    return new this.#sdk.APIUserAbortError({ message: abortMessage });
  }
  #alreadyRead() {
    const message = "Cannot iterate over a consumed stream, use `.tee()` to split the stream.";
    return this.#version === 4 ? new Error(message) : new this.#sdk.OpenAIError(message);
  }
  /** A body that breaks off, as node-fetch (v4) and fetch report it. */
  #terminated(fault) {
    if (this.#version === 4) {
      return Object.assign(new Error("Premature close"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
    }
    return new TypeError("terminated", { cause: asCause(fault) });
  }
  /** v4 gives a plain object that is read in any case, later versions a Headers. */
  #headers(head) {
    if (this.#version >= 5) return head.headers;
    return new Proxy(Object.fromEntries(head.headers), {
      get(target, name) {
        const key = String(name);
        return target[key.toLowerCase()] ?? target[key];
      }
    });
  }
};
function giveFinishReasons(event) {
  const { choices } = event ?? {};
  if (!Array.isArray(choices)) return event;
  const all = choices;
  all.forEach((choice, index) => {
    if (typeof choice === "object" && !Array.isArray(choice)) choice.finish_reason ??= null;
    else all[index] = { ...choice, finish_reason: choice.finish_reason ?? null };
  });
  return event;
}
function invalidJson(head, error) {
  const message = `invalid json response body at ${head.url} reason: ${error.message}`;
  const name = { value: "FetchError", configurable: true, writable: true };
  return Object.defineProperty(
    Object.assign(new Error(message), { type: "invalid-json" }),
    "name",
    name
  );
}
function fetchFailed(fault) {
  return new TypeError("fetch failed", { cause: asCause(fault) });
}
function isTruthy(value) {
  return Boolean(value);
}
function majorVersion(client) {
  const { getUserAgent } = client;
  const version = /\/JS (\d+)\./.exec(getUserAgent?.call(client) ?? "")?.[1];
  if (version !== void 0) return Number(version);
  return "httpAgent" in client ? 4 : 7;
}

// lib/sdk/profile.ts
var Profile = class {
  /** Its number in the engine. */
  id;
  #uses = 0;
  #forgotten = false;
  constructor(id) {
    this.id = id;
  }
  /** Somebody will use it later. */
  keep() {
    this.#uses++;
    return this;
  }
  /** They have. */
  release() {
    this.#uses--;
    this.#dropIfUnused();
  }
  /** It will not be handed out again. */
  forget() {
    this.#forgotten = true;
    this.#dropIfUnused();
    return this;
  }
  #dropIfUnused() {
    if (this.#forgotten && this.#uses === 0) hub.native.dropProfile(this.id);
  }
};
var mostKept = 32;
var sentinel = 907316;
var cache = /* @__PURE__ */ new WeakMap();
var forgotten = new FinalizationRegistry((models) => {
  for (const cached of models.values()) forget(cached);
});
function forget(cached) {
  for (const profile of cached.byOptions.values()) profile.forget();
  cached.byOptions.clear();
}
function knownProfile(client, model, options) {
  const key = optionsKey(options);
  const cached = cache.get(client)?.get(model);
  if (key === void 0 || cached === void 0) return void 0;
  return isCurrent(cached, client) ? cached.byOptions.get(key) : void 0;
}
async function buildProfile(client, model, options) {
  const before = inputs(client);
  const request = {
    method: "post",
    path: "/chat/completions",
    // Azure's path holds the model; the body itself is the engine's matter.
    body: { model },
    ...options,
    stream: false,
    __security: { bearerAuth: true }
  };
  await client.prepareOptions(request);
  const { url, req } = await client.buildRequest(request, { retryCount: sentinel });
  const headers = [];
  let countsRetries = false;
  for (const [name, value] of entries(req.headers)) {
    const lower = name.toLowerCase();
    if (lower === "content-length") continue;
    if (lower === "x-stainless-retry-count" && value === String(sentinel)) {
      countsRetries = true;
      headers.push(name, "0");
    } else {
      headers.push(name, value);
    }
  }
  const profile = new Profile(hub.native.addProfile("POST", url, headers, countsRetries)).keep();
  const key = optionsKey(options);
  if (key === void 0 || hasAsyncKey(client)) return profile.forget();
  remember(client, model, before, key, profile);
  return profile;
}
function hasAsyncKey(client) {
  return typeof client._options["apiKey"] === "function" || client._azureADTokenProvider !== void 0;
}
function remember(client, model, before, key, profile) {
  let models = cache.get(client);
  if (models === void 0) {
    models = /* @__PURE__ */ new Map();
    cache.set(client, models);
    forgotten.register(client, models);
  }
  let cached = models.get(model);
  if (cached === void 0 || !isCurrent(cached, client)) {
    if (cached !== void 0) forget(cached);
    cached = { inputs: before, byOptions: /* @__PURE__ */ new Map() };
    models.set(model, cached);
  }
  cached.byOptions.get(key)?.forget();
  cached.byOptions.set(key, profile);
  const [oldest] = cached.byOptions.keys();
  if (cached.byOptions.size > mostKept && oldest !== void 0) {
    cached.byOptions.get(oldest)?.forget();
    cached.byOptions.delete(oldest);
  }
}
var fields = [
  "apiKey",
  "organization",
  "project",
  "baseURL",
  "timeout",
  "deploymentName",
  "apiVersion",
  "adminAPIKey"
];
function inputs(client) {
  const { defaultHeaders, defaultQuery } = client._options;
  return {
    values: fields.map((field) => client[field]),
    headers: contents(defaultHeaders),
    query: contents(defaultQuery)
  };
}
function isCurrent({ inputs: { values, headers, query } }, client) {
  for (let index = 0; index < fields.length; index++) {
    if (client[fields[index]] !== values[index]) return false;
  }
  const { defaultHeaders, defaultQuery } = client._options;
  return contents(defaultHeaders) === headers && contents(defaultQuery) === query;
}
function contents(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Symbol.iterator in value) return JSON.stringify([...value]);
  if ("values" in value && value.values instanceof Headers) {
    const { nulls } = value;
    return JSON.stringify([[...value.values], [...nulls ?? []]]);
  }
  return JSON.stringify(value);
}
var noOptions = "";
function optionsKey(options) {
  if (options === void 0) return noOptions;
  const { headers, query, path, timeout, idempotencyKey } = options;
  if (headers === void 0 && query === void 0 && path === void 0 && timeout === void 0 && idempotencyKey === void 0) {
    return noOptions;
  }
  if (headers !== void 0 && headers !== null && !isPlain(headers)) return void 0;
  if (query !== void 0 && query !== null && !isPlain(query)) return void 0;
  return JSON.stringify([headers, query, path, timeout, idempotencyKey]);
}
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((item) => typeof item !== "object" || item === null);
}
function* entries(headers) {
  if (typeof headers.entries === "function") {
    yield* headers.entries();
  } else {
    yield* Object.entries(headers);
  }
}

// lib/call/native.ts
function ask(call, target) {
  try {
    const prepared = prepareNow(call, target);
    return prepared === void 0 ? askLater(call, target) : send(call, target, prepared);
  } catch (error) {
    return Promise.resolve({ kind: "notSent", error });
  }
}
async function askLater(call, target) {
  try {
    return await send(call, target, await prepareLater(call, target));
  } catch (error) {
    return { kind: "notSent", error };
  }
}
function prepareNow(call, { client, modelName }) {
  const { options } = call;
  if (isEndpoint(client)) {
    const profile2 = endpointProfileOf(client, options);
    const timeoutMs = wholeNumber("timeout", options?.timeout) ?? defaultTimeoutMs;
    const maxRetries = wholeNumber("maxRetries", options?.maxRetries) ?? defaultMaxRetries;
    return { profile: profile2, form: endpointForm, timeoutMs, maxRetries };
  }
  const sdk = client;
  const form = knownForm(sdk);
  if (form === void 0) return void 0;
  const profile = knownProfile(sdk, modelName, options);
  return profile && { profile: profile.keep(), form, ...limits(sdk, options) };
}
async function prepareLater(call, { client, modelName }) {
  const { options } = call;
  const sdk = client;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === void 0) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
    modelName,
    options
  );
  return { profile, form, ...limits(sdk, options) };
}
function limits(client, options) {
  return {
    timeoutMs: options?.timeout ?? client.timeout,
    maxRetries: options?.maxRetries ?? client.maxRetries
  };
}
var endpointProfiles = /* @__PURE__ */ new WeakMap();
var droppedEndpoints = new FinalizationRegistry((profile) => {
  profile.forget();
});
function endpointProfileOf(endpoint, options) {
  const { headers, query, path } = options ?? {};
  if (headers !== void 0 || query !== void 0 || path !== void 0) {
    return new Profile(addEndpointProfile(endpoint, options)).keep().forget();
  }
  let profile = endpointProfiles.get(endpoint);
  if (profile === void 0) {
    profile = new Profile(addEndpointProfile(endpoint, void 0));
    endpointProfiles.set(endpoint, profile);
    droppedEndpoints.register(endpoint, profile);
  }
  return profile.keep();
}
function wholeNumber(name, value) {
  if (value === void 0) return void 0;
  if (!Number.isInteger(value) || value < 0) {
    throw new MultiplexerError(`${name} must be a non-negative integer, not ${value}.`);
  }
  return value;
}
function serialise(params, indent) {
  const { model, toJSON } = params ?? {};
  const asItIs = typeof model === "string" && toJSON === void 0;
  return JSON.stringify(asItIs ? params : { ...params, model: "" }, null, indent);
}
function send(call, target, prepared) {
  const { params, options } = call;
  const { profile, form } = prepared;
  const signal = options?.signal;
  call.form = form;
  try {
    if (signal?.aborted === true) {
      hub.end(call.id);
      return Promise.resolve({ kind: "aborted" });
    }
    const streams = params?.stream === true;
    const indent = "httpAgent" in target.client ? 2 : 0;
    const answer = hub.send(
      call.id,
      call.around,
      profile.id,
      target.modelName,
      call.bodySent ? null : serialise(params, indent),
      prepared.timeoutMs,
      prepared.maxRetries,
      streams ? form.events(call.opened) : null
    );
    call.bodySent = true;
    if (signal) endOnAbort(call, signal);
    return answer;
  } finally {
    profile.release();
  }
}
function endOnAbort(call, signal) {
  call.onAbort = () => {
    hub.end(call.id);
  };
  listen(signal, call.onAbort);
}
function conclude(call, answer) {
  const signal = call.options?.signal;
  if (call.onAbort !== void 0 && signal) {
    unlisten(signal, call.onAbort);
    call.onAbort = void 0;
  }
  try {
    return judge2(call, call.form, answer);
  } catch (error) {
    call.fail();
    return { kind: "failed", error };
  }
}
function judge2(call, form, answer) {
  switch (answer.kind) {
    case "reply":
      call.head = answer.head;
      call.body = answer.body;
      return { kind: "answered", value: form.reply(answer.head, answer.body) };
    case "stream":
      call.head = answer.head;
      call.opened.head = answer.head;
      return { kind: "answered", value: openStream(call, form, answer.queue) };
    case "rateLimited":
      return {
        kind: "rateLimited",
        retryAfterMs: answer.head.get("retry-after-ms"),
        retryAfter: answer.head.get("retry-after"),
        error: () => form.statusError(answer.head, answer.body)
      };
    case "refused":
      return { kind: "failed", error: form.statusError(answer.head, answer.body) };
    case "unreachable":
      return { kind: "failed", error: form.unreachable(answer.fault) };
    case "broken":
      return { kind: "failed", error: form.brokenReply(answer.fault) };
    case "timedOut":
      return { kind: "failed", error: form.timedOut() };
    case "aborted":
      return { kind: "aborted", error: form.aborted() };
    case "notSent":
      hub.native.failed(call.id);
      return { kind: "failed", error: answer.error };
  }
}
function openStream(call, form, queue) {
  const controller = new AbortController();
  const signal = call.options?.signal;
  if (signal) {
    const abort = () => {
      controller.abort();
    };
    listen(signal, abort);
    queue.onOver(() => {
      unlisten(signal, abort);
    });
  }
  controller.signal.addEventListener(
    "abort",
    () => {
      queue.leave();
    },
    { once: true }
  );
  return form.stream(queue, controller);
}

// lib/clock.ts
function isBuiltIn(candidate, name) {
  if (typeof candidate !== "function") return false;
  const text = Function.prototype.toString.call(candidate).replaceAll(/\s+/g, " ");
  return text === `function ${name}() { [native code] }`;
}
var knownNow = void 0;
var nowIsBuiltIn = true;
function hostNow() {
  const now = Date.now;
  if (now !== knownNow) {
    knownNow = now;
    nowIsBuiltIn = isBuiltIn(now, "now");
  }
  if (nowIsBuiltIn) return Number.NaN;
  const time = Date.now();
  return typeof time === "number" && !Number.isNaN(time) ? time : 0;
}
var knownRandom = void 0;
var randomIsBuiltIn = true;
function isHostDraw() {
  const random = Math.random;
  if (random !== knownRandom) {
    knownRandom = random;
    randomIsBuiltIn = isBuiltIn(random, "random");
  }
  return !randomIsBuiltIn;
}
function hostDraw() {
  const draw = Math.random();
  return typeof draw === "number" && !Number.isNaN(draw) ? draw : Number.POSITIVE_INFINITY;
}

// lib/sdk/environment.ts
var import_node_diagnostics_channel = __toESM(require("node:diagnostics_channel"));
var import_node_http = __toESM(require("node:http"));
var import_node_https = __toESM(require("node:https"));
function source(candidate) {
  return typeof candidate === "function" ? Function.prototype.toString.call(candidate) : "";
}
var Watch = class _Watch {
  constructor(read, isOwn) {
    this.read = read;
    this.isOwn = isOwn;
  }
  read;
  isOwn;
  #known = _Watch;
  #verdict = false;
  ok() {
    const value = this.read();
    if (value !== this.#known) {
      this.#known = value;
      this.#verdict = this.isOwn(value);
    }
    return this.#verdict;
  }
};
function isNodeFetch(candidate) {
  const text = source(candidate);
  return /^(?:async )?function fetch\(input, init = undefined\) \{/.test(text) && text.includes("undici");
}
function isNodeDispatcher(dispatcher) {
  if (dispatcher === void 0) return true;
  const made = dispatcher.constructor;
  return source(made).includes('__name(this, "Agent")');
}
function global(key) {
  return () => globalThis[key];
}
var fetchWatches = [
  new Watch(() => globalThis.fetch, isNodeFetch),
  new Watch(global(/* @__PURE__ */ Symbol.for("undici.globalDispatcher.1")), isNodeDispatcher),
  new Watch(global(/* @__PURE__ */ Symbol.for("undici.globalDispatcher.2")), isNodeDispatcher)
];
var clientRequest = import_node_http.default.ClientRequest;
var httpWatches = [
  new Watch(
    () => import_node_http.default.request,
    (value) => source(value).startsWith("function request(url, options, cb) {\n  return new ClientRequest(")
  ),
  new Watch(
    () => import_node_https.default.request,
    (value) => /^function request\(\.\.\.args\) \{\n {2}let options = \{\};/.test(source(value))
  ),
  new Watch(
    () => import_node_http.default.ClientRequest,
    (value) => value === clientRequest
  )
];
var undiciRequests = import_node_diagnostics_channel.default.channel("undici:request:create");
var httpRequests = import_node_diagnostics_channel.default.channel("http.client.request.start");
function fetchIsWatched() {
  if (undiciRequests.hasSubscribers) return "somebody subscribes to undici:request:create";
  for (const watch of fetchWatches) {
    if (!watch.ok()) return "fetch or its dispatcher has been replaced";
  }
  return void 0;
}
function httpIsWatched() {
  if (httpRequests.hasSubscribers) return "somebody subscribes to http.client.request.start";
  for (const watch of httpWatches) {
    if (!watch.ok()) return "http.request or https.request has been replaced";
  }
  return void 0;
}

// lib/sdk/stock.ts
var methods = {
  post: ["methodRequest"],
  methodRequest: [".request("],
  request: ["makeRequest"],
  makeRequest: ["buildRequest", "shouldRetry"],
  buildRequest: ["buildURL", "timeout"],
  fetchWithTimeout: ["signal", "fetch"],
  prepareOptions: [],
  prepareRequest: [],
  shouldRetry: ["x-should-retry"]
};
var knownOptions = /* @__PURE__ */ new Set([
  "signal",
  "timeout",
  "maxRetries",
  "headers",
  "query",
  "path",
  "idempotencyKey",
  // Without effect in the SDK, but part of what @upstash/model-multiplexer's type allows.
  "stream",
  "defaultHeaders",
  "defaultQuery",
  "responseFormat",
  "baseURL"
]);
var genuine = /* @__PURE__ */ new WeakMap();
function isGenuine(method, mentions) {
  if (typeof method !== "function") return false;
  let verdict = genuine.get(method);
  if (verdict === void 0) {
    const text = Function.prototype.toString.call(method);
    verdict = !text.includes("[native code]") && mentions.every((mentioned) => text.includes(mentioned));
    genuine.set(method, verdict);
  }
  return verdict;
}
var inspections = /* @__PURE__ */ new WeakMap();
function whyNotNative(client, options) {
  if (typeof client !== "object" || client === null) return "it is not an OpenAI client";
  for (const name in options) {
    if (!knownOptions.has(name)) return `the option ${name} is the client's own`;
  }
  const sdk = client;
  const usesFetch = !("httpAgent" in sdk);
  const inBetween = usesFetch ? fetchIsWatched() : httpIsWatched();
  if (inBetween !== void 0) return inBetween;
  const known = inspections.get(client);
  if (known !== void 0 && isUnchanged(sdk, known.seen)) return known.reason;
  const seen = look(sdk);
  const reason = inspect(sdk);
  inspections.set(client, { reason, seen });
  return reason;
}
var watched = [
  "fetch",
  "httpAgent",
  "fetchOptions",
  "logLevel",
  "_provider",
  "_workloadIdentityAuth",
  ...Object.keys(methods)
];
function isUnchanged(client, { prototype, completions, client: seenClient, create, values }) {
  const loose = client;
  if (Object.getPrototypeOf(client) !== prototype) return false;
  const current = loose.chat?.completions;
  if (current !== completions || current?._client !== seenClient || current?.create !== create) {
    return false;
  }
  for (let index = 0; index < watched.length; index++) {
    if (loose[watched[index]] !== values[index]) return false;
  }
  return true;
}
function look(client) {
  const loose = client;
  const completions = loose.chat?.completions;
  return {
    prototype: Object.getPrototypeOf(client),
    completions,
    client: completions?._client,
    create: completions?.create,
    values: watched.map((name) => loose[name])
  };
}
function inspect(client) {
  const base = baseClass(client);
  if (base === void 0 || !("_options" in client)) return "it is not an OpenAI client";
  if (isProxyLike(client)) return "it is wrapped";
  const { completions } = client.chat;
  if (Object.hasOwn(completions, "create") || completions._client !== client || !isGenuine(completions.create, ["/chat/completions", "post"])) {
    return "chat.completions.create has been replaced";
  }
  const patched = Object.keys(methods).find((name) => !isSdkMethod(client, base, name));
  if (patched !== void 0) return `${patched} has been replaced`;
  if (client._provider !== void 0 && client._provider !== null) return "it has a provider";
  if (client._workloadIdentityAuth !== void 0) return "it has a workload identity";
  if (client.logLevel === "debug" || client.logLevel === "info") return "it logs its requests";
  return transportReason(client, base);
}
function isProxyLike(client) {
  return !Object.hasOwn(client, "baseURL") || !Object.hasOwn(client, "_options");
}
function isSdkMethod(client, base, name) {
  const { prototype } = base;
  const owner = ownerOf(client, name);
  const inSdk = owner === prototype || owner !== void 0 && Object.prototype.isPrototypeOf.call(owner, prototype);
  const azure = (name === "buildRequest" || name === "prepareOptions") && "apiVersion" in client && owner !== client;
  if (!inSdk && !azure) return false;
  return isGenuine(
    client[name],
    azure ? [] : methods[name] ?? []
  );
}
function isSdkClient(client) {
  if (typeof client !== "object" || client === null) return false;
  return "_options" in client && baseClass(client) !== void 0;
}
function ownerOf(object, name) {
  let owner = object;
  while (typeof owner === "object" && owner !== null) {
    if (Object.hasOwn(owner, name)) return owner;
    owner = Object.getPrototypeOf(owner);
  }
  return void 0;
}
function transportReason(client, base) {
  if ("httpAgent" in client) {
    if (client.httpAgent !== void 0) return "it has an httpAgent";
    return client.fetch === stockFetch(base) ? void 0 : "it has its own fetch";
  }
  if (client.fetchOptions !== void 0) return "it has fetchOptions";
  return isNodeFetch(client.fetch) ? void 0 : "it has its own fetch";
}
var stockFetches = /* @__PURE__ */ new WeakMap();
function stockFetch(base) {
  const key = base;
  if (!stockFetches.has(key)) {
    stockFetches.set(key, new key({ apiKey: "none", baseURL: "http://localhost" }).fetch);
  }
  return stockFetches.get(key);
}

// lib/call/run.ts
var Call = class {
  id = hub.newId();
  around;
  params;
  options;
  /** What the call answers. */
  value;
  /** The engine has the body and keeps it for the next target. */
  bodySent = false;
  /** How the target that is being asked through the engine answers. */
  form;
  /** Ends the call when its signal is aborted; there is none without a signal. */
  onAbort;
  /** The head of the response that the engine received. */
  head;
  /** Its body, if that is a text. */
  body = null;
  /** The head of a stream, for its events; apart, so that they do not keep the call alive. */
  opened = {};
  /** The client's own promise, where it was called itself. */
  delegated;
  /** The target that is being asked. */
  #key = 0;
  constructor(around, params, options) {
    this.around = around;
    this.params = params;
    this.options = options;
    this.value = this.#run();
  }
  /** The HTTP response behind the answer. A stream's body is read as the stream, not here. */
  async response() {
    await this.value;
    if (this.head !== void 0) return this.head.toResponse(this.body);
    const { asResponse } = this.delegated ?? {};
    if (asResponse !== void 0) return asResponse.call(this.delegated);
    throw new MultiplexerError("The client that answered does not tell its HTTP response.");
  }
  /** Counts a failure; a reply that turned out to be unreadable was counted as a success. */
  fail() {
    if (this.head === void 0) hub.native.failed(this.id);
    else this.around.fleet.takeBack(this.#key);
  }
  async #run() {
    const { targets } = this.around;
    this.#key = this.#begin();
    let refusal;
    for (; ; ) {
      const target = targets.get(this.#key);
      if (target === void 0) throw this.#exhausted(refusal);
      const outcome = this.#goesThroughEngine(target) ? conclude(this, await ask(this, target)) : await callClient(this, target);
      switch (outcome.kind) {
        case "answered":
          return outcome.value;
        case "rateLimited":
          this.#rest(target, outcome);
          refusal = outcome.error;
          break;
        case "failed":
          this.around.log.failed(target.modelName, outcome.error);
          throw outcome.error;
        case "aborted":
          throw outcome.error;
      }
      this.#key = this.#again();
    }
  }
  #begin() {
    const { fleet } = this.around;
    const now = hostNow();
    const draw = isHostDraw() && fleet.canPick(now) ? hostDraw() : Number.NaN;
    return fleet.begin(this.id, now, draw);
  }
  #again() {
    const now = hostNow();
    const draw = isHostDraw() && hub.native.canPickAgain(this.id, now) ? hostDraw() : Number.NaN;
    return hub.native.again(this.id, now, draw);
  }
  #goesThroughEngine({ client, transport }) {
    if (transport !== "auto") return transport === "native";
    return isEndpoint(client) || whyNotNative(client, this.options) === void 0;
  }
  #rest(target, hints) {
    const { log, rests } = this.around;
    const rest = hub.native.rateLimited(this.id, hostNow(), hints.retryAfterMs, hints.retryAfter);
    if (rest === null) return;
    log.rateLimited(target.modelName, rest.spanMs);
    if (this.around.targets.get(this.#key) === target) {
      rests.begin(this.#key, target.modelName, rest.spanMs, rest.until);
    }
  }
  #exhausted(refusal) {
    const why = hub.native.unavailable(this.id);
    hub.native.close(this.id);
    if (refusal !== void 0) return refusal();
    const retryAfterMs = why?.retryAfterMs;
    switch (why?.reason) {
      case "resting":
        return new ModelSelectionError("All models are temporarily rate limited.", {
          code: "rate_limited",
          retryAfterMs
        });
      case "atCapacity":
        return new ModelSelectionError(
          retryAfterMs === void 0 ? "All models are at capacity." : "All models are at capacity or temporarily rate limited.",
          { code: "at_capacity", retryAfterMs }
        );
      case "empty":
        return new ModelSelectionError("No models available in the multiplexer.", {
          code: "no_models"
        });
      default:
        return new MultiplexerError("The multiplexer was closed.");
    }
  }
};

// lib/log.ts
var Log = class {
  #logger;
  /** @param logger undefined means the console that there is at the time of each message */
  constructor(logger) {
    this.#logger = logger;
  }
  rateLimited(modelName, spanMs) {
    this.#write("warn", `Model ${modelName} hit rate limit. Trying next model.`);
    const seconds = spanMs / 1e3;
    this.#write(
      "log",
      `Model ${modelName} temporarily disabled for ${seconds}s due to rate limit.`
    );
  }
  returned(modelName) {
    this.#write("log", `Model ${modelName} re-enabled after rate limit.`);
  }
  failed(modelName, error) {
    this.#write("error", `Error in Multiplexer: ${modelName}`, error);
  }
  addedTwice(id) {
    this.#write(
      "warn",
      `Attempted to add a model with the same name '${id}' multiple times. Skipping.`
    );
  }
  #write(level, message, ...rest) {
    if (this.#logger === false) return;
    const logger = this.#logger ?? console;
    try {
      logger[level]?.(message, ...rest);
    } catch {
    }
  }
};

// lib/options.ts
function checkOptions(options) {
  checkNames("options", options, ["logger", "cooldown"]);
  const logger = options?.logger;
  const isLogger = logger === void 0 || logger === false || typeof logger === "object";
  if (!isLogger || logger === null) {
    throw new MultiplexerError(
      "options.logger must be false or an object with log, warn and error, such as console."
    );
  }
  return { logger, cooldown: checkCooldown(options?.cooldown) };
}
function checkCooldown(cooldown) {
  checkNames("options.cooldown", cooldown, ["defaultMs", "minMs", "maxMs"]);
  const milliseconds = (name, otherwise) => {
    const value = cooldown?.[name] ?? otherwise;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw new MultiplexerError(
      `options.cooldown.${name} must be a number of milliseconds from 0, not ${String(value)}.`
    );
  };
  const checked = {
    defaultMs: milliseconds("defaultMs", 6e4),
    minMs: milliseconds("minMs", 1e3),
    maxMs: milliseconds("maxMs", 6e5)
  };
  if (checked.minMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.minMs (${checked.minMs}) must not be above maxMs (${checked.maxMs}).`
    );
  }
  return checked;
}
function checkNames(what, value, known) {
  if (value === void 0) return;
  if (typeof value !== "object" || value === null) {
    throw new MultiplexerError(`${what} must be an object.`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === void 0) return;
  throw new MultiplexerError(
    `${what}: there is no option "${unknown}"; there are ${known.join(", ")}.`
  );
}

// lib/rests.ts
var import_node_async_hooks = require("node:async_hooks");
var outside = new import_node_async_hooks.AsyncResource("model-multiplexer");
var longestTimer = 2 ** 31 - 1;
var Rests = class {
  #fleet;
  #log;
  #timers = /* @__PURE__ */ new Map();
  constructor(fleet, log) {
    this.#fleet = fleet;
    this.#log = log;
  }
  /** A target rests for `spanMs`, which ends at `until`. */
  begin(target, modelName, spanMs, until) {
    clearTimeout(this.#timers.get(target));
    const timer = outside.runInAsyncScope(
      () => setTimeout(
        () => {
          this.#timers.delete(target);
          this.#fleet.endRest(target, until);
          this.#log.returned(modelName);
        },
        Math.min(spanMs, longestTimer)
      )
    );
    timer.unref?.();
    this.#timers.set(target, timer);
  }
  /** A target is gone. */
  forget(target) {
    clearTimeout(this.#timers.get(target));
    this.#timers.delete(target);
  }
  /** All targets are gone. */
  clear() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
};

// lib/target.ts
var knownOptions2 = ["id", "maxConcurrent", "transport"];
var transports = ["auto", "native", "client"];
function toTarget(client, weight, modelName, options, fallback) {
  if (!Number.isInteger(weight) || weight <= 0) {
    throw new MultiplexerError("Weight must be a positive integer.");
  }
  if (typeof modelName !== "string" || modelName === "") {
    throw new MultiplexerError("modelName must be a non-empty string.");
  }
  const { id, maxConcurrent, transport } = checkOptions2(options);
  checkClient(client, transport);
  return {
    id: id ?? modelName,
    // What is done to an endpoint's object later has no effect.
    client: isEndpoint(client) ? { ...client } : client,
    modelName,
    transport,
    maxConcurrent,
    dto: { id: id ?? modelName, model: modelName, weight, fallback, maxConcurrent }
  };
}
function definitionToTarget(definition, fallback) {
  const { client, weight, modelName, ...options } = definition;
  return toTarget(client, weight, modelName, options, fallback);
}
function checkOptions2(options) {
  if (options === void 0) return { id: void 0, maxConcurrent: 0, transport: "auto" };
  if (typeof options !== "object" || options === null) {
    throw new MultiplexerError("options must be an object.");
  }
  const unknown = Object.keys(options).find((name) => !knownOptions2.includes(name));
  if (unknown !== void 0) {
    throw new MultiplexerError(
      `options: there is no option "${unknown}"; there are ${knownOptions2.join(", ")}.`
    );
  }
  const { id, maxConcurrent, transport } = options;
  if (id !== void 0 && (typeof id !== "string" || id === "")) {
    throw new MultiplexerError("options.id must be a non-empty string.");
  }
  const most = maxConcurrent ?? 0;
  if (!Number.isInteger(most) || most < 0 || most > 4294967295) {
    throw new MultiplexerError("maxConcurrent must be a non-negative integer or null.");
  }
  if (transport !== void 0 && !transports.includes(transport)) {
    throw new MultiplexerError(`options.transport must be one of ${transports.join(", ")}.`);
  }
  return { id, maxConcurrent: most, transport: transport ?? "auto" };
}
function checkClient(client, transport) {
  if (isEndpoint(client)) {
    checkEndpoint(client);
    if (transport === "client") {
      throw new MultiplexerError(
        'options.transport must not be "client" for an endpoint: there is no client to call.'
      );
    }
  }
  if (transport === "native" && !isEndpoint(client) && !isSdkClient(client)) {
    throw new MultiplexerError(
      'options.transport must not be "native" for a client that is no OpenAI client.'
    );
  }
}

// lib/multiplexer.ts
var Multiplexer = class {
  chat;
  #fleet;
  #targets = /* @__PURE__ */ new Map();
  #around;
  #closed = false;
  /** @throws {MultiplexerError} for an option that does not exist or has a wrong value */
  constructor(options) {
    const { logger, cooldown } = checkOptions(options);
    const log = new Log(logger);
    this.#fleet = new native.NativeFleet(
      hub.native,
      cooldown.defaultMs,
      cooldown.minMs,
      cooldown.maxMs
    );
    this.#around = {
      fleet: this.#fleet,
      targets: this.#targets,
      log,
      rests: new Rests(this.#fleet, log)
    };
    const create = (params, requestOptions) => this.#create(params, requestOptions);
    this.chat = { completions: { create } };
  }
  /**
   * Registers a model. An id that is there already is skipped with a warning.
   *
   * @param client an OpenAI client of any version, anything else with `chat.completions.create`, or an endpoint
   * @param weight a positive integer: its share of the calls
   * @param modelName the `model` that is sent
   * @throws {MultiplexerError} for a weight, name, endpoint or option that is wrong
   */
  addModel(client, weight, modelName, options) {
    this.#add(toTarget(client, weight, modelName, options, false));
  }
  /** Registers a model that is asked only while no other can be. As `addModel`. */
  addFallbackModel(client, weight, modelName, options) {
    this.#add(toTarget(client, weight, modelName, options, true));
  }
  /**
   * Makes these the models, all at once. One whose id stays keeps its statistics, its rest and its
   * calls under way.
   *
   * @throws {MultiplexerError} for a definition that is wrong or an id that occurs twice; then
   * nothing has changed
   */
  updateModels(update) {
    if (this.#closed) throw closedError();
    const targets = [
      ...update.models.map((definition) => definitionToTarget(definition, false)),
      ...(update.fallbackModels ?? []).map((definition) => definitionToTarget(definition, true))
    ];
    const ids = new Set(targets.map(({ id }) => id));
    const twice = targets.find(({ id }) => !ids.delete(id));
    if (twice !== void 0) throw new MultiplexerError(`The id "${twice.id}" occurs twice.`);
    const keys = this.#fleet.replace(targets.map(({ dto }) => dto));
    const kept = new Set(keys);
    for (const key of this.#targets.keys()) if (!kept.has(key)) this.#around.rests.forget(key);
    this.#targets.clear();
    keys.forEach((key, index) => this.#targets.set(key, targets[index]));
  }
  /** Removes the model of this id; calls that it is answering go on. False if there is none. */
  removeModel(id) {
    for (const [key, target] of this.#targets) {
      if (target.id !== id) continue;
      this.#targets.delete(key);
      this.#around.rests.forget(key);
      return this.#fleet.remove(id);
    }
    return false;
  }
  /** What has become of the calls, by id; models not asked yet are there with zeros. */
  getStats() {
    const stats = {};
    for (const { id, success, rateLimited, failed } of this.#fleet.stats()) {
      Object.defineProperty(stats, id, {
        value: { success, rateLimited, failed },
        enumerable: true,
        configurable: true,
        writable: true
      });
    }
    return stats;
  }
  /** Removes all models, their statistics and their rests. Calls under way go on. */
  reset() {
    this.#targets.clear();
    this.#around.rests.clear();
    this.#fleet.clear();
  }
  /**
   * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
   * that was called itself goes on with its own call. May be called more than once.
   */
  close() {
    this.#closed = true;
    hub.endAll(this.#around);
    this.reset();
    return Promise.resolve();
  }
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose]() {
    return this.close();
  }
  #add(target) {
    if (this.#closed) throw closedError();
    const key = this.#fleet.add(target.dto);
    if (key === 0) this.#around.log.addedTwice(target.id);
    else this.#targets.set(key, target);
  }
  #create(params, options) {
    if (this.#closed) return new CallPromise(refused());
    return new CallPromise(new Call(this.#around, params, options));
  }
};
function closedError() {
  return new MultiplexerError("The multiplexer was closed.");
}
function refused() {
  const value = Promise.reject(closedError());
  return { value, response: () => value };
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  ModelSelectionError,
  Multiplexer,
  MultiplexerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  UnprocessableEntityError
});
