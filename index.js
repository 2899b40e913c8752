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
  AccountBoundError: () => AccountBoundError,
  AllProvidersExhaustedError: () => AllProvidersExhaustedError,
  AuthenticationError: () => AuthenticationError,
  BadRequestError: () => BadRequestError,
  ConfigurationError: () => ConfigurationError,
  ConflictError: () => ConflictError,
  InternalServerError: () => InternalServerError,
  KeyPool: () => KeyPool,
  KeyPoolExhaustedError: () => KeyPoolExhaustedError,
  ModelNotAvailableError: () => ModelNotAvailableError,
  ModelSelectionError: () => ModelSelectionError,
  Multiplexer: () => Multiplexer,
  MultiplexerError: () => MultiplexerError,
  NotFoundError: () => NotFoundError,
  PermissionDeniedError: () => PermissionDeniedError,
  RateLimitError: () => RateLimitError,
  StreamInterruptedError: () => StreamInterruptedError,
  UnprocessableEntityError: () => UnprocessableEntityError,
  catalogue: () => catalogue,
  createRouter: () => createRouter,
  default: () => Multiplexer,
  reportOf: () => reportOf
});
module.exports = __toCommonJS(index_exports);

// lib/call/trail.ts
var Trail = class {
  /** Tells the call's events, where somebody listens. */
  watch;
  /** Ids of targets that were sent to rest and have not answered since. */
  #rested;
  #startedAt = performance.now();
  /** The one that is being asked, or was asked last. */
  #step;
  /** Those before it, which most calls do not have. */
  #before;
  /** Who was not asked when there was nobody to ask, or is not for the one that follows. */
  #passedOver;
  constructor(rested, watch) {
    this.#rested = rested;
    this.watch = watch;
  }
  /** Since the call began. */
  get elapsedMs() {
    return performance.now() - this.#startedAt;
  }
  /** A target is asked. */
  begin(target) {
    const last = this.#step;
    if (last !== void 0) (this.#before ??= []).push(last);
    const startedAt = last === void 0 ? this.#startedAt : performance.now();
    this.#step = {
      target,
      startedAt,
      endedAt: 0,
      outcome: "pending",
      status: void 0,
      spent: void 0,
      passedOver: this.#passedOver,
      stream: void 0,
      failure: void 0,
      isTold: false
    };
    this.#passedOver = void 0;
    this.watch?.started(target);
  }
  /** Who is not asked, and why, in place of the target that is asked next. */
  passOver(targets) {
    this.#passedOver = targets;
  }
  /** What the target that was asked last has cost. */
  spend(spent) {
    if (this.#step !== void 0) this.#step.spent = spent;
  }
  /** It has answered, or not. */
  end(outcome, status) {
    const step2 = this.#step;
    if (step2 === void 0) return;
    step2.endedAt = performance.now();
    step2.outcome = outcome;
    step2.status = status;
  }
  /** The stream of the one that answered has broken off, and is to go on elsewhere. */
  interrupt() {
    const step2 = this.#step;
    if (step2 === void 0) return;
    step2.outcome = "interrupted";
    step2.stream = "interrupted";
    this.#tell(step2);
  }
  /** A stream is handed over. */
  opens() {
    if (this.#step !== void 0) this.#step.stream ??= "open";
  }
  /** It is over. */
  over(how) {
    const step2 = this.#step;
    if (step2 === void 0) return;
    step2.stream = how;
    if (how === "interrupted") {
      this.#rested?.add(step2.target.id);
      this.watch?.brokeOff(step2.target);
    }
    if (step2.endedAt !== 0) this.#tell(step2);
  }
  /** The failure of the target that was asked last was judged, and lets it rest. */
  judged(failure, restMs, until) {
    const step2 = this.#step;
    if (step2 === void 0) return;
    step2.failure = failure;
    if (restMs === 0) return;
    this.#rested?.add(step2.target.id);
    this.watch?.rests(step2.target, failure, restMs, until);
  }
  /** The target that was asked last goes on with a stream that had broken off. */
  recovered() {
    if (this.#step !== void 0) this.watch?.recovered(this.#step.target);
  }
  /** A second target is asked beside the one that was asked last, which is late. */
  hedges(second, afterMs) {
    this.watch?.hedged(second, afterMs);
  }
  /** The attempt at that second target is one of this call's, and if it has won, the last. */
  join(other, hasWon) {
    const [last, before] = hasWon ? [other.#step, this.#step] : [this.#step, other.#step];
    if (before !== void 0) (this.#before ??= []).push(before);
    this.#step = last;
  }
  /** The call has waited. */
  waited(waitedMs, id) {
    this.watch?.waited(waitedMs, id);
  }
  /** All is known of the attempt, but for the end of a stream. */
  tell() {
    const step2 = this.#step;
    if (step2 === void 0) return;
    const hasReturned = step2.outcome === "success" && this.#rested?.delete(step2.target.id);
    if (this.watch === void 0) return;
    if (hasReturned === true) this.watch.returned(step2.target);
    if (step2.stream !== "open") this.#tell(step2);
  }
  #tell(step2) {
    if (step2.isTold) return;
    step2.isTold = true;
    this.watch?.ended(step2.target, () => toEnd(step2));
  }
  report() {
    const now = performance.now();
    const steps = this.#step === void 0 ? [] : [...this.#before ?? [], this.#step];
    steps.sort((one, other) => one.startedAt - other.startedAt);
    const attempts = steps.map((step2) => toAttempt(step2, now));
    const answered = attempts.find(({ outcome }) => outcome === "success");
    const endedAt = this.#step?.endedAt ?? now;
    return {
      id: answered?.id,
      modelName: answered?.modelName,
      attempts,
      passedOver: this.#passedOver ?? [],
      durationMs: (endedAt === 0 ? now : endedAt) - this.#startedAt
    };
  }
};
function toEnd(step2) {
  const now = performance.now();
  const { outcome, status, durationMs, firstTokenMs, tokens } = toAttempt(step2, now);
  const { stream, failure, startedAt } = step2;
  return {
    outcome: stream === void 0 || stream === "open" ? outcome : stream,
    failure,
    status,
    durationMs: stream === void 0 ? durationMs : now - startedAt,
    firstTokenMs,
    tokens
  };
}
function toAttempt(step2, now) {
  const { target, startedAt, endedAt, outcome, status, spent, passedOver: passedOver2 } = step2;
  const [input = 0, output = 0, isReported = 0, micros = 0] = (spent ?? "").split(" ").map(Number);
  return {
    id: target.id,
    modelName: target.modelName,
    outcome,
    status,
    durationMs: (endedAt === 0 ? now : endedAt) - startedAt,
    firstTokenMs: micros > 0 ? micros / 1e3 : void 0,
    tokens: spent === void 0 ? void 0 : { input, output, isEstimated: isReported === 0 },
    passedOver: passedOver2 ?? []
  };
}
function toPassedOver(told3, targets) {
  return told3.flatMap(({ target, reason }) => {
    const id = targets.get(target)?.id;
    return id === void 0 ? [] : [{ id, reason }];
  });
}
var Onto = class {
  constructor(value) {
    return value;
  }
};
var Mark = class _Mark extends Onto {
  #trail;
  constructor(value, trail) {
    super(value);
    this.#trail = trail;
  }
  static of(value) {
    return #trail in value ? value.#trail : void 0;
  }
  static move(value, trail) {
    if (#trail in value) value.#trail = trail;
    else new _Mark(value, trail);
  }
};
function mark(value, trail) {
  if (typeof value === "object" && value !== null && Object.isExtensible(value)) {
    Mark.move(value, trail);
  }
}
function trailOf(value) {
  return typeof value === "object" && value !== null ? Mark.of(value) : void 0;
}

// lib/call/promise.ts
var CallPromise = class _CallPromise extends Promise {
  /** What `then` and the like make are plain promises. */
  static get [Symbol.species]() {
    return Promise;
  }
  #answered;
  constructor(answered) {
    super((resolve2, reject) => {
      answered.value.then(resolve2, reject);
    });
    this.#answered = answered;
  }
  async asResponse() {
    this.catch(() => void 0);
    this.#answered.preferResponse();
    return this.#answered.response();
  }
  async withResponse() {
    const data = await this;
    const response = await this.#answered.response();
    return { data, response, request_id: response.headers.get("x-request-id") };
  }
  /** The trail of the call. */
  trail() {
    return this.#answered.trail;
  }
  /** What the SDK's own helpers (`parse`) make of an answer, as the SDK's promise has it. */
  _thenUnwrap(transform) {
    const { trail } = this.#answered;
    const value = this.then((given2) => {
      const made = transform(given2, { options: this.#answered.asked() });
      keepRequestId(given2, made);
      mark(made, trail);
      return made;
    });
    return new _CallPromise({
      value,
      trail,
      response: () => this.#answered.response(),
      preferResponse: () => {
        this.#answered.preferResponse();
      },
      asked: () => this.#answered.asked()
    });
  }
};
function keepRequestId(from, to) {
  if (typeof to !== "object" || to === null || to === from || Array.isArray(to)) return;
  const id = Object.getOwnPropertyDescriptor(from ?? {}, "_request_id");
  if (id !== void 0) Object.defineProperty(to, "_request_id", id);
}

// lib/call/report.ts
function reportOf(result) {
  const trail = result instanceof CallPromise ? result.trail() : trailOf(result);
  return trail?.report();
}

// lib/authorities.ts
var import_node_fs = require("node:fs");
var variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
function readAuthorities(env, check) {
  const texts = variables.map((variable2) => {
    const file = env[variable2];
    if (file === void 0 || file === "") return "";
    try {
      const text = (0, import_node_fs.readFileSync)(file, "utf8");
      check(text);
      return text;
    } catch (error2) {
      const reason = error2 instanceof Error ? error2.message : String(error2);
      process.emitWarning(`${variable2}: the authorities in "${file}" are left out: ${reason}`);
      return "";
    }
  });
  return texts.join("\n");
}

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

// lib/sdk/node-modules.ts
function nodeHttp() {
  return require("node:http");
}
function nodeHttps() {
  return require("node:https");
}
function nodeNet() {
  return require("node:net");
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
    const end2 = this.#text.indexOf("\n");
    return this.#text.slice(4, end2 === -1 ? void 0 : end2);
  }
  /** The first value of a header; null if there is none. `name` is in lower case. */
  get(name) {
    const start2 = this.#text.indexOf(`
${name}: `);
    if (start2 === -1) return null;
    const from = start2 + name.length + 3;
    const end2 = this.#text.indexOf("\n", from);
    return this.#text.slice(from, end2 === -1 ? void 0 : end2);
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
  /** The response to a request for `url`, as `fetch` would give it. */
  toResponse(body, url) {
    const bodyless = this.status === 204 || this.status === 205 || this.status === 304;
    const response = new Response(bodyless ? null : body, {
      status: this.status,
      statusText: nodeHttp().STATUS_CODES[this.status] ?? "",
      headers: this.headers
    });
    return Object.defineProperties(response, {
      url: { value: this.url, configurable: true },
      redirected: { value: this.url !== url, configurable: true }
    });
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
  for (const step2 of path) {
    if (Array.isArray(value) !== (typeof step2 === "number")) return false;
    value = value[step2];
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
function compile(members2, holes) {
  const inside = (key) => holes.filter(({ path }) => path[0] === key && path.length > 1).map(({ path, hole }) => ({ path: path.slice(1), hole }));
  const elements = Array.isArray(members2) ? members2 : void 0;
  const keys = elements === void 0 ? Object.keys(members2) : [...elements.keys()];
  const children = keys.flatMap((key) => {
    const value = members2[key];
    if (typeof value !== "object" || value === null) return [];
    return [{ key, node: compile(value, inside(key)) }];
  });
  const own = holes.flatMap(({ path, hole }) => {
    const key = path[0];
    return path.length === 1 && key !== void 0 ? [{ key, hole }] : [];
  });
  return { members: members2, elements, holes: own, children };
}
function fill(node, strings, at) {
  const { members: members2, elements, holes, children } = node;
  const copy = elements === void 0 ? { ...members2 } : elements.slice();
  for (const { key, hole } of holes) copy[key] = strings[at + hole];
  for (const { key, node: child } of children) copy[key] = fill(child, strings, at);
  return copy;
}

// lib/exchange.ts
var Exchange = class {
  constructor(hub2, id, owner, form, answer, bill) {
    this.hub = hub2;
    this.id = id;
    this.owner = owner;
    this.form = form;
    this.answer = answer;
    this.bill = bill;
  }
  hub;
  id;
  owner;
  form;
  answer;
  bill;
  #templates;
  queue;
  /** Is called if nothing of an answer has come when it usually has. */
  onLate;
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
  #onTold;
  #onValue;
  #onFailure;
  #told = false;
  constructor(source2) {
    this.#source = source2;
  }
  /** True once a reader has been told the end, or has left. */
  get told() {
    return this.#told;
  }
  /** True once nothing more will come, or the reader has left. */
  get over() {
    return this.#over;
  }
  /** Calls `listener` with each event that a reader is given. */
  onValue(listener) {
    this.#onValue = listener;
  }
  /** Calls `listener` when a reader comes to the stream's failure. */
  onFailure(listener) {
    this.#onFailure = listener;
  }
  /** Calls `listener`, after those before it, once a reader has been told the end, or has left. */
  onTold(listener) {
    const before = this.#onTold;
    this.#onTold = before === void 0 ? listener : () => {
      before();
      listener();
    };
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
    while (this.#waiters.length > 0) {
      const fails = this.#failure !== void 0;
      if (!fails) this.#tell();
      this.#takeWaiter()(fails ? failing(() => this.#takeFailure()) : done);
    }
  }
  /** The reader leaves: what has come is dropped and nothing more is asked for. */
  leave() {
    this.#batches.length = 0;
    this.#first = 0;
    const wasOver = this.#over;
    this.end();
    this.#tell();
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
    return new Promise((resolve2) => {
      this.#waiters.push(resolve2);
    });
  }
  #tell() {
    this.#told = true;
    this.#onTold?.();
    this.#onTold = void 0;
    this.#onValue = void 0;
    this.#onFailure = void 0;
  }
  /** What the stream failed with, made now and told once. */
  #takeFailure() {
    const failure = this.#failure;
    this.#failure = void 0;
    const reason = failure?.();
    if (reason !== void 0) this.#onFailure?.(reason);
    this.#tell();
    return reason;
  }
  #hand(value, bytes) {
    this.#owe(bytes);
    this.#onValue?.(value);
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
    this.#onValue?.(value);
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
  /** Sends a call's request to the target that it has leased, and answers with what came of it. */
  send(id, owner, sending) {
    const { target, body, timeoutMs, maxRetries, mode, form, headers: headers2 } = sending;
    if (!this.#connected) this.#connect();
    this.native.send(
      id,
      sending.profile,
      target.modelName,
      body,
      timeoutMs,
      maxRetries,
      mode,
      headers2,
      target.finishOptional,
      target.reasoning
    );
    this.hold();
    return new Promise((resolve2) => {
      this.#exchanges.set(id, new Exchange(this, id, owner, form, resolve2, sending.bill));
    });
  }
  /** Calls `listener` if nothing of the call's answer has come when it usually has. */
  whenLate(id, listener) {
    const exchange = this.#exchanges.get(id);
    if (exchange !== void 0) exchange.onLate = listener;
  }
  /** Waits for a target; the answer tells its number, 0 for none in time. */
  wait(id, owner, now, patienceMs2, priority) {
    if (!this.native.wait(id, now, patienceMs2, priority)) {
      return Promise.resolve({ kind: "leased", target: 0 });
    }
    this.hold();
    return new Promise((resolve2) => {
      this.#exchanges.set(id, new Exchange(this, id, owner, null, resolve2));
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
    const spent = this.native.close(id);
    if (exchange === void 0) return;
    if (spent !== null) exchange.bill?.spend(spent);
    if (exchange.queue === void 0) {
      this.release();
      exchange.answer({ kind: "aborted" });
    } else {
      exchange.bill?.over("aborted");
      exchange.queue.end(exchange.form?.cut);
    }
  }
  /** Ends a stream that broke off and does not go on. */
  endInterrupted(id, { queue, failure }) {
    this.#exchanges.delete(id);
    this.native.close(id);
    queue.end(failure);
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
    const authorities = readAuthorities(process.env, (pem) => {
      native.Hub.checkAuthorities(pem);
    });
    const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env;
    this.native.connect(authorities, NODE_TLS_REJECT_UNAUTHORIZED === "0");
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
    const end2 = wordsAhead + word(meta, 0) * wordsPerEntry;
    const valuesLength = word(meta, 2);
    const values = valuesLength === 0 ? [] : JSON.parse(text.slice(0, valuesLength));
    let value = 0;
    let at = valuesLength;
    for (let entry = wordsAhead; entry < end2; entry += wordsPerEntry) {
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
      case 15 /* Bytes */:
        exchange.take([one], 0, 1, bytes);
        break;
      case 7 /* Opened */:
        exchange.queue = exchange.form?.goesOn ?? new EventQueue(exchange);
        this.release();
        exchange.answer({ kind: "stream", head: new Head(one), queue: exchange.queue });
        break;
      case 17 /* Leased */:
        this.#settle(exchange, id, { kind: "leased", target: Number(one) });
        break;
      case 19 /* Diverged */:
        this.#settle(exchange, id, { kind: "diverged" });
        break;
      case 18 /* Spent */:
        exchange.bill?.spend(one);
        break;
      case 20 /* Late */:
        exchange.onLate?.();
        break;
      case 16 /* Finished */:
        break;
      case 8 /* Ended */:
        this.#exchanges.delete(id);
        exchange.bill?.over("success");
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
    const { form, queue } = exchange;
    const error2 = form === null ? void 0 : () => failure(form);
    if (queue === void 0) {
      this.#settle(exchange, id, { kind: "died", error: error2 ?? (() => void 0) });
      return;
    }
    if (form?.interrupted !== void 0) {
      form.interrupted({ queue, failure: error2 });
      return;
    }
    this.#exchanges.delete(id);
    exchange.bill?.over("interrupted");
    queue.end(error2);
  }
  #fail(exchange, id, failure) {
    this.native.failed(id);
    if (exchange.queue === void 0) {
      this.#settle(exchange, id, { kind: "died", error: () => failure });
      return;
    }
    this.#exchanges.delete(id);
    exchange.bill?.over("interrupted");
    exchange.queue.end(() => failure);
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
      return { kind: "rate_limited", head: new Head(one), body: other };
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
var AccountBoundError = class extends ModelSelectionError {
  static {
    this.prototype.name = "AccountBoundError";
  }
  /** The member of the request that names it, such as `previous_response_id`. */
  field;
  /** The ids of the account's models; none if they were removed. */
  targets;
  constructor(message, details) {
    super(message, details);
    this.field = details.field;
    this.targets = details.targets;
  }
};
var StreamInterruptedError = class extends MultiplexerError {
  static {
    this.prototype.name = "StreamInterruptedError";
  }
  code = "stream_interrupted";
  /** The text that has been given, of the first choice. */
  text;
  /** The tool calls so far; the last may be incomplete. */
  toolCalls;
  /** The usage, if it has come. */
  usage;
  /** @param cause what the stream failed with, as the caller's SDK has it */
  constructor(cause, soFar) {
    super("The stream broke off before the answer was finished.", { cause });
    this.text = soFar.text;
    this.toolCalls = soFar.toolCalls;
    this.usage = soFar.usage;
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
  constructor(status, error2, message, headers2, cause) {
    super(describe(status, error2, message), cause === void 0 ? void 0 : { cause });
    this.status = status;
    this.headers = headers2;
    this.requestID = headers2?.get("x-request-id");
    this.error = error2;
    const fields = isObject(error2) ? error2 : {};
    this.code = fields["code"];
    this.param = fields["param"];
    this.type = fields["type"];
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
function statusError(status, error2, message, headers2) {
  const kind = byStatus.get(status) ?? (status >= 500 ? InternalServerError : APIError);
  return new kind(status, error2, message, headers2);
}
function isObject(value) {
  return typeof value === "object" && value !== null;
}
function describe(status, error2, message) {
  const own = isObject(error2) ? error2["message"] : void 0;
  let text = message;
  if (typeof own === "string" && own !== "") text = own;
  else if (own !== void 0 && own !== null && own !== "") text = JSON.stringify(own);
  else if (error2 !== void 0 && error2 !== null) text = JSON.stringify(error2);
  if (status === void 0) return text ?? "(no status code or body)";
  return text === void 0 || text === "" ? `${status} status code (no body)` : `${status} ${text}`;
}

// lib/given.ts
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
function isSignal(value) {
  if (typeof value !== "object" || value === null) return false;
  const { aborted, addEventListener } = value;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}
function kindOf(value) {
  if (value === null || value === void 0) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

// lib/resilience.ts
var policies = ["compat", "resilient"];
var midStreams = ["error", "recover"];
var strategies = [
  "weighted",
  "priority",
  "round-robin",
  "sticky",
  "latency",
  "least-busy",
  "least-used"
];
function checkResilience(options) {
  const { policy = "compat", strategy = "weighted", timeouts, maxWaitMs, outcomes } = options;
  const { midStream = "error" } = options;
  oneOf("options.policy", policy, policies);
  oneOf("options.strategy", strategy, strategies);
  oneOf("options.midStream", midStream, midStreams);
  checkMembers("options.timeouts", timeouts, ["connectMs", "firstTokenMs", "stallMs", "totalMs"]);
  const resilience = {
    policy,
    strategy,
    connectMs: optional("options.timeouts.connectMs", timeouts?.connectMs),
    firstTokenMs: optional("options.timeouts.firstTokenMs", timeouts?.firstTokenMs),
    stallMs: milliseconds("options.timeouts.stallMs", timeouts?.stallMs, 12e4),
    totalMs: milliseconds("options.timeouts.totalMs", timeouts?.totalMs, 0),
    maxWaitMs: milliseconds("options.maxWaitMs", maxWaitMs, 0),
    midStream,
    retryBudget: checkRetryBudget(options.retryBudget),
    outcomes: checkOutcomes(outcomes),
    hedgeShare: checkHedge(options.hedge)
  };
  if (policy === "compat" && strategy === "latency") {
    throw new MultiplexerError('options.strategy "latency" needs policy: "resilient".');
  }
  const needing = ofResilient.find((name) => !usual.has(options[name]));
  if (policy === "compat" && needing !== void 0) {
    throw new MultiplexerError(`options.${needing} needs policy: "resilient".`);
  }
  return resilience;
}
var usual = /* @__PURE__ */ new Set([void 0, 0, false, "error"]);
var ofResilient = [
  "timeouts",
  "maxWaitMs",
  "midStream",
  "retryBudget",
  "outcomes",
  "hedge"
];
function toEngine(resilience) {
  const { firstTokenMs, stallMs, totalMs, retryBudget, outcomes, hedgeShare } = resilience;
  return {
    deadlines: {
      ...firstTokenMs === void 0 ? void 0 : { firstToken: firstTokenMs },
      stall: stallMs,
      total: totalMs
    },
    retryShare: retryBudget.share,
    retriesPerSecond: retryBudget.minPerSecond,
    outcomes,
    ...hedgeShare === void 0 ? void 0 : { hedgeShare }
  };
}
function checkRetryBudget(given2) {
  const what = "options.retryBudget";
  checkMembers(what, given2, ["share", "minPerSecond"]);
  const { share = 0.2, minPerSecond = 10 } = given2 ?? {};
  if (typeof share !== "number" || !(share >= 0 && share <= 1e3)) {
    throw new MultiplexerError(
      `${what}.share must be a number of retries for each call, from 0 to 1000, not ${show(share)}.`
    );
  }
  if (!Number.isInteger(minPerSecond) || minPerSecond < 0 || minPerSecond > 4294967295) {
    throw new MultiplexerError(
      `${what}.minPerSecond must be a whole number of retries from 0 to 4294967295, not ${show(minPerSecond)}.`
    );
  }
  return { share, minPerSecond };
}
function checkHedge(given2) {
  if (given2 === void 0 || given2 === false) return void 0;
  if (given2 === true) return 0.05;
  if (typeof given2 !== "object" || given2 === null || Array.isArray(given2)) {
    throw new MultiplexerError(
      `options.hedge must be true, false or an object such as { share: 0.05 }, not ${show(given2)}.`
    );
  }
  checkMembers("options.hedge", given2, ["share"]);
  const { share = 0.05 } = given2;
  if (typeof share === "number" && share >= 0 && share <= 1) return share;
  throw new MultiplexerError(
    `options.hedge.share must be a share of the calls from 0 to 1, not ${show(share)}.`
  );
}
var rules = ["giveUp", "failOver"];
var retried = ["unavailable", "timed_out", "truncated"];
var failures = [
  ...["rate_limited", "overloaded", "quota_used_up", "bad_credentials", "model_not_found"],
  ...["context_too_long", "content_refused", "bad_request"],
  ...retried
];
function checkOutcomes(given2) {
  checkMembers("options.outcomes", given2, failures, "outcome");
  for (const [outcome, rule] of Object.entries(given2 ?? {})) {
    const allowed = retried.includes(outcome) ? [...rules, "retry"] : rules;
    if (rule !== void 0) oneOf(`options.outcomes.${outcome}`, rule, allowed);
  }
  return given2 ?? {};
}
function checkMembers(what, given2, known4, member = "option") {
  if (given2 === void 0) return;
  if (typeof given2 !== "object" || given2 === null || Array.isArray(given2)) {
    throw new MultiplexerError(`${what} must be an object, not ${show(given2)}.`);
  }
  const unknown = Object.keys(given2).find((name) => !known4.includes(name));
  if (unknown === void 0) return;
  throw new MultiplexerError(
    `${what}: there is no ${member} "${unknown}"; there are ${known4.join(", ")}.`
  );
}
function checkCallOptions(given2, policy) {
  if (given2 === void 0) return void 0;
  if (typeof given2 !== "object" || given2 === null || Array.isArray(given2)) {
    throw new MultiplexerError(`options.multiplexer must be an object, not ${show(given2)}.`);
  }
  const { session, require: require2, maxWaitMs, deadlineMs, priority, midStream, ...others } = given2;
  const [unknown] = Object.keys(others);
  if (unknown !== void 0) {
    throw new MultiplexerError(
      `options.multiplexer: there is no option "${unknown}"; there are session, require, maxWaitMs, deadlineMs, priority, midStream.`
    );
  }
  if (session !== void 0 && typeof session !== "string") {
    throw new MultiplexerError(
      `options.multiplexer.session must be a string, not ${show(session)}.`
    );
  }
  if (require2 !== void 0) checkTags("options.multiplexer.require", require2);
  milliseconds("options.multiplexer.maxWaitMs", maxWaitMs, 0);
  checkDeadline(deadlineMs);
  checkPriority(priority);
  if (midStream !== void 0) oneOf("options.multiplexer.midStream", midStream, midStreams);
  const waits = { maxWaitMs, deadlineMs, priority, midStream };
  const needing = Object.entries(waits).find(([, value]) => !usual.has(value));
  if (policy === "compat" && needing !== void 0) {
    throw new MultiplexerError(`options.multiplexer.${needing[0]} needs policy: "resilient".`);
  }
  return { session, require: require2, ...waits };
}
function checkDeadline(deadlineMs) {
  if (deadlineMs === void 0) return;
  if (typeof deadlineMs === "number" && deadlineMs > 0 && Number.isFinite(deadlineMs)) return;
  throw new MultiplexerError(
    `options.multiplexer.deadlineMs must be a number of milliseconds above 0, not ${show(deadlineMs)}.`
  );
}
function checkPriority(priority) {
  if (priority === void 0 || Number.isInteger(priority) && priority === Number(priority) >> 0) {
    return;
  }
  throw new MultiplexerError(
    `options.multiplexer.priority must be a whole number from -2147483648 to 2147483647, not ${show(priority)}.`
  );
}
function checkTags(what, tags) {
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) {
    throw new MultiplexerError(
      `${what} must be an object of strings, such as { region: "eu" }, not ${show(tags)}.`
    );
  }
  const wrong = Object.entries(tags).find(([, value]) => typeof value !== "string");
  if (wrong === void 0) return;
  throw new MultiplexerError(`${what}.${wrong[0]} must be a string, not ${show(wrong[1])}.`);
}
function oneOf(what, value, known4) {
  if (known4.includes(value)) return;
  throw new MultiplexerError(`${what} must be one of ${known4.join(", ")}, not ${show(value)}.`);
}
function optional(what, value) {
  return value === void 0 ? void 0 : milliseconds(what, value, 0);
}
function milliseconds(what, value, otherwise) {
  if (value === void 0) return otherwise;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
  throw new MultiplexerError(
    `${what} must be a number of milliseconds from 0, not ${show(value)}.`
  );
}
function show(value) {
  const isPrimitive = value === null || !["object", "function"].includes(typeof value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  return isPrimitive ? String(value) : kindOf(value);
}

// lib/router/errors.ts
var ConfigurationError = class extends MultiplexerError {
  static {
    this.prototype.name = "ConfigurationError";
  }
  code = "configuration";
  /** @param message what is wrong, after "Configuration error: " */
  constructor(message) {
    super(`Configuration error: ${message}`);
  }
};
var ModelNotAvailableError = class extends MultiplexerError {
  /** @param model as it was asked for */
  constructor(model, known4) {
    super(
      `No configured provider has the model "${model}". There are ${known4.join(", ") || "none"}.`
    );
    this.model = model;
  }
  model;
  static {
    this.prototype.name = "ModelNotAvailableError";
  }
  code = "model_not_found";
  status = 404;
};
var AllProvidersExhaustedError = class extends MultiplexerError {
  /**
   * @param attemptedProviders the types of those that were asked in this call, each once, in order
   * @param earliestResetTime when the first of all comes back; undefined where nobody rests
   * @param cause what the last of them failed with
   */
  constructor(attemptedProviders, earliestResetTime, cause) {
    const attempted = attemptedProviders.join(", ") || "none";
    const reset = earliestResetTime === void 0 ? "" : ` Earliest reset: ${earliestResetTime.toISOString()}`;
    super(`All providers exhausted. Attempted: ${attempted}.${reset}`, { cause });
    this.attemptedProviders = attemptedProviders;
    this.earliestResetTime = earliestResetTime;
  }
  attemptedProviders;
  earliestResetTime;
  static {
    this.prototype.name = "AllProvidersExhaustedError";
  }
  code = "all_providers_exhausted";
  status = 429;
  /** Milliseconds from now until `earliestResetTime`; undefined where nobody rests. */
  get retryAfterMs() {
    if (this.earliestResetTime === void 0) return void 0;
    return Math.max(0, this.earliestResetTime.getTime() - Date.now());
  }
};

// lib/catalogue.ts
function openCatalogue(overrides) {
  if (overrides === void 0) return new native.NativeCatalogue();
  if (typeof overrides !== "object" || overrides === null) {
    throw new ConfigurationError(`catalogue must be an object, not ${show(overrides)}`);
  }
  try {
    return new native.NativeCatalogue(JSON.stringify(overrides));
  } catch (error2) {
    const { message } = error2;
    throw new ConfigurationError(`catalogue: ${message.replace(/^catalogue: /, "")}`);
  }
}
function catalogue(overrides) {
  return JSON.parse(openCatalogue(overrides).json());
}

// lib/events.ts
var names = [
  "attemptStarted",
  "attemptEnded",
  "cooldown",
  "return",
  "wait",
  "hedge",
  "recovery"
];
var Events = class {
  #log;
  #listeners = /* @__PURE__ */ new Map();
  #pending = [];
  constructor(log) {
    this.#log = log;
  }
  /** True if somebody listens to anything: looked at once for each call. */
  get areHeard() {
    return this.#listeners.size > 0;
  }
  /** True if somebody listens: to be asked before an event is made. */
  has(name) {
    return this.#listeners.has(name);
  }
  /** @throws {MultiplexerError} if there is no such event, or the listener is none */
  add(name, listener) {
    if (!names.includes(name)) {
      throw new MultiplexerError(`There is no event ${show(name)}; there are ${names.join(", ")}.`);
    }
    if (typeof listener !== "function") {
      throw new MultiplexerError(`The listener must be a function, not ${show(listener)}.`);
    }
    const listeners2 = this.#listeners.get(name) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(name, listeners2.add(listener));
  }
  remove(name, listener) {
    const listeners2 = this.#listeners.get(name);
    listeners2?.delete(listener);
    if (listeners2?.size === 0) this.#listeners.delete(name);
  }
  /** Tells those who listen now, once what is under way has come to its end. */
  emit(name, event) {
    const listeners2 = [...this.#listeners.get(name) ?? []];
    if (listeners2.length === 0) return;
    if (this.#pending.length === 0) queueMicrotask(this.#tell);
    for (const listener of listeners2) {
      this.#pending.push(() => {
        this.#call(name, listener, event);
      });
    }
  }
  #tell = () => {
    for (const tell3 of this.#pending.splice(0)) tell3();
  };
  /** What a listener throws is not the caller's concern. */
  #call(name, listener, event) {
    const failed2 = (reason) => {
      this.#log.listenerFailed(name, reason);
    };
    try {
      const result = listener(event);
      if (result instanceof Promise) result.catch(failed2);
    } catch (error2) {
      failed2(error2);
    }
  }
};

// lib/call/origin.ts
function placeOf(around, id) {
  if (around.resilience.policy === "resilient") return { accountOf: id };
  return { target: originOf(around, id) };
}
function originOf({ fleet, targets }, id) {
  const origin = fleet.origin(id);
  return targets.has(origin) ? origin : void 0;
}
function remember({ fleet }, id, target) {
  if (id !== void 0) fleet.remember(id, target);
}

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
  if (contentType === "application/json") return true;
  return saysJsonInLowerCase(contentType?.toLowerCase() ?? null);
}
function saysJsonInLowerCase(contentType) {
  if (contentType === "application/json") return true;
  const media = contentType?.split(";")[0]?.trim() ?? "";
  return media.includes("application/json") || media.endsWith("+json");
}
function eachEvent(change, seen) {
  if (seen === void 0) return change;
  return (event) => {
    seen(event);
    return change === void 0 ? event : change(event);
  };
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

// lib/endpoint.ts
var import_node_util = require("node:util");
var defaultTimeoutMs = 6e5;
var defaultMaxRetries = 2;
var CheckedEndpoint = class {
  baseURL;
  apiKey;
  headers;
  #isOne = true;
  /**
   * @throws {MultiplexerError} naming the field and what is expected; never a key, nor what may be
   * one in the wrong place
   */
  constructor(given2) {
    const endpoint2 = given2;
    const unknown = Object.keys(endpoint2).find((name) => !members.includes(name));
    if (unknown !== void 0) {
      throw new MultiplexerError(
        `An endpoint has no member "${unknown}"; it has ${members.join(", ")}.`
      );
    }
    const { baseURL, apiKey, headers: headers2 } = endpoint2;
    checkBaseUrl(baseURL);
    if (typeof apiKey !== "function") checkKey(apiKey);
    this.baseURL = baseURL;
    this.apiKey = apiKey;
    this.headers = checkHeaders(headers2);
  }
  static is(value) {
    return #isOne in value;
  }
};
var members = ["baseURL", "apiKey", "headers"];
function isEndpoint(client) {
  return CheckedEndpoint.is(client);
}
var ofClients = ["chat", "embeddings", "responses", "post", "get", "delete"];
function isMeantAsEndpoint(given2) {
  if (ofClients.some((name) => name in given2)) return false;
  if ("baseURL" in given2 || "apiKey" in given2) return true;
  return isPlain(given2) && !import_node_util.types.isProxy(given2);
}
function checkEndpoint(endpoint2) {
  return new CheckedEndpoint(endpoint2);
}
function checkBaseUrl(baseURL) {
  if (typeof baseURL !== "string" || !/^https?:\/\//i.test(baseURL) || !URL.canParse(baseURL)) {
    throw new MultiplexerError(
      `baseURL must be an http or https URL such as "https://api.openai.com/v1", not ${tellUrl(baseURL)}.`
    );
  }
  const { username, password } = new URL(baseURL);
  if (username !== "" || password !== "") {
    throw new MultiplexerError(
      "baseURL must not hold a user name or a password: give the key as apiKey, anything else in headers."
    );
  }
}
function tellUrl(given2) {
  if (typeof given2 !== "string") return kindOf(given2);
  const [scheme] = /^[a-z][a-z\d+.-]*:\/\//i.exec(given2) ?? [];
  const host = scheme !== void 0 && URL.canParse(given2) ? new URL(given2).host : "";
  return host === "" ? "a string that is none" : `one of "${scheme ?? ""}${host}"`;
}
function checkKey(apiKey) {
  if (typeof apiKey !== "string" || apiKey === "") {
    throw new MultiplexerError("apiKey must be a non-empty string.");
  }
  checkHeaderValue("apiKey", apiKey);
}
function checkHeaders(given2) {
  if (given2 === void 0) return {};
  if (!isHeaders(given2) && !isPlain(given2)) {
    const another = typeof given2 === "object" && given2 !== null && !Array.isArray(given2);
    throw new MultiplexerError(
      `headers must be a plain object of strings or a Headers, not ${kindOf(given2)}${another ? " of another kind" : ""}.`
    );
  }
  const headers2 = isHeaders(given2) ? Object.fromEntries(given2) : { ...given2 };
  for (const [name, value] of Object.entries(headers2)) {
    checkHeaderName(name);
    if (typeof value !== "string") {
      throw new MultiplexerError(`headers: the value of ${name} must be a string.`);
    }
    checkHeaderValue(`headers: the value of ${name}`, value);
  }
  return headers2;
}
function isHeaders(value) {
  return Object.prototype.toString.call(value) === "[object Headers]";
}
function checkHeaderName(name) {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return;
  throw new MultiplexerError(`headers: ${JSON.stringify(name)} is not a valid header name.`);
}
function checkHeaderValue(what, value) {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw new MultiplexerError(
      `${what} must not contain line breaks, control characters or characters beyond Latin-1.`
    );
  }
}

// lib/keys.ts
var told = /* @__PURE__ */ new WeakMap();
function keyedNow(endpoint2) {
  return typeof endpoint2.apiKey === "string" ? endpoint2 : void 0;
}
async function askKey(endpoint2) {
  const known4 = keyedNow(endpoint2);
  if (known4 !== void 0) return { endpoint: known4, isNew: false };
  const apiKey = await endpoint2.apiKey();
  checkKey(apiKey);
  const last = told.get(endpoint2);
  if (last?.apiKey === apiKey) return { endpoint: last, isNew: false };
  const { baseURL, headers: headers2 } = endpoint2;
  const keyed = { baseURL, apiKey, headers: headers2 };
  told.set(endpoint2, keyed);
  return { endpoint: keyed, isNew: last !== void 0 };
}

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

// lib/connection.ts
var protocols = [void 0, true, false, "prior-knowledge"];
var known = /* @__PURE__ */ new Map();
function toConnection(proxy, http2, connectMs) {
  const said = proxy !== void 0 || http2 !== void 0 || connectMs !== void 0;
  const key = said ? `${JSON.stringify([proxy ?? null, http2 ?? null, connectMs ?? null])}
` : "";
  let connection = known.get(key);
  if (connection === void 0) known.set(key, connection = { proxy, http2, connectMs, key });
  return connection;
}
function openedWithin(connectMs) {
  return toConnection(void 0, void 0, connectMs);
}
function checkConnection(what, { proxy, http2 }, general) {
  if (proxy !== void 0 && proxy !== false && !isProxy(proxy)) {
    throw new MultiplexerError(`${what}.proxy must be an http(s) URL, or false for none.`);
  }
  if (!protocols.includes(http2)) {
    throw new MultiplexerError(
      `${what}.http2 must be true, false or "prior-knowledge", not ${show(http2)}.`
    );
  }
  return toConnection(
    proxy ?? general?.proxy,
    http2 === void 0 ? general?.http2 : toProtocol(http2),
    general?.connectMs
  );
}
function toProtocol(http2) {
  if (http2 === "prior-knowledge") return http2;
  return http2 ? "negotiated" : void 0;
}
function isProxy(proxy) {
  if (typeof proxy !== "string" || !URL.canParse(proxy)) return false;
  return /^https?:$/.test(new URL(proxy).protocol);
}
function proxyFor(url, { proxy }) {
  if (proxy !== void 0) return proxy === false ? null : proxy;
  if (!environmentCounts()) return null;
  const { protocol, hostname, port } = new URL(url);
  if (isExempt(hostname, port || (protocol === "https:" ? "443" : "80"))) return null;
  const ofHttp = variable("http_proxy");
  const named = protocol === "https:" ? variable("https_proxy") ?? ofHttp : ofHttp;
  if (named === void 0) return null;
  const proxyUrl = named.includes("://") ? named : `http://${named}`;
  if (isProxy(proxyUrl)) return proxyUrl;
  throw new MultiplexerError("The environment's proxy must be an http(s) URL.");
}
function environmentCounts() {
  const { NODE_USE_ENV_PROXY: asked, NODE_OPTIONS: options = "" } = process.env;
  const flag = "--use-env-proxy";
  return asked === "1" || process.execArgv.includes(flag) || options.split(/\s+/).includes(flag);
}
function variable(name) {
  const value = process.env[name] ?? process.env[name.toUpperCase()];
  return value === "" ? void 0 : value;
}
function isExempt(hostname, port) {
  const entries2 = (variable("no_proxy") ?? "").split(/[,\s]+/).filter((entry) => entry !== "");
  return entries2.some((entry) => {
    if (entry === "*") return true;
    const [, host = entry, onPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const domain = host.replace(/^\*?\./, "").toLowerCase();
    if (onPort !== void 0 && onPort !== port) return false;
    return hostname === domain || hostname.endsWith(`.${domain}`);
  });
}

// lib/sdk/inputs.ts
var Inputs = class {
  apiKey;
  organization;
  project;
  baseURL;
  timeout;
  deploymentName;
  apiVersion;
  adminAPIKey;
  #headers;
  #query;
  constructor(client) {
    this.apiKey = client.apiKey;
    this.organization = client.organization;
    this.project = client.project;
    this.baseURL = client.baseURL;
    this.timeout = client.timeout;
    this.deploymentName = client.deploymentName;
    this.apiVersion = client.apiVersion;
    this.adminAPIKey = client.adminAPIKey;
    const { defaultHeaders, defaultQuery } = client._options;
    this.#headers = contents(defaultHeaders);
    this.#query = contents(defaultQuery);
  }
  /** Whether they still are what they were. */
  areOf(client) {
    const { defaultHeaders, defaultQuery } = client._options;
    return client.apiKey === this.apiKey && client.organization === this.organization && client.project === this.project && client.baseURL === this.baseURL && client.timeout === this.timeout && client.deploymentName === this.deploymentName && client.apiVersion === this.apiVersion && client.adminAPIKey === this.adminAPIKey && contents(defaultHeaders) === this.#headers && contents(defaultQuery) === this.#query;
  }
};
function contents(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Symbol.iterator in value) return JSON.stringify([...value]);
  if ("values" in value && value.values instanceof Headers) {
    const { nulls } = value;
    return JSON.stringify([[...value.values], [...nulls ?? []]]);
  }
  return JSON.stringify(value);
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

// lib/sdk/environment.ts
var import_node_diagnostics_channel = __toESM(require("node:diagnostics_channel"));
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
var httpWatches = [
  new Watch(
    () => nodeHttp().request,
    (value) => source(value).startsWith("function request(url, options, cb) {\n  return new ClientRequest(")
  ),
  new Watch(
    () => nodeHttps().request,
    (value) => /^function request\(\.\.\.args\) \{\n {2}let options = \{\};/.test(source(value))
  ),
  new Watch(
    () => nodeHttp().ClientRequest,
    (value) => source(value).startsWith("function ClientRequest(input, options, cb) {\n")
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

// lib/sdk/members.ts
var Members = class {
  #prototype;
  fetch;
  httpAgent;
  fetchOptions;
  logLevel;
  _provider;
  _workloadIdentityAuth;
  idempotencyHeader;
  post;
  methodRequest;
  request;
  makeRequest;
  buildRequest;
  buildBody;
  calculateContentLength;
  prepareOptions;
  prepareRequest;
  fetchWithAuth;
  fetchWithTimeout;
  shouldRetry;
  retryRequest;
  calculateDefaultRetryTimeoutMillis;
  responsePromise;
  parseResponseWithTimeout;
  authHeaders;
  bearerAuth;
  adminAPIKeyAuth;
  defaultHeaders;
  defaultQuery;
  validateHeaders;
  buildHeaders;
  buildURL;
  stringifyQuery;
  getUserAgent;
  _callApiKey;
  constructor(client) {
    this.#prototype = Object.getPrototypeOf(client);
    this.fetch = client.fetch;
    this.httpAgent = client.httpAgent;
    this.fetchOptions = client.fetchOptions;
    this.logLevel = client.logLevel;
    this._provider = client._provider;
    this._workloadIdentityAuth = client._workloadIdentityAuth;
    this.idempotencyHeader = client.idempotencyHeader;
    this.post = client.post;
    this.methodRequest = client.methodRequest;
    this.request = client.request;
    this.makeRequest = client.makeRequest;
    this.buildRequest = client.buildRequest;
    this.buildBody = client.buildBody;
    this.calculateContentLength = client.calculateContentLength;
    this.prepareOptions = client.prepareOptions;
    this.prepareRequest = client.prepareRequest;
    this.fetchWithAuth = client.fetchWithAuth;
    this.fetchWithTimeout = client.fetchWithTimeout;
    this.shouldRetry = client.shouldRetry;
    this.retryRequest = client.retryRequest;
    this.calculateDefaultRetryTimeoutMillis = client.calculateDefaultRetryTimeoutMillis;
    this.responsePromise = client.responsePromise;
    this.parseResponseWithTimeout = client.parseResponseWithTimeout;
    this.authHeaders = client.authHeaders;
    this.bearerAuth = client.bearerAuth;
    this.adminAPIKeyAuth = client.adminAPIKeyAuth;
    this.defaultHeaders = client.defaultHeaders;
    this.defaultQuery = client.defaultQuery;
    this.validateHeaders = client.validateHeaders;
    this.buildHeaders = client.buildHeaders;
    this.buildURL = client.buildURL;
    this.stringifyQuery = client.stringifyQuery;
    this.getUserAgent = client.getUserAgent;
    this._callApiKey = client._callApiKey;
  }
  /** Whether they still are what they were. */
  areOf(client) {
    return Object.getPrototypeOf(client) === this.#prototype && client.fetch === this.fetch && client.httpAgent === this.httpAgent && client.fetchOptions === this.fetchOptions && client.logLevel === this.logLevel && client._provider === this._provider && client._workloadIdentityAuth === this._workloadIdentityAuth && client.idempotencyHeader === this.idempotencyHeader && client.post === this.post && client.methodRequest === this.methodRequest && client.request === this.request && client.makeRequest === this.makeRequest && client.buildRequest === this.buildRequest && client.buildBody === this.buildBody && client.calculateContentLength === this.calculateContentLength && client.prepareOptions === this.prepareOptions && client.prepareRequest === this.prepareRequest && client.fetchWithAuth === this.fetchWithAuth && client.fetchWithTimeout === this.fetchWithTimeout && client.shouldRetry === this.shouldRetry && client.retryRequest === this.retryRequest && client.calculateDefaultRetryTimeoutMillis === this.calculateDefaultRetryTimeoutMillis && client.responsePromise === this.responsePromise && client.parseResponseWithTimeout === this.parseResponseWithTimeout && client.authHeaders === this.authHeaders && client.bearerAuth === this.bearerAuth && client.adminAPIKeyAuth === this.adminAPIKeyAuth && client.defaultHeaders === this.defaultHeaders && client.defaultQuery === this.defaultQuery && client.validateHeaders === this.validateHeaders && client.buildHeaders === this.buildHeaders && client.buildURL === this.buildURL && client.stringifyQuery === this.stringifyQuery && client.getUserAgent === this.getUserAgent && client._callApiKey === this._callApiKey;
  }
};

// lib/sdk/methods.ts
var replaced = {
  post: ["methodRequest"],
  methodRequest: [".request("],
  request: ["makeRequest"],
  makeRequest: ["buildRequest", "shouldRetry"],
  buildRequest: ["buildURL", "timeout"],
  buildBody: ["body"],
  calculateContentLength: ["length"],
  prepareOptions: [],
  prepareRequest: [],
  fetchWithAuth: ["fetchWithTimeout"],
  fetchWithTimeout: ["signal", "fetch"],
  shouldRetry: ["x-should-retry"],
  retryRequest: ["retry-after-ms"],
  calculateDefaultRetryTimeoutMillis: ["random"],
  responsePromise: ["withResponse"],
  parseResponseWithTimeout: ["timeout"]
};
var shaping = {
  authHeaders: [],
  bearerAuth: [],
  adminAPIKeyAuth: [],
  defaultHeaders: [],
  defaultQuery: ["_options"],
  validateHeaders: [],
  buildHeaders: ["eaders"],
  buildURL: ["baseURL"],
  stringifyQuery: [],
  getUserAgent: ["/JS "],
  _callApiKey: ["apiKey"]
};
function inspectMethods(client, base) {
  const isOwn = (all, name) => isSdkMethod(client, base, name, all[name]);
  return {
    bypassed: Object.keys(replaced).find((name) => !isOwn(replaced, name)),
    shaped: Object.keys(shaping).some((name) => !isOwn(shaping, name))
  };
}
var genuine = /* @__PURE__ */ new WeakMap();
function isGenuine(method, name, mentions) {
  if (typeof method !== "function") return false;
  let verdict = genuine.get(method);
  if (verdict === void 0) {
    const text = Function.prototype.toString.call(method);
    const isMethod = text.startsWith(`${name}(`) || text.startsWith(`async ${name}(`);
    verdict = isMethod && mentions.every((mentioned) => text.includes(mentioned));
    genuine.set(method, verdict);
  }
  return verdict;
}
function isSdkMethod(client, base, name, mentions) {
  const owner = ownerOf(client, name);
  if (owner === void 0) return true;
  const method = client[name];
  const { prototype } = base;
  if (owner === prototype || Object.prototype.isPrototypeOf.call(owner, prototype)) {
    return isGenuine(method, name, mentions);
  }
  return isAzure(owner, prototype) && isGenuine(method, name, []);
}
function isAzure(owner, prototype) {
  if (Object.getPrototypeOf(owner) !== prototype) return false;
  const { constructor } = owner;
  return Function.prototype.toString.call(constructor).includes("AZURE_OPENAI_ENDPOINT");
}
function ownerOf(object2, name) {
  let owner = object2;
  while (typeof owner === "object" && owner !== null) {
    if (Object.hasOwn(owner, name)) return owner;
    owner = Object.getPrototypeOf(owner);
  }
  return void 0;
}

// lib/sdk/stock.ts
var knownOptions = /* @__PURE__ */ new Set([
  "signal",
  "timeout",
  "maxRetries",
  "headers",
  "query",
  "path",
  "idempotencyKey",
  // How openai 7 says which of its helpers makes a call.
  "__metadata",
  // Without effect in the SDK, but part of what @upstash/model-multiplexer's type allows.
  "stream",
  "defaultHeaders",
  "defaultQuery",
  "responseFormat",
  "baseURL"
]);
var inspections = /* @__PURE__ */ new WeakMap();
function whyNotNative(client, resource) {
  if (typeof client !== "object" || client === null) return "it is not an OpenAI client";
  const sdk = client;
  const inBetween = "httpAgent" in sdk ? httpIsWatched() : fetchIsWatched();
  return inBetween ?? inspected(sdk).reason ?? replacedReason(sdk, resource);
}
function lastInspection(client) {
  return inspections.get(client) ?? inspected(client);
}
function whyCallNotNative(params, options) {
  if (options !== void 0 && options !== null) {
    if (!isPlain(options)) return "its options are no plain object";
    for (const name in options) {
      if (!knownOptions.has(name)) return `the option ${name} is the client's own`;
    }
  }
  const { stream, toJSON } = params ?? {};
  if (toJSON !== void 0) return "its body makes its own JSON";
  if (stream !== true && Boolean(stream)) return "its stream is neither true nor false";
  return void 0;
}
function inspected(client) {
  const known4 = inspections.get(client);
  if (known4?.members.areOf(client) === true) return known4;
  const inspection = { ...inspect(client), members: new Members(client) };
  inspections.set(client, inspection);
  return inspection;
}
function inspect(client) {
  const base = baseClass(client);
  if (base === void 0 || !("_options" in client)) {
    return { reason: "it is not an OpenAI client", shaped: false };
  }
  const { bypassed, shaped } = inspectMethods(client, base);
  const reason = (isProxyLike(client) ? "it is wrapped" : void 0) ?? (bypassed === void 0 ? void 0 : `${bypassed} has been replaced`) ?? settingsReason(client) ?? transportReason(client, base);
  return { reason, shaped };
}
var looked = /* @__PURE__ */ new WeakMap();
function replacedReason(client, resource) {
  const own = resource.on(client);
  if (own === void 0 && !resource.isInEveryVersion) return void 0;
  if (own === void 0) return `${resource.name} has been replaced`;
  let known4 = looked.get(own);
  if (known4 === void 0 || known4.create !== own.create || known4.client !== own._client) {
    const { create, _client } = own;
    const isOwn = !Object.hasOwn(own, "create") && isGenuine(create, "create", resource.mentions);
    known4 = { create, client: _client, isOwn };
    looked.set(own, known4);
  }
  if (known4.isOwn && known4.client === client) return void 0;
  return `${resource.name}.create has been replaced`;
}
function whyNeverNative(client) {
  if (client._provider !== void 0 && client._provider !== null) return "it has a provider";
  if (client._workloadIdentityAuth !== void 0) return "it has a workload identity";
  if (client.idempotencyHeader !== void 0) return "it sends idempotency keys";
  return void 0;
}
function settingsReason(client) {
  const never = whyNeverNative(client);
  if (never !== void 0) return never;
  const logs = client.logLevel === "debug" || client.logLevel === "info";
  const tells = "httpAgent" in client && process.env["DEBUG"] === "true";
  return logs || tells ? "it logs its requests" : void 0;
}
function isProxyLike(client) {
  return !Object.hasOwn(client, "baseURL") || !Object.hasOwn(client, "_options");
}
function isSdkClient(client) {
  if (typeof client !== "object" || client === null) return false;
  return "_options" in client && baseClass(client) !== void 0;
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

// lib/sdk/profile.ts
var Profile = class {
  /** Its number in the engine. */
  id;
  /** Where its requests go. */
  url;
  #uses = 0;
  #forgotten = false;
  constructor(id, url) {
    this.id = id;
    this.url = url;
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
var Declined = class {
  constructor(reason) {
    this.reason = reason;
  }
  reason;
  /** As of a profile: there is nothing to be kept. */
  forget() {
    return this;
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
function knownProfile(client, operation, { modelName, connection }, options) {
  const key = keyOf(operation, options);
  const cached = cache.get(lastInspection(client))?.get(connection.key + modelName);
  if (key === void 0 || cached === void 0) return void 0;
  return cached.inputs.areOf(client) ? cached.byOptions.get(key) : void 0;
}
async function buildProfile(client, operation, { modelName: model, connection }, params, options) {
  const never = whyNeverNative(client);
  if (never !== void 0) return new Declined(never);
  const before = new Inputs(client);
  const inspection = lastInspection(client);
  const isShaped = inspection.shaped;
  const hasBody = operation.method === "post" && operation.hasNoBody !== true;
  const body = isShaped ? { ...params, model } : { model };
  const request = {
    method: operation.method,
    path: operation.path,
    ...hasBody ? { body } : void 0,
    ...options,
    stream: false,
    __security: { bearerAuth: true }
  };
  await client.prepareOptions(request);
  const built = await client.buildRequest(request, { retryCount: sentinel });
  const profile = toProfile(client, operation, built, hasBody ? body : void 0, connection);
  const key = keyOf(operation, options);
  if (profile instanceof Profile) profile.keep();
  const isStable = !isShaped && !hasAsyncKey(client) && before.areOf(client);
  if (key === void 0 || !isStable) return profile.forget();
  remember2(client, inspection, connection.key + model, before, key, profile);
  return profile;
}
function toProfile(client, operation, { url, req }, body, connection) {
  const isOld = "httpAgent" in client;
  if (body !== void 0 && req.body !== JSON.stringify(body, null, isOld ? 2 : 0)) {
    return new Declined("its body is not sent as plain JSON");
  }
  if (isOld && /[\^`{|}']/.test(url)) return new Declined("its URL is escaped anew");
  const headers2 = [];
  const missing = new Set(body === void 0 ? ofFetchWithoutBody : ofFetch);
  let countsRetries = false;
  for (const [name, value] of entries(req.headers)) {
    const lower = name.toLowerCase();
    if (lower === "content-length") continue;
    missing.delete(lower);
    if (lower === "x-stainless-retry-count" && value === String(sentinel)) {
      countsRetries = true;
      headers2.push(name, "0");
    } else if (lower === "accept" && value === "application/json") {
      headers2.push(name, operation.accept ?? value);
    } else {
      headers2.push(name, value);
    }
  }
  if (missing.size > 0) return new Declined(`fetch adds ${[...missing].join(" and ")}`);
  try {
    const method = operation.method.toUpperCase();
    const proxy = proxyFor(url, connection);
    const { http2, connectMs } = connection;
    return new Profile(
      hub.native.addProfile(method, url, headers2, countsRetries, proxy, http2, connectMs),
      url
    );
  } catch (error2) {
    return new Declined(error2.message);
  }
}
var ofFetch = ["accept", "content-type", "user-agent"];
var ofFetchWithoutBody = ["accept", "user-agent"];
function hasAsyncKey(client) {
  return typeof client._options["apiKey"] === "function" || client._azureADTokenProvider !== void 0;
}
function remember2(client, inspection, model, before, key, profile) {
  let models = cache.get(inspection);
  if (models === void 0) {
    models = /* @__PURE__ */ new Map();
    cache.set(inspection, models);
    forgotten.register(inspection, models);
  }
  let cached = models.get(model);
  if (cached?.inputs.areOf(client) !== true) {
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
var noOptions = "";
function keyOf({ profileKey }, options) {
  const key = optionsKey(options);
  return key === void 0 ? void 0 : profileKey + key;
}
function optionsKey(options) {
  if (options === void 0 || options === null) return noOptions;
  const { headers: headers2, query, path, timeout, idempotencyKey, __metadata: metadata } = options;
  const hasTimeout = "timeout" in options;
  if (headers2 === void 0 && query === void 0 && path === void 0 && !hasTimeout && idempotencyKey === void 0 && metadata === void 0) {
    return noOptions;
  }
  if (hasTimeout && typeof timeout !== "number") return void 0;
  if (headers2 !== void 0 && headers2 !== null && !isPlain2(headers2)) return void 0;
  if (query !== void 0 && query !== null && !isPlain2(query)) return void 0;
  if (metadata !== void 0 && metadata !== null && !isPlain2(metadata)) return void 0;
  return JSON.stringify([headers2, query, path, timeout, idempotencyKey, metadata]);
}
function isPlain2(value) {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return false;
  return Object.values(value).every((item) => typeof item !== "object" || item === null);
}
function* entries(headers2) {
  if (typeof headers2.entries === "function") {
    yield* headers2.entries();
  } else {
    yield* Object.entries(headers2);
  }
}

// lib/trace-context.ts
var registered = /* @__PURE__ */ Symbol.for("opentelemetry.js.api.1");
var setter = {
  set(carrier, name, value) {
    carrier.push(name, value);
  }
};
function traceHeaders() {
  const api = globalThis[registered];
  if (api?.propagation === void 0 || api.context === void 0) return null;
  const headers2 = [];
  try {
    api.propagation.inject(api.context.active(), headers2, setter);
  } catch {
    return null;
  }
  return headers2.length === 0 ? null : headers2;
}

// lib/call/so-far.ts
var SoFar = class {
  text = "";
  usage;
  toolCalls = [];
  /** Takes an event of chat completions or of responses; anything else says nothing. */
  add(event) {
    if (typeof event !== "object" || event === null) return;
    const { choices, usage, type, delta } = event;
    if (usage !== void 0 && usage !== null) this.usage = usage;
    if (type === "response.output_text.delta" && typeof delta === "string") this.text += delta;
    if (!Array.isArray(choices)) return;
    for (const choice of choices) {
      if ((choice.index ?? 0) !== 0) continue;
      const { content, tool_calls: calls } = choice.delta ?? {};
      if (typeof content === "string") this.text += content;
      for (const call2 of calls ?? []) this.#addToolCall(call2);
    }
  }
  #addToolCall({ index = 0, id, function: called }) {
    const known4 = this.toolCalls[index] ??= { id: void 0, name: "", arguments: "" };
    if (typeof id === "string") known4.id = id;
    if (typeof called?.name === "string") known4.name += called.name;
    if (typeof called?.arguments === "string") known4.arguments += called.arguments;
  }
};

// lib/call/interruptible.ts
function interruptible(opened, events) {
  const soFar = opened.soFar ??= new SoFar();
  const interrupted = (cause) => opened.head === void 0 ? cause : new StreamInterruptedError(cause, soFar);
  return {
    ...events,
    errorEvent: (name, data) => interrupted(events.errorEvent(name, data)),
    unparsed: (data) => {
      const cause = events.unparsed(data);
      return cause === void 0 ? void 0 : interrupted(cause);
    },
    broken: (fault) => interrupted(events.broken(fault))
  };
}

// lib/call/no-key.ts
var NoKey = class {
  constructor(reason) {
    this.reason = reason;
  }
  reason;
};
function withoutKey(call2, { reason }, request) {
  hub.native.judgeUnsent(call2, request);
  return { kind: "noKey", error: reason };
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
  /** Ends the request, unless its end is known. */
  leave() {
    if (!this.#queue.told) this.#left();
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
    } catch (error2) {
      this.#closed = true;
      return Promise.reject(error2);
    }
    return this.#queue.next();
  }
  return(value) {
    this.#closed = true;
    if (this.#queue !== void 0) this.#reader.leave();
    return Promise.resolve({ value, done: true });
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

// lib/endpoint/form.ts
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
  events(opened, { seen }) {
    const dead = (message, cause) => new APIConnectionError(void 0, void 0, message, opened.head?.headers, cause);
    return {
      normalise: eachEvent(void 0, seen),
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

// lib/endpoint/profile.ts
function endpointProfile(endpoint2, operation, options) {
  const url = urlBelow(endpoint2.baseURL, options?.path ?? operation.path);
  for (const [name, value] of ownQuery(options)) {
    if (value !== void 0) url.searchParams.set(name, String(value));
  }
  const headers2 = new Headers({
    accept: operation.accept ?? "application/json",
    "content-type": "application/json",
    "user-agent": "model-multiplexer",
    authorization: `Bearer ${endpoint2.apiKey}`
  });
  for (const [name, value] of Object.entries(endpoint2.headers)) headers2.set(name, value);
  for (const [name, value] of ownHeaders(options)) {
    if (value === null) headers2.delete(name);
    else headers2.set(name, value);
  }
  return { url: url.href, headers: [...headers2].flat() };
}
function urlBelow(baseURL, given2) {
  if (typeof given2 !== "string") {
    throw new MultiplexerError(`path must be a string, not ${kindOf(given2)}.`);
  }
  const url = new URL(baseURL);
  const root = `${url.pathname.replace(/\/$/, "")}/`;
  const [path = "", query = ""] = given2.split("?", 2);
  url.pathname = `${root}${path.replace(/^\//, "")}`;
  if (!url.pathname.startsWith(root)) {
    throw new MultiplexerError(
      `path must stay below the endpoint's base URL, which ${JSON.stringify(path)} does not.`
    );
  }
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.append(name, value);
  return url;
}
function ownQuery(options) {
  const { query } = options ?? {};
  if (query === void 0 || query === null) return [];
  if (query instanceof URLSearchParams) return [...query];
  if (typeof query === "object" && !Array.isArray(query))
    return Object.entries(query);
  throw new MultiplexerError(`query must be an object, not ${kindOf(query)}.`);
}
function ownHeaders(options) {
  return given(options).flatMap(([name, value]) => {
    if (value === void 0) return [];
    checkHeaderName(name);
    if (value === null) return [[name, null]];
    const text = Array.isArray(value) ? value.join(", ") : value;
    if (typeof text === "object" || typeof text === "function" || typeof text === "symbol") {
      throw new MultiplexerError(
        `headers: the value of ${name} must be a string, an array of strings or null, not ${kindOf(value)}.`
      );
    }
    const told3 = `${text}`;
    checkHeaderValue(`headers: the value of ${name}`, told3);
    return [[name, told3]];
  });
}
function given(options) {
  const { headers: headers2 } = options ?? {};
  if (headers2 === void 0 || headers2 === null) return [];
  if (isNullableHeaders(headers2)) {
    return [...headers2.values, ...[...headers2.nulls].map((name) => [name, null])];
  }
  if (!(Symbol.iterator in headers2)) return Object.entries(headers2);
  return [...headers2].map(([name, value]) => [
    String(name),
    value
  ]);
}
function isNullableHeaders(headers2) {
  return "values" in headers2 && headers2.values instanceof Headers && "nulls" in headers2;
}
function addEndpointProfile(endpoint2, operation, options, connection) {
  const { url, headers: headers2 } = endpointProfile(endpoint2, operation, options);
  const method = operation.method.toUpperCase();
  const proxy = proxyFor(url, connection);
  const { http2, connectMs } = connection;
  try {
    const id = hub.native.addProfile(method, url, headers2, false, proxy, http2, connectMs);
    return { id, url };
  } catch (error2) {
    throw new MultiplexerError(`The request cannot be sent: ${error2.message}.`);
  }
}

// lib/sdk/system-error.ts
var import_node_os = require("node:os");
var unreachable = ["ECONNREFUSED", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"];
var nameUnknown = -3008;
function asSystemError({ code, message }, url) {
  switch (code) {
    case void 0:
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
function closedByPeer() {
  return withDetails("other side closed", { name: "SocketError", code: "UND_ERR_SOCKET" });
}
function notConnected(code, url) {
  const { hostname, port, protocol } = new URL(url);
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  const details = { errno: numberOf(code), code, syscall: "connect" };
  if (nodeNet().isIP(address) === 0) return withDetails(`connect ${code} ${hostname}`, details);
  const number = port === "" ? protocol === "https:" ? 443 : 80 : Number(port);
  return withDetails(`connect ${code} ${address}:${number}`, { ...details, address, port: number });
}
function withDetails(message, details) {
  return Object.assign(new Error(message), details);
}
function numberOf(code) {
  const number = import_node_os.constants.errno[code];
  return number === void 0 ? void 0 : -number;
}

// lib/sdk/node-fetch.ts
function fetchErrorOf(client) {
  const { FetchError: own } = client.fetch;
  return typeof own === "function" ? own : FetchError;
}
var FetchError = class extends Error {
  type;
  constructor(message, type, systemError) {
    super(message);
    Object.defineProperty(this, "message", { value: message, enumerable: true });
    this.type = type;
    if (systemError?.code === void 0) return;
    Object.assign(this, { errno: systemError.code, code: systemError.code });
  }
};
Object.defineProperty(FetchError.prototype, "name", { value: "FetchError" });
function invalidJson(client, url, error2) {
  const message = `invalid json response body at ${url} reason: ${error2.message}`;
  return new (fetchErrorOf(client))(message, "invalid-json");
}
function requestFailed(client, url, fault) {
  const cause = causeOf(fault, url);
  const message = `request to ${url} failed, reason: ${cause.message}`;
  return new (fetchErrorOf(client))(message, "system", cause);
}
function prematureClose() {
  return Object.assign(new Error("Premature close"), { code: "ERR_STREAM_PREMATURE_CLOSE" });
}
function causeOf(fault, url) {
  if (fault.code !== "UND_ERR_SOCKET") return asSystemError(fault, url);
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
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
    const isJson2 = this.#version >= 7 ? saysJson : saysJsonInLowerCase;
    if (!isJson2(head.get("content-type"))) return body;
    const mayBeEmpty = this.#version >= 7 || this.#version === 6 && head.get("content-length") === "0";
    if (body === "" && mayBeEmpty) return void 0;
    try {
      return withRequestId(JSON.parse(body), head);
    } catch (error2) {
      throw this.#version === 4 ? invalidJson(this.#client, head.url, error2) : error2;
    }
  }
  events(opened, { hasChunks, seen }) {
    const headers2 = () => opened.head && this.#headers(opened.head);
    return {
      normalise: eachEvent(hasChunks && this.#version >= 7 ? giveFinishReasons : void 0, seen),
      named: (name, data) => {
        const value = JSON.parse(data);
        const plain = this.#version === 4 ? name.startsWith("response.") || name.startsWith("transcript.") : !name.startsWith("thread.");
        return plain ? value : { event: name, data: value };
      },
      errorEvent: (_name, data) => {
        const value = parseJson(data);
        return new this.#sdk.APIError(void 0, value?.error ?? value, void 0, headers2());
      },
      unparsed: (data) => {
        if (this.#version < 7 && data.startsWith("[DONE]")) return void 0;
        if (this.#version >= 7) {
          return new SyntaxError("Error reading response: malformed server-sent event JSON.");
        }
        try {
          return JSON.parse(data);
        } catch (error2) {
          return error2;
        }
      },
      broken: (fault) => this.#terminated(fault)
    };
  }
  stream(queue, controller, head) {
    const reader = new Reader(
      queue,
      () => this.#alreadyRead(),
      () => {
        controller.abort();
      }
    );
    const noBody = head.status === 204 && this.#version >= 5;
    const iterate = () => noBody ? this.#noBody(controller) : reader.iterate();
    if (this.#stream === void 0) return new Stream(iterate, controller);
    return new this.#stream(iterate, controller, this.#client);
  }
  statusError(head, body) {
    const value = parseJson(body);
    const message = isTruthy(value) ? void 0 : body;
    return this.#client.makeStatusError(head.status, value, message, this.#headers(head));
  }
  unreachable(fault, url) {
    if (this.#version === 4) {
      return new this.#sdk.APIConnectionError({ cause: requestFailed(this.#client, url, fault) });
    }
    const cause = new TypeError("fetch failed", { cause: asSystemError(fault, url) });
    if (!fault.timedOut) return new this.#sdk.APIConnectionError({ cause });
    return this.#timedOut(cause);
  }
  brokenReply(fault) {
    return this.#terminated(fault);
  }
  timedOut() {
    return this.#timedOut(new DOMException("This operation was aborted", "AbortError"));
  }
  aborted(signal) {
    const error2 = new this.#sdk.APIUserAbortError({ message: abortMessage });
    if (this.#version < 7 || signal?.aborted !== true) return error2;
    const cause = signal.reason;
    return Object.defineProperty(error2, "cause", {
      value: cause,
      writable: true,
      configurable: true
    });
  }
  #timedOut(cause) {
    const error2 = new this.#sdk.APIConnectionTimeoutError();
    return this.#version < 7 ? error2 : Object.assign(error2, { cause });
  }
  #noBody(controller) {
    const message = "Attempted to iterate over a response with no body";
    return {
      next: () => {
        controller.abort();
        return Promise.reject(new this.#sdk.OpenAIError(message));
      }
    };
  }
  #alreadyRead() {
    const message = "Cannot iterate over a consumed stream, use `.tee()` to split the stream.";
    return this.#version === 4 ? new Error(message) : new this.#sdk.OpenAIError(message);
  }
  /** A body that breaks off, as node-fetch (v4) and fetch report it. */
  #terminated(fault) {
    if (this.#version === 4) return prematureClose();
    return new TypeError("terminated", {
      cause: asSystemError(fault, this.#client.baseURL)
    });
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
function isTruthy(value) {
  return Boolean(value);
}
function majorVersion(client) {
  const { getUserAgent } = client;
  const version2 = /\/JS (\d+)\./.exec(getUserAgent?.call(client) ?? "")?.[1];
  if (version2 !== void 0) return Number(version2);
  return "httpAgent" in client ? 4 : 7;
}

// lib/call/options.ts
var mostRetries = 4294967295;
function checkRequestOptions(options, isResilient) {
  if (typeof options !== "object" || Array.isArray(options)) {
    throw new MultiplexerError(`options must be an object, not ${kindOf(options)}.`);
  }
  const { signal, headers: headers2 } = options;
  if (Boolean(signal) && !isSignal(signal)) {
    throw new MultiplexerError(`options.signal must be an AbortSignal, not ${kindOf(signal)}.`);
  }
  if (Boolean(headers2) && typeof headers2 !== "object") {
    throw new MultiplexerError(`options.headers must be an object, not ${kindOf(headers2)}.`);
  }
  if (isResilient) {
    wholeNumber("options.timeout", options.timeout);
    wholeNumber("options.maxRetries", options.maxRetries, mostRetries);
  }
}
function wholeNumber(name, value, most = Number.MAX_SAFE_INTEGER) {
  if (value === void 0) return void 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) {
    return value;
  }
  const given2 = typeof value === "number" ? String(value) : kindOf(value);
  throw new MultiplexerError(`${name} must be an integer from 0 to ${most}, not ${given2}.`);
}

// lib/call/prepare.ts
function prepareNow(call2, target) {
  const { operation, options } = call2;
  const { client } = target;
  if (isEndpoint(client)) {
    const endpoint2 = keyedNow(client);
    return endpoint2 && prepareEndpoint(call2, target, endpoint2);
  }
  const sdk = client;
  const form = knownForm(sdk);
  if (form === void 0) return void 0;
  const profile = knownProfile(
    sdk,
    operation,
    target,
    options
  );
  return profile && prepare(sdk, options, form, profile);
}
function prepareEndpoint(call2, target, endpoint2) {
  const { operation, options } = call2;
  const profile = endpointProfileOf(endpoint2, operation, options, target.connection);
  const timeoutMs = wholeNumber("options.timeout", options?.timeout) ?? defaultTimeoutMs;
  const maxRetries = wholeNumber("options.maxRetries", options?.maxRetries, mostRetries) ?? defaultMaxRetries;
  return { profile, form: endpointForm, timeoutMs, maxRetries };
}
async function prepareLater(call2, target) {
  const { operation, params, options } = call2;
  if (isEndpoint(target.client)) {
    const keyed = await askKey(target.client).catch((reason) => new NoKey(reason));
    if (keyed instanceof NoKey) return keyed;
    if (keyed.isNew) call2.around.fleet.changeKey(call2.key);
    return prepareEndpoint(call2, target, keyed.endpoint);
  }
  const sdk = target.client;
  await learnForm(sdk);
  const form = knownForm(sdk);
  if (form === void 0) {
    throw new MultiplexerError('transport "native" needs an OpenAI client or an endpoint.');
  }
  const profile = await buildProfile(
    sdk,
    operation,
    target,
    params,
    options
  );
  const prepared = prepare(sdk, options, form, profile);
  if (profile instanceof Profile) profile.release();
  return prepared;
}
function prepare(client, options, form, profile) {
  if (profile instanceof Declined) return profile;
  const timeoutMs = options?.timeout ?? client.timeout;
  const maxRetries = options?.maxRetries ?? client.maxRetries;
  if (!(timeoutMs >= 0 && timeoutMs <= longestTimer)) return new Declined("its timeout is unusual");
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0 && maxRetries <= mostRetries)) {
    return new Declined("its maxRetries is unusual");
  }
  return { profile: profile.keep(), form, timeoutMs, maxRetries };
}
var longestTimer = 2147483647;
var endpointProfiles = /* @__PURE__ */ new WeakMap();
var mostPaths = 32;
var droppedEndpoints = new FinalizationRegistry((profiles) => {
  for (const profile of profiles.values()) profile.forget();
});
function endpointProfileOf(endpoint2, operation, options, connection) {
  const { headers: headers2, query, path } = options ?? {};
  if (headers2 !== void 0 || query !== void 0 || path !== void 0) {
    return toProfile2(addEndpointProfile(endpoint2, operation, options, connection)).keep().forget();
  }
  let profiles = endpointProfiles.get(endpoint2);
  if (profiles === void 0) {
    profiles = /* @__PURE__ */ new Map();
    endpointProfiles.set(endpoint2, profiles);
    droppedEndpoints.register(endpoint2, profiles);
  }
  let profile = profiles.get(operation.profileKey);
  if (profile === void 0) {
    profile = toProfile2(addEndpointProfile(endpoint2, operation, void 0, connection));
    profiles.set(operation.profileKey, profile);
    const [oldest] = profiles.keys();
    if (profiles.size > mostPaths && oldest !== void 0) {
      profiles.get(oldest)?.forget();
      profiles.delete(oldest);
    }
  }
  return profile.keep();
}
function toProfile2({ id, url }) {
  return new Profile(id, url);
}

// lib/call/pause.ts
function pause(ms, signal) {
  return new Promise((resolve2) => {
    if (signal?.aborted === true) {
      resolve2();
      return;
    }
    const done2 = () => {
      clearTimeout(timer);
      if (signal) unlisten(signal, done2);
      resolve2();
    };
    const timer = setTimeout(done2, ms);
    if (signal) listen(signal, done2);
  });
}

// lib/call/pick.ts
function pickAgain(call2) {
  const now = hostNow();
  const draw = isHostDraw() && hub.native.canPickAgain(call2, now) ? hostDraw() : Number.NaN;
  return hub.native.again(call2, now, draw);
}
function passedOver(call2, targets) {
  return toPassedOver(hub.native.passedOver(call2, hostNow()), targets);
}
function goesThroughEngine({ operation, params, options }, { client, transport }) {
  if (transport !== "auto") return transport === "native";
  if (isEndpoint(client)) return true;
  const why = whyNotNative(client, operation.resource) ?? whyCallNotNative(params, options);
  return why === void 0;
}

// lib/diagnostics.ts
var import_node_diagnostics_channel2 = require("node:diagnostics_channel");
var start = (0, import_node_diagnostics_channel2.channel)("model-multiplexer:attempt:start");
var headers = (0, import_node_diagnostics_channel2.channel)("model-multiplexer:attempt:headers");
var end = (0, import_node_diagnostics_channel2.channel)("model-multiplexer:attempt:end");
var error = (0, import_node_diagnostics_channel2.channel)("model-multiplexer:attempt:error");
function isWatched() {
  return start.hasSubscribers || headers.hasSubscribers || end.hasSubscribers || error.hasSubscribers;
}
var Watched = class {
  #message;
  #isOver = false;
  /** Tells of a request that is about to be made. */
  constructor(message) {
    this.#message = message;
    start.publish(message);
  }
  /** The response's headers are there. */
  headers(head) {
    this.#message.status = head.status;
    this.#message.responseHeaders = head.headers;
    headers.publish(this.#message);
  }
  /** The response has been received. */
  end() {
    if (this.#isOver) return;
    this.#isOver = true;
    end.publish(this.#message);
  }
  /** The attempt failed. */
  error(failure) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#message.error = failure;
    error.publish(this.#message);
  }
};

// lib/call/watched.ts
function watchAttempt({ id, operation, url }, { id: target, modelName }) {
  if (!isWatched()) return void 0;
  const [withoutQuery = ""] = url.split("?", 1);
  const method = operation.method.toUpperCase();
  return new Watched({ call: id, target, modelName, method, url: withoutQuery });
}
function tellRecovery(watched, answer, queue, form, url) {
  if ("head" in answer) watched.headers(answer.head);
  if (answer.kind === "stream") {
    queue.onTold(() => {
      queueMicrotask(() => {
        watched.end();
      });
    });
  } else if ("head" in answer) {
    watched.end();
  } else {
    watched.error(failureOf2(answer, form, url));
  }
}
function failureOf2(answer, form, url) {
  switch (answer.kind) {
    case "unreachable":
      return form.unreachable(answer.fault, url);
    case "broken":
      return answer.fault.timedOut ? form.timedOut() : form.brokenReply(answer.fault);
    case "timedOut":
      return form.timedOut();
    case "died":
      return answer.error();
    case "aborted":
      return form.aborted(void 0);
    default:
      return new MultiplexerError("It says something else than was given before.");
  }
}

// lib/call/recovery.ts
var Recovery = class {
  operation;
  params;
  options;
  #id;
  around;
  /** The number of the target that is being asked. */
  key = 0;
  #ownForm;
  #opened;
  #trail;
  /** The one that is being asked, or was asked last. */
  #target;
  #interruption;
  #wake;
  constructor(call2) {
    ({
      operation: this.operation,
      params: this.params,
      options: this.options,
      id: this.#id,
      around: this.around,
      ownForm: this.#ownForm,
      opened: this.#opened,
      trail: this.#trail
    } = call2);
    void this.#watch();
  }
  /** The form of an attempt that is gone on with where it breaks off. */
  form(events, target) {
    this.#target = target;
    return {
      ...events,
      interrupted: (interruption) => {
        this.#interruption = interruption;
        this.#wake?.();
      }
    };
  }
  /** The attempt has won beside another of its call, whose trail has its own. */
  join(trail) {
    this.#trail = trail;
  }
  /** Runs in the call's own async context, from its beginning. */
  async #watch() {
    for (; ; ) {
      const interruption = await this.#next();
      if (await this.#goesOn(interruption.queue).catch(() => false)) continue;
      hub.endInterrupted(this.#id, interruption);
      return;
    }
  }
  async #next() {
    if (this.#interruption === void 0) {
      await new Promise((resolve2) => this.#wake = resolve2);
    }
    const interruption = this.#interruption;
    this.#interruption = void 0;
    return interruption;
  }
  /** True once another target goes on. */
  async #goesOn(queue) {
    let goesOn2 = await this.#mayGoOn();
    this.#trail.interrupt();
    while (goesOn2) {
      const answer = await this.#askNext(queue);
      if (answer === void 0) return false;
      const wasAnswered = this.#note(answer);
      if (wasAnswered !== void 0) return wasAnswered;
      goesOn2 = await this.#mayGoOn();
      this.#trail.tell();
    }
    return false;
  }
  /** Notes what came of an attempt; true if it goes on, false if nobody is to; else it has failed. */
  #note(answer) {
    const trail = this.#trail;
    const status = "head" in answer ? answer.head.status : void 0;
    switch (answer.kind) {
      case "stream":
        trail.opens();
        trail.end("success", status);
        trail.tell();
        trail.recovered();
        return true;
      case "diverged": {
        const spent = hub.native.close(this.#id);
        if (spent !== null) trail.spend(spent);
        trail.end("diverged", status);
        trail.tell();
        return false;
      }
      case "aborted":
        trail.end("aborted", status);
        trail.tell();
        return false;
      case "notSent":
        trail.end("failed", status);
        trail.tell();
        return false;
      default:
        trail.end(answer.kind === "rate_limited" ? "rate_limited" : "failed", status);
        return void 0;
    }
  }
  /** Asks the policy what is done after the failure that has just come. */
  async #mayGoOn() {
    const decision = hub.native.decide(this.#id, hostNow(), Number.NaN);
    if (decision === null) return false;
    const { action, afterMs, outcome, restMs, restUntil, spent } = decision;
    this.#trail.judged(outcome, restMs, restUntil);
    if (spent !== void 0) this.#trail.spend(spent);
    if (restMs > 0) this.around.log.rests(this.#target?.modelName ?? "", outcome, restMs);
    if (afterMs > 0) await pause(afterMs, this.options?.signal);
    return action !== "giveUp";
  }
  /** Asks the next target that the engine can ask; undefined if there is none. */
  async #askNext(queue) {
    for (; ; ) {
      const { targets } = this.around;
      this.key = pickAgain(this.#id);
      const target = targets.get(this.key);
      this.#trail.passOver(passedOver(this.#id, targets));
      if (target === void 0) return void 0;
      this.#trail.begin(target);
      const answer = goesThroughEngine(this, target) ? await this.#ask(target, queue) : void 0;
      if (answer !== void 0 && answer.kind !== "declined") return answer;
      hub.native.passOver(this.#id);
      this.#trail.end("passed_over", void 0);
    }
  }
  async #ask(target, queue) {
    try {
      const prepared = prepareNow(this, target) ?? await prepareLater(this, target);
      if (prepared instanceof Declined) return { kind: "declined", reason: prepared.reason };
      if (prepared instanceof NoKey) return withoutKey(this.#id, prepared, "");
      const { profile, timeoutMs } = prepared;
      const form = this.#ownForm ?? prepared.form;
      try {
        if (queue.over || this.around.closed) return { kind: "aborted" };
        const attempt = { id: this.#id, operation: this.operation, url: profile.url };
        const watched = watchAttempt(attempt, target);
        const answer = await hub.send(this.#id, this.around, {
          target,
          profile: profile.id,
          // The engine has kept it.
          body: null,
          timeoutMs,
          maxRetries: 0,
          mode: 1 /* Events */,
          form: this.#formOf(form, target, queue),
          headers: traceHeaders(),
          bill: this.#trail
        });
        if (watched !== void 0) tellRecovery(watched, answer, queue, form, profile.url);
        return answer;
      } finally {
        profile.release();
      }
    } catch (error2) {
      return { kind: "notSent", error: error2 };
    }
  }
  #formOf(form, target, queue) {
    const events = form.events(this.#opened, { hasChunks: true, seen: void 0 });
    return { ...this.form(interruptible(this.#opened, events), target), goesOn: queue };
  }
};

// lib/call/native.ts
function ask(call2, target) {
  try {
    const why = target.transport === "native" ? whyNotAsMade(call2, target) : void 0;
    if (why !== void 0) return Promise.resolve({ kind: "declined", reason: why });
    const prepared = prepareNow(call2, target);
    if (prepared === void 0) return askLater(call2, target);
    return call2.wantsResponse || !call2.streams() ? sendOrNot(call2, target, prepared) : sendSoon(call2, target, prepared);
  } catch (error2) {
    return Promise.resolve({ kind: "notSent", error: error2 });
  }
}
async function askLater(call2, target) {
  try {
    const prepared = await prepareLater(call2, target);
    if (prepared instanceof NoKey) return withoutKey(call2.id, prepared, requestText(call2));
    return await sendOrNot(call2, target, prepared);
  } catch (error2) {
    return { kind: "notSent", error: error2 };
  }
}
async function sendSoon(call2, target, prepared) {
  try {
    await Promise.resolve();
    return await sendOrNot(call2, target, prepared);
  } catch (error2) {
    return { kind: "notSent", error: error2 };
  }
}
function whyNotAsMade({ operation, params, options }, { client }) {
  if (isEndpoint(client)) return void 0;
  whyNotNative(client, operation.resource);
  return whyCallNotNative(params, options);
}
function sendOrNot(call2, target, prepared) {
  if (!(prepared instanceof Declined)) return send(call2, target, prepared);
  return Promise.resolve({ kind: "declined", reason: prepared.reason });
}
function serialise(params, indent) {
  const { model, toJSON } = params ?? {};
  const asItIs = typeof model === "string" && toJSON === void 0;
  const copy = () => ({ ...params, model: "" });
  if (!asItIs) return JSON.stringify(copy(), null, indent);
  try {
    return JSON.stringify(params, null, indent);
  } catch {
    return JSON.stringify(copy(), null, indent);
  }
}
function requestText({ text, params }) {
  if (text !== void 0) return text;
  try {
    return JSON.stringify(params);
  } catch {
    return "";
  }
}
function bodyOf(call2, target) {
  const { method, hasNoBody } = call2.operation;
  if (call2.bodySent || method !== "post" || hasNoBody === true) return null;
  if (call2.text !== void 0) return call2.text;
  const indent = "httpAgent" in target.client ? 2 : 0;
  const written = call2.written;
  call2.written = void 0;
  return indent === 0 && written !== void 0 ? written : write(call2, indent);
}
function write({ operation: { body }, params }, indent) {
  return serialise(body === void 0 ? params : body(params), indent);
}
function bodyAsText(call2) {
  const { method, hasNoBody } = call2.operation;
  if (method !== "post" || hasNoBody === true) return void 0;
  if (call2.text !== void 0) return call2.text;
  try {
    return call2.written = write(call2, 0);
  } catch {
    return void 0;
  }
}
function modeOf(call2) {
  if (call2.wantsResponse) return 2 /* Bytes */;
  return call2.streams() ? 1 /* Events */ : 0 /* Reply */;
}
function send(call2, target, prepared) {
  const { profile } = prepared;
  const form = call2.ownForm ?? prepared.form;
  const signal = call2.options?.signal;
  call2.form = form;
  call2.sending();
  call2.url = profile.url;
  call2.watched = watchAttempt(call2, target);
  try {
    if (signal?.aborted === true || call2.around.closed) {
      hub.native.abortUnsent(call2.id);
      hub.end(call2.id);
      return Promise.resolve({ kind: "aborted" });
    }
    const mode = modeOf(call2);
    const answer = hub.send(call2.id, call2.around, {
      target,
      profile: profile.id,
      body: bodyOf(call2, target),
      timeoutMs: prepared.timeoutMs,
      // The policy decides who is asked again.
      maxRetries: call2.isResilient ? 0 : prepared.maxRetries,
      mode,
      form: streamForm(call2, target, form, mode),
      headers: traceHeaders(),
      bill: call2.trail
    });
    call2.bodySent = true;
    if (call2.onLate !== void 0) hub.whenLate(call2.id, call2.onLate);
    if (signal) endOnAbort(call2, signal);
    return answer;
  } finally {
    profile.release();
  }
}
function streamForm(call2, target, form, mode) {
  if (mode === 0 /* Reply */) return null;
  const events = form.events(call2.opened, eventsOf(call2));
  if (mode === 2 /* Bytes */) return { ...events, cut: terminated };
  if (!call2.isResilient) return events;
  const told3 = interruptible(call2.opened, events);
  if (!call2.recovers) return told3;
  const recovery = call2.recovery ??= new Recovery(call2);
  return recovery.form(told3, target);
}
function terminated() {
  return new TypeError("terminated");
}
function eventsOf({ operation, around, key }) {
  const { idOf: idOf2, hasChunks } = operation;
  return {
    hasChunks: hasChunks === true,
    seen: idOf2 && ((event) => {
      remember(around, idOf2(event), key);
    })
  };
}
function endOnAbort(call2, signal) {
  call2.onAbort = () => {
    hub.end(call2.id);
  };
  listen(signal, call2.onAbort);
}

// lib/call/begin.ts
function begin(call2, place) {
  const { fleet } = call2.around;
  const now = hostNow();
  const wanted = call2.recovers ? { ...call2.needs, recover: true } : call2.needs;
  const needs = wanted;
  const remembers = call2.isResilient && fleet.remembers();
  const request = remembers || call2.around.countsTokens ? bodyAsText(call2) : void 0;
  if (place?.target !== void 0) {
    return fleet.beginBound(call2.id, place.target, now, needs?.deadlineMs, request);
  }
  if (place?.accountOf !== void 0 && (!remembers || request === void 0)) {
    return fleet.beginAbout(call2.id, place.accountOf, now, needs, request);
  }
  const draw = isHostDraw() && fleet.canPick(now) ? hostDraw() : Number.NaN;
  return fleet.begin(call2.id, now, draw, needs, request);
}

// lib/call/deadline.ts
var Deadline = class {
  #controller = new AbortController();
  #expired;
  #timer;
  constructor(afterMs) {
    this.#expired = new Promise((_, reject) => {
      this.#timer = setTimeout(() => {
        const reason = new DOMException("The call took too long.", "TimeoutError");
        this.#controller.abort(reason);
        reject(reason);
      }, afterMs);
    });
    this.#expired.catch(() => void 0);
  }
  get isOver() {
    return this.#controller.signal.aborted;
  }
  /** The client's signal: aborted with the caller's own as well. */
  signal(own) {
    const { signal } = this.#controller;
    if (!own) return signal;
    return "any" in AbortSignal ? AbortSignal.any([own, signal]) : own;
  }
  /** What the client gives, if that is in time. */
  race(result) {
    return Promise.race([result, this.#expired]);
  }
  end() {
    clearTimeout(this.#timer);
  }
};
function deadlineOf(call2) {
  if (!call2.isResilient) return void 0;
  const { firstTokenMs = 0, totalMs } = call2.around.resilience;
  const total = call2.needs?.deadlineMs ?? totalMs;
  const first2 = call2.streams() ? firstTokenMs : 0;
  const spans = [first2, total > 0 ? Math.max(1, total - call2.trail.elapsedMs + slackMs) : 0];
  const afterMs = Math.min(...spans.filter((span) => span > 0));
  return Number.isFinite(afterMs) ? new Deadline(Math.min(afterMs, longestTimer2)) : void 0;
}
var slackMs = 2;
var longestTimer2 = 2 ** 31 - 1;

// lib/call/evidence.ts
var deepest = 6;
var longestBody = 64 * 1024;
var mostHeaders = 64;
function evidenceOf(thrown) {
  let status;
  let headers2 = [];
  let body = "";
  let words = "";
  const codes = [];
  for (const fields of layers(thrown)) {
    status ??= statusOf(fields);
    if (headers2.length === 0) headers2 = headersOf(fields);
    if (body === "") body = bodyOf2(fields);
    if (words === "") words = wordsOf(fields);
    codes.push(...codesOf(fields));
  }
  if (body === "") body = words;
  const code = codes.find(isOfTheNetwork) ?? codes.find(isOfAnEnd) ?? codes[0];
  return { status, headers: headers2, body, code };
}
function* layers(thrown) {
  let next = thrown;
  for (let depth = 0; depth < deepest; depth++) {
    if (typeof next !== "object" || next === null) return;
    const fields = next;
    yield fields;
    const response = get(fields, "response");
    if (typeof response === "object" && response !== null) yield response;
    const all = get(fields, "errors");
    const last = Array.isArray(all) ? all.at(-1) : void 0;
    next = get(fields, "lastError") ?? get(fields, "cause") ?? last;
  }
}
function get(fields, name) {
  try {
    return fields[name];
  } catch {
    return void 0;
  }
}
function statusOf(fields) {
  const candidates = [get(fields, "status"), get(fields, "statusCode"), get(fields, "code")];
  const metadata = get(fields, "$metadata");
  if (typeof metadata === "object" && metadata !== null) {
    candidates.push(get(metadata, "httpStatusCode"));
  }
  return candidates.map(toStatus).find((status) => status !== void 0);
}
function toStatus(value) {
  const number = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return void 0;
  return number >= 100 && number <= 599 ? number : void 0;
}
function headersOf(fields) {
  return pairsOf(get(fields, "headers") ?? get(fields, "responseHeaders")).flat();
}
function pairsOf(headers2) {
  if (typeof headers2 !== "object" || headers2 === null) return [];
  try {
    const isIterable = headers2 instanceof Headers || headers2 instanceof Map;
    const pairs = isIterable ? [...headers2] : entriesOf(headers2);
    return pairs.slice(0, mostHeaders).flatMap(([name, value]) => {
      const isText = typeof value === "string" || typeof value === "number";
      return isText ? [[String(name).toLowerCase(), String(value)]] : [];
    });
  } catch {
    return [];
  }
}
function entriesOf(given2) {
  const { entries: entries2 } = given2;
  if (typeof entries2 !== "function") return Object.entries(given2);
  return [...entries2.call(given2)];
}
function bodyOf2(fields) {
  const error2 = get(fields, "error");
  if (typeof error2 === "object" && error2 !== null) {
    return asJson("error" in error2 ? error2 : { error: error2 });
  }
  for (const name of ["responseBody", "body", "data"]) {
    const value = get(fields, name);
    if (typeof value === "string" && value !== "") return cut(value);
    const isPlain3 = typeof value === "object" && value !== null && !isStream(value);
    if (isPlain3) return asJson(value);
  }
  const details = get(fields, "errorDetails");
  const message = get(fields, "message");
  if (Array.isArray(details)) return asJson({ error: { message, details } });
  const begins = typeof message === "string" ? message.indexOf("{") : -1;
  const json = begins < 0 ? "" : message.slice(begins);
  return isJson(json) ? cut(json) : "";
}
function wordsOf(fields) {
  const message = get(fields, "message");
  if (typeof message !== "string") return "";
  return asJson({ error: { message, type: get(fields, "type"), code: get(fields, "code") } });
}
function isStream(value) {
  return Symbol.asyncIterator in value || "getReader" in value;
}
function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
function asJson(value) {
  try {
    return cut(JSON.stringify(value));
  } catch {
    return "";
  }
}
function cut(text) {
  return text.length > longestBody ? "" : text;
}
function codesOf(fields) {
  const all = [get(fields, "code"), get(fields, "name"), className(fields)];
  return all.filter((one) => typeof one === "string" && one !== "Error");
}
function className(fields) {
  return get(fields, "constructor")?.name;
}
function isOfAnEnd(code) {
  return /Abort|Timeout|^ERR_CANCELED$/i.test(code);
}
function isOfTheNetwork(code) {
  return /^(E[A-Z]{3,}|EAI_\w+|UND_ERR_\w+|ERR_(TLS|SSL|HTTP2)_\w+)$/.test(code);
}

// lib/call/heard.ts
var mostTurns = 16;
async function hear(call2, asked) {
  const wait = { isOver: false };
  const end2 = () => {
    wait.isOver = true;
  };
  const heard = Promise.resolve().then(async () => {
    const response = await asked.asResponse();
    const { headers: headers2 } = response ?? {};
    const told3 = pairsOf(headers2).filter(([name]) => name.includes("ratelimit"));
    if (told3.length > 0 && !wait.isOver) hub.native.heard(call2, told3.flat());
  });
  heard.then(end2, end2);
  for (let turn = 0; turn < mostTurns && !wait.isOver; turn++) await Promise.resolve();
  end2();
}
function leadsToResponse(asked) {
  try {
    return typeof asked === "object" && asked !== null && typeof asked.asResponse === "function";
  } catch {
    return false;
  }
}

// lib/call/usage.ts
var inputs = ["prompt_tokens", "input_tokens", "inputTokens", "promptTokens", "promptTokenCount"];
var outputs = [
  "completion_tokens",
  "output_tokens",
  "outputTokens",
  "completionTokens",
  "candidatesTokenCount"
];
function usageOf(value) {
  try {
    if (typeof value !== "object" || value === null) return void 0;
    const { usage, usageMetadata } = value;
    const told3 = usage ?? usageMetadata;
    if (typeof told3 !== "object" || told3 === null) return void 0;
    const members2 = told3;
    const input = first(members2, inputs);
    if (input === void 0) return void 0;
    const thought = first(members2, ["thoughtsTokenCount"]) ?? 0;
    return { input, output: (first(members2, outputs) ?? 0) + thought };
  } catch {
    return void 0;
  }
}
function first(members2, names4) {
  return names4.map((name) => members2[name]).find((value) => Number.isSafeInteger(value) && value >= 0);
}

// lib/call/slot.ts
function isStream2(value) {
  return typeof value === "object" && value !== null && typeof value[Symbol.asyncIterator] === "function";
}
function isReadOtherwise(stream) {
  const { getReader, on } = stream;
  return typeof getReader === "function" || typeof on === "function";
}
var dropped = new FinalizationRegistry((slot) => {
  slot.giveBack();
});
var Slot = class {
  constructor(call2, isMetered) {
    this.call = call2;
    this.isMetered = isMetered;
  }
  call;
  isMetered;
  /** How many `next()` wait for the client's stream. */
  waiting = 0;
  #held = true;
  /** Notes the tokens that a chunk tells: of several the last count. */
  told(chunk) {
    if (!this.#held || !this.isMetered) return;
    const usage = usageOf(chunk);
    if (usage !== void 0) hub.native.spent(this.call, usage.input, usage.output);
  }
  giveBack(failed2 = false) {
    if (!this.#held) return;
    this.#held = false;
    if (failed2) hub.native.brokeOff(this.call);
    else hub.native.close(this.call);
  }
  /** The stream was aborted: by its reader, unless one waits and will be told why. */
  aborted() {
    if (this.waiting === 0) this.giveBack();
  }
};
function holdSlotFor(stream, call2, isMetered) {
  const slot = new Slot(call2, isMetered);
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
          else slot.told(result.value);
          return result;
        } catch (error2) {
          slot.giveBack(true);
          throw error2;
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
async function callClient(call2, target) {
  const deadline = deadlineOf(call2);
  try {
    const called = ask2(call2, target, deadline);
    if (called === void 0) return passOver(call2, target);
    call2.delegated = called.result;
    const value = await (deadline?.race(called.result) ?? called.result);
    if (call2.isResilient && leadsToResponse(called.result)) await hear(call2.id, called.result);
    settle(call2, target, value);
    remember(call2.around, call2.operation.idOf?.(value), call2.key);
    return { kind: "success", status: void 0, value };
  } catch (error2) {
    return deadline?.isOver === true ? late(call2, error2) : judge(call2, error2);
  } finally {
    deadline?.end();
  }
}
function ask2({ operation, params, options, isResilient }, { client, modelName }, deadline) {
  const given2 = isResilient ? { ...options, maxRetries: 0 } : options;
  if (deadline !== void 0 && given2 !== void 0) {
    given2["signal"] = deadline.signal(options?.signal);
  }
  return operation.call(client, { ...params, model: modelName }, given2);
}
function passOver({ id, operation }, target) {
  hub.native.passOver(id);
  const error2 = () => new MultiplexerError(
    `No model can do ${operation.name}(): the client of "${target.id}" has no such method. Add a model with an OpenAI client or an endpoint.`
  );
  return { kind: "passed_over", status: void 0, error: error2 };
}
function settle(call2, target, value) {
  const isMetered = call2.isResilient || call2.around.countsTokens;
  hub.native.succeeded(call2.id);
  if (isMetered) spend(call2, value);
  if (isStream2(value) && Object.isExtensible(value) && (isMetered && !isReadOtherwise(value) || isSlotCounted(call2, target))) {
    holdSlotFor(value, call2.id, isMetered);
  } else {
    hub.native.close(call2.id);
  }
}
function isSlotCounted({ around }, { maxConcurrent }) {
  if (maxConcurrent > 0 || around.resilience.strategy === "least-busy") return true;
  const declares = ({ dto }) => dto.limits?.some(({ name }) => name === "concurrent");
  return [...around.targets.values()].some(declares);
}
function spend({ id, trail }, value) {
  const usage = usageOf(value);
  if (usage === void 0) return;
  hub.native.spent(id, usage.input, usage.output);
  trail.spend(`${usage.input} ${usage.output} 1 0`);
}
function late(call2, cause) {
  if (call2.options?.signal?.aborted === true) return judge(call2, cause);
  hub.native.judge(call2.id, 0, [], "", "ETIMEDOUT", call2.text ?? asJson2(call2.params ?? {}));
  const error2 = new APIConnectionTimeoutError(
    void 0,
    void 0,
    "Request timed out.",
    void 0
  );
  return { kind: "failed", status: void 0, error: error2 };
}
function judge(call2, error2) {
  if (call2.options?.signal?.aborted === true) {
    hub.native.close(call2.id);
    return { kind: "aborted", status: void 0, error: new Error(abortMessage) };
  }
  if (!call2.isResilient && isRefusal(error2)) {
    const header = (name) => headerOf(error2.headers, name);
    return {
      kind: "rate_limited",
      status: error2.status,
      retryAfterMs: header("retry-after-ms"),
      retryAfter: header("retry-after"),
      error: () => error2 instanceof Error ? error2 : new Error(asText(error2))
    };
  }
  const { status, headers: headers2, body, code } = evidenceOf(error2);
  const request = call2.isResilient ? call2.text ?? asJson2(call2.params ?? {}) : "";
  hub.native.judge(call2.id, status ?? 0, headers2, body, code, request);
  return { kind: "failed", status: call2.isResilient ? status : statusOf2(error2), error: error2 };
}
function asJson2(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}
function statusOf2(error2) {
  const { status } = error2 ?? {};
  return typeof status === "number" ? status : void 0;
}
function isRefusal(error2) {
  if (typeof error2 !== "object" || error2 === null) return false;
  const { status } = error2;
  return status === 429 || status === 529;
}
function asText(thrown) {
  return String(thrown);
}
function headerOf(headers2, name) {
  if (typeof headers2 !== "object" || headers2 === null) return null;
  try {
    if (typeof headers2.get === "function") {
      const value2 = headers2.get(name);
      return typeof value2 === "string" ? value2 : null;
    }
    const found = Object.entries(headers2).find(([key]) => key.toLowerCase() === name);
    const value = found?.[1];
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  } catch {
    return null;
  }
}

// lib/stream/bytes.ts
var abandoned2 = new FinalizationRegistry((queue) => {
  queue.leave();
});
function byteStream(queue, signal) {
  const source2 = new ByteSource(queue);
  const body = new ReadableStream(source2);
  abandoned2.register(body, queue);
  if (signal !== void 0) endOnAbort2(queue, source2.aborting(signal), signal);
  return body;
}
function endOnAbort2(queue, abort, signal) {
  listen(signal, abort);
  queue.onTold(() => {
    unlisten(signal, abort);
  });
}
var ByteSource = class {
  type = "bytes";
  #queue;
  /** The reason once the signal was aborted. */
  #aborted;
  constructor(queue) {
    this.#queue = queue;
  }
  aborting(signal) {
    return () => {
      this.#aborted = { reason: signal.reason };
      this.#queue.leave();
    };
  }
  async pull(controller) {
    const result = this.#aborted === void 0 ? await this.#queue.next() : void 0;
    const aborted = this.#aborted;
    if (aborted !== void 0) throw aborted.reason;
    if (result === void 0 || result.done === true) {
      controller.close();
      controller.byobRequest?.respond(0);
      return;
    }
    const text = result.value;
    const bytes = Buffer.allocUnsafeSlow(text.length);
    bytes.write(text, "latin1");
    controller.enqueue(new Uint8Array(bytes.buffer));
  }
  cancel() {
    this.#queue.leave();
  }
};

// lib/call/conclude.ts
function conclude(call2, target, answer) {
  if (answer.kind === "declined") return declined(call2, target, answer.reason);
  const signal = call2.options?.signal;
  if (call2.onAbort !== void 0 && signal) {
    unlisten(signal, call2.onAbort);
    call2.onAbort = void 0;
  }
  try {
    const outcome = judge2(call2, target, call2.form, answer);
    if (call2.watched !== void 0) tell(call2, call2.watched, answer, outcome);
    return outcome;
  } catch (error2) {
    call2.watched?.error(error2);
    call2.fail();
    return { kind: "failed", status: call2.head?.status, error: error2, isOwn: true };
  }
}
function tell(call2, watched, answer, outcome) {
  if ("head" in answer) {
    watched.headers(answer.head);
    if (answer.kind !== "stream" || call2.wantsResponse) watched.end();
  } else if (outcome.kind === "failed" || outcome.kind === "aborted") {
    watched.error(outcome.error);
  }
}
function declined(call2, { transport }, reason) {
  if (transport !== "native") return void 0;
  leave(call2);
  const error2 = new MultiplexerError(`transport "native" cannot be: ${reason}.`);
  return { kind: "failed", status: void 0, error: error2, isOwn: true };
}
function leave({ id }) {
  hub.native.passOver(id);
  hub.native.close(id);
}
function judge2(call2, target, form, answer) {
  switch (answer.kind) {
    case "reply":
      call2.head = answer.head;
      call2.body = answer.body;
      return { kind: "success", status: answer.head.status, value: replyOf(call2, form, answer) };
    case "stream":
      call2.trail.opens();
      call2.head = answer.head;
      call2.opened.head = answer.head;
      return {
        kind: "success",
        status: answer.head.status,
        value: call2.wantsResponse ? openResponse(call2, answer.head, answer.queue) : openStream(call2, form, answer.queue, answer.head)
      };
    case "rate_limited":
      return {
        kind: "rate_limited",
        status: answer.head.status,
        retryAfterMs: answer.head.get("retry-after-ms"),
        retryAfter: answer.head.get("retry-after"),
        error: () => form.statusError(answer.head, answer.body)
      };
    case "refused":
      return failed(form.statusError(answer.head, answer.body), answer.head.status);
    case "unreachable":
      return failed(form.unreachable(answer.fault, call2.url));
    case "broken":
      if (call2.isResilient && answer.fault.timedOut) return failed(form.timedOut());
      return failed(form.brokenReply(answer.fault));
    case "timedOut":
      return failed(form.timedOut());
    case "died":
      return failed(answer.error());
    case "leased":
    case "diverged":
      throw new Error("nobody was asked for this");
    case "aborted":
      return { kind: "aborted", status: void 0, error: form.aborted(call2.options?.signal) };
    case "noKey":
      if (!call2.isResilient) leave(call2);
      return failed(answer.error);
    case "notSent":
      if (call2.isResilient || isEndpoint(target.client)) leave(call2);
      else hub.native.failed(call2.id);
      return { kind: "failed", status: void 0, error: answer.error, isOwn: true };
  }
}
function failed(error2, status) {
  return { kind: "failed", status, error: error2 };
}
function replyOf({ operation, around, key, params }, form, { head, body }) {
  const value = form.reply(head, body);
  if (operation.reply === void 0) return value;
  const reply = operation.reply(value, params);
  remember(around, operation.idOf?.(reply), key);
  return reply;
}
function openResponse(call2, head, queue) {
  const signal = call2.options?.signal ?? void 0;
  return head.toResponse(byteStream(queue, signal), call2.url);
}
function openStream(call2, form, queue, head) {
  const controller = new AbortController();
  const signal = call2.options?.signal;
  const { watched } = call2;
  const abort = () => {
    controller.abort();
  };
  if (signal) listen(signal, abort);
  if (signal || watched !== void 0) {
    queue.onTold(() => {
      if (signal) unlisten(signal, abort);
      if (watched !== void 0) {
        queueMicrotask(() => {
          watched.end();
        });
      }
    });
  }
  const { soFar } = call2.opened;
  if (soFar !== void 0) {
    queue.onValue((event) => {
      soFar.add(event);
    });
  }
  queue.onFailure((reason) => {
    watched?.error(reason);
    controller.abort();
  });
  controller.signal.addEventListener(
    "abort",
    () => {
      queue.leave();
    },
    { once: true }
  );
  return form.stream(queue, controller, head);
}

// lib/call/hedge.ts
async function askWithHedge(call2, target) {
  const late2 = new Promise((resolve2) => {
    call2.onLate = () => {
      resolve2(void 0);
    };
  });
  const began = performance.now();
  const first2 = ask(call2, target);
  const early = await Promise.race([first2, late2]);
  call2.onLate = void 0;
  if (early !== void 0) return early;
  const second = begin2(call2, performance.now() - began);
  return second === void 0 ? first2 : race(call2, first2, second);
}
function begin2(call2, afterMs) {
  const id = hub.newId();
  const key = hub.native.hedge(call2.id, id, hostNow(), Number.NaN);
  if (key === 0) return void 0;
  const target = call2.around.targets.get(key);
  if (target === void 0 || !goesThroughEngine(call2, target)) {
    hub.native.passOver(id);
    hub.native.close(id);
    return void 0;
  }
  const twin = toTwin(call2, id, key);
  twin.trail.begin(target);
  call2.trail.hedges(target, afterMs);
  return { twin, target, answer: ask(twin, target) };
}
function toTwin(call2, id, key) {
  const own = {
    id,
    key,
    trail: new Trail(call2.around.rested, call2.trail.watch),
    opened: {},
    onAbort: void 0,
    onLate: void 0,
    recovery: void 0,
    decided: void 0,
    watched: void 0,
    // The engine has it from the first attempt.
    bodySent: true,
    sending: () => void 0
  };
  return Object.assign(Object.create(call2), own);
}
async function race(call2, first2, second) {
  const early = await Promise.race([first2, second.answer.then((answer2) => ({ answer: answer2 }))]);
  if ("answer" in early) {
    if (isWon(early.answer)) return adopt(call2, second, void 0, early.answer);
    drop(call2, second, early.answer);
    return first2;
  }
  if (isWon(early)) {
    drop(call2, second, void 0);
    return early;
  }
  call2.decided = hub.native.decide(call2.id, hostNow(), Number.NaN) ?? void 0;
  const answer = await second.answer;
  if (isWon(answer)) return adopt(call2, second, early, answer);
  drop(call2, second, answer);
  return early;
}
function isWon({ kind }) {
  return kind === "reply" || kind === "stream" || kind === "aborted";
}
function drop(call2, { twin }, failure) {
  if (failure !== void 0) {
    twin.decided = hub.native.decide(twin.id, hostNow(), Number.NaN) ?? void 0;
    hub.native.leave(call2.id, twin.key);
  }
  settle2(twin, failure);
  call2.trail.join(twin.trail, false);
}
function adopt(call2, { twin, target }, failure, won) {
  settle2(call2, failure);
  call2.trail.join(twin.trail, true);
  const { id, key, form, url, watched, onAbort: onAbort2, opened, recovery } = twin;
  recovery?.join(call2.trail);
  Object.assign(call2, { id, key, form, url, watched, onAbort: onAbort2, opened, recovery, hedgedTo: target });
  return won;
}
function settle2(call2, failure) {
  const { id, trail, options, decided } = call2;
  if (call2.onAbort !== void 0 && options?.signal) unlisten(options.signal, call2.onAbort);
  call2.onAbort = void 0;
  call2.decided = void 0;
  trail.end(failure === void 0 ? "aborted" : toOutcome(failure), statusOf3(failure));
  if (decided !== void 0) {
    if (decided.spent !== void 0) trail.spend(decided.spent);
    trail.judged(decided.outcome, decided.restMs, decided.restUntil);
  }
  hub.end(id);
  trail.tell();
  call2.watched?.end();
}
function toOutcome({ kind }) {
  return kind === "rate_limited" ? "rate_limited" : "failed";
}
function statusOf3(answer) {
  return answer !== void 0 && "head" in answer ? answer.head.status : void 0;
}

// lib/call/unavailable.ts
function unavailable(why) {
  const retryAfterMs = why?.retryAfterMs;
  if (why?.binding !== void 0) return unavailableInAccount(why, why.binding);
  switch (why?.reason) {
    case "resting":
      return new ModelSelectionError("All models are temporarily rate limited.", {
        code: "rate_limited",
        retryAfterMs
      });
    case "at_capacity":
      return new ModelSelectionError(
        retryAfterMs === void 0 ? "All models are at capacity." : "All models are at capacity or temporarily rate limited.",
        { code: "at_capacity", retryAfterMs }
      );
    case "unmatched":
      return new ModelSelectionError("No model has the tags that the call requires.", {
        code: "no_models"
      });
    case "empty":
      return new ModelSelectionError("No models available in the multiplexer.", {
        code: "no_models"
      });
    default:
      return new MultiplexerError("The multiplexer was closed.");
  }
}
function unavailableInAccount({ reason, retryAfterMs }, { field, atOdds, targets }) {
  const of = `The call's ${field} belongs to the account of ${targets.map((id) => JSON.stringify(id)).join(", ")}`;
  const details = { field, targets, retryAfterMs };
  if (atOdds !== void 0) {
    return new AccountBoundError(
      `The call's ${field} and ${atOdds} belong to different accounts: no model knows both.`,
      { ...details, code: "no_models" }
    );
  }
  if (targets.length === 0) {
    return new AccountBoundError(
      `The call's ${field} belongs to an account of which there is no model any more.`,
      { ...details, code: "no_models" }
    );
  }
  switch (reason) {
    case "resting":
      return new AccountBoundError(`${of}, all of whose models are temporarily rate limited.`, {
        ...details,
        code: "rate_limited"
      });
    case "at_capacity":
      return new AccountBoundError(`${of}, all of whose models are at capacity.`, {
        ...details,
        code: "at_capacity"
      });
    default:
      return new AccountBoundError(`${of}, no model of which has what the call requires.`, {
        ...details,
        code: "no_models"
      });
  }
}

// lib/call/watch.ts
var Watch2 = class {
  #events;
  #call;
  #fleet;
  constructor({ events, fleet }, call2) {
    this.#events = events;
    this.#fleet = fleet;
    this.#call = call2;
  }
  started(target) {
    if (this.#events.has("attemptStarted")) {
      this.#events.emit("attemptStarted", this.#of(target));
    }
  }
  ended(target, toEnd2) {
    if (this.#events.has("attemptEnded")) {
      this.#events.emit("attemptEnded", { ...this.#of(target), ...toEnd2() });
    }
  }
  rests(target, failure, restMs, until) {
    if (this.#events.has("cooldown")) {
      this.#events.emit("cooldown", {
        ...this.#of(target),
        failure,
        restMs,
        until
      });
    }
  }
  /** A stream has broken off, after which the engine has let its target rest. */
  brokeOff(target) {
    if (!this.#events.has("cooldown")) return;
    const now = hostNow();
    const report = this.#fleet.report(now).find(({ id }) => id === target.id);
    const until = report?.restsUntil ?? 0;
    const restMs = until - (Number.isNaN(now) ? Date.now() : now);
    if (restMs > 0) this.rests(target, "truncated", restMs, until);
  }
  /** A target has answered that was sent to rest. */
  returned(target) {
    if (this.#events.has("return")) this.#events.emit("return", this.#of(target));
  }
  recovered(target) {
    if (this.#events.has("recovery")) this.#events.emit("recovery", this.#of(target));
  }
  hedged(target, afterMs) {
    if (this.#events.has("hedge")) this.#events.emit("hedge", { ...this.#of(target), afterMs });
  }
  waited(waitedMs, id) {
    if (this.#events.has("wait")) this.#events.emit("wait", { call: this.#call, waitedMs, id });
  }
  #of({ id, modelName }) {
    return { call: this.#call, id, modelName };
  }
};

// lib/call/run.ts
var Call = class {
  /** Of the attempt that is the call's own: that of a second target once it has won. */
  id = hub.newId();
  around;
  operation;
  params;
  /** Without what is the multiplexer's alone. */
  options;
  /** What the call asks of its targets. */
  needs;
  /** Every failure is judged, and the policy decides. */
  isResilient;
  /** A stream that breaks off goes on elsewhere. */
  recovers;
  /** What goes on with it, once it may have to. */
  recovery;
  text;
  ownForm;
  /** The body as JSON, if it was needed before it is sent. */
  written;
  /** Whom it asked, and what came of it. */
  trail;
  /** The answer is a `Response` whose body is read by whoever gets it, not by the engine. */
  wantsResponse;
  /** What the call answers. */
  value;
  /** The engine has the body and keeps it for the next target. */
  bodySent = false;
  /** How the target that is being asked through the engine answers. */
  form;
  /** Where that target is, in the words of its client. */
  url = "";
  /** The attempt, where instrumentation watches it. */
  watched;
  /** Ends the call when its signal is aborted; there is none without a signal. */
  onAbort;
  /** The head of the response that the engine received. */
  head;
  /** Its body, if that is a text. */
  body = null;
  /** The head of a stream, for its events; apart, so that they do not keep the call alive. */
  opened = {};
  /** Is told that the target is later than usual, where a second one may be asked. */
  onLate;
  /** What is done after the failure of the target, where that was decided before. */
  decided;
  /** The second target, if it has answered before the first. */
  hedgedTo;
  /** The client's own promise, where it was called itself. */
  delegated;
  /** The target that is being asked. */
  key = 0;
  #waitedMs = 0;
  /** The target whose key has been asked for once more. */
  #reaskedKey = 0;
  #outcomes = [];
  #exhausted;
  #isSent = false;
  #isHedged;
  constructor(around, request) {
    this.around = around;
    const watch = around.events.areHeard ? new Watch2(around, this.id) : void 0;
    this.trail = new Trail(around.rested, watch);
    this.operation = request.operation;
    this.params = request.params;
    this.isResilient = around.resilience.policy === "resilient";
    if (request.options) checkRequestOptions(request.options, this.isResilient);
    if (request.options?.multiplexer === void 0) {
      this.options = request.options;
      this.needs = void 0;
    } else {
      const { multiplexer, ...options } = request.options;
      this.options = options;
      this.needs = checkCallOptions(multiplexer, around.resilience.policy);
    }
    this.recovers = this.isResilient && (this.needs?.midStream ?? around.resilience.midStream) === "recover" && request.operation.hasChunks === true && this.streams();
    this.#isHedged = around.resilience.hedgeShare !== void 0 && this.operation.name !== "post";
    this.text = request.text;
    this.ownForm = request.form;
    this.wantsResponse = request.wantsResponse === true;
    this.value = this.#run(request.place);
  }
  /** The HTTP response behind the answer. A stream's body is read as the stream, not here. */
  async response() {
    const value = await this.value;
    if (this.wantsResponse && value instanceof Response) return value;
    if (this.head !== void 0) return this.head.toResponse(this.body, this.url);
    const { asResponse } = this.delegated ?? {};
    if (asResponse !== void 0) return asResponse.call(this.delegated);
    throw new MultiplexerError("The client that answered does not tell its HTTP response.");
  }
  preferResponse() {
    if (!this.#isSent && this.streams()) this.wantsResponse = true;
  }
  /** What was asked, as the SDK tells its own helpers. */
  asked() {
    const { method, path } = this.operation;
    return { method, path, body: this.params, ...this.options, stream: this.streams() };
  }
  /** From now on it is settled what the answer is to be. */
  sending() {
    this.#isSent = true;
  }
  /** Counts a failure; a reply that turned out to be unreadable was counted as a success. */
  fail() {
    if (this.head === void 0) hub.native.failed(this.id);
    else this.around.fleet.takeBack(this.key);
  }
  /** True for an answer that is a stream of events. */
  streams() {
    return this.operation.streams(this.params, this.options);
  }
  async #run(place) {
    const { targets } = this.around;
    this.key = begin(this, place);
    if (this.isResilient && this.around.fleet.someoneIsOut()) this.#notePassedOver();
    let refusal;
    let passedOver2;
    for (; ; ) {
      const target = targets.get(this.key);
      if (target === void 0) {
        if (this.around.state?.starting !== void 0 && await this.#stateHasStarted()) continue;
        if (this.isResilient && await this.#wait()) continue;
        throw this.#failure(this.#end(refusal, passedOver2));
      }
      this.trail.begin(target);
      const outcome = (goesThroughEngine(this, target) ? conclude(this, target, await (this.#isHedged ? askWithHedge : ask)(this, target)) : void 0) ?? await callClient(this, target);
      this.trail.end(outcome.kind, outcome.status);
      switch (outcome.kind) {
        case "success":
          mark(outcome.value, this.trail);
          this.trail.tell();
          return outcome.value;
        case "rate_limited":
          if (this.isResilient) {
            if (!await this.#goesOn(target)) throw this.#failure(outcome.error());
          } else {
            this.#rest(target, outcome);
          }
          refusal = outcome.error;
          break;
        case "failed":
          if (this.isResilient && outcome.isOwn !== true && await this.#goesOn(target, await this.#hasNewKey(target, outcome.status))) {
            refusal = () => outcome.error;
            break;
          }
          this.around.log.failed(target.modelName, outcome.error);
          throw this.#failure(outcome.error);
        case "aborted":
          throw this.#failure(outcome.error);
        case "passed_over":
          passedOver2 = outcome.error;
          break;
      }
      this.trail.tell();
      this.key = pickAgain(this.id);
      if (this.isResilient) this.#notePassedOver();
    }
  }
  /**
   * A key that a function tells was refused, and the function has another one now: the same target
   * is asked once more, and nobody rests.
   */
  async #hasNewKey({ client }, status) {
    const isRefused = status === 401 || status === 403;
    if (!isRefused || this.decided !== void 0 || this.#reaskedKey === this.key) return false;
    if (!isEndpoint(client) || typeof client.apiKey !== "function") return false;
    this.#reaskedKey = this.key;
    try {
      return (await askKey(client)).isNew;
    } catch {
      return false;
    }
  }
  /** Who could not be asked just now, and why. */
  #notePassedOver() {
    this.trail.passOver(passedOver(this.id, this.around.targets));
  }
  /** Asks the policy what is done after a failure; true if the call goes on. */
  async #goesOn(target, hasNewKey = false) {
    const decision = hasNewKey ? hub.native.retryWithNewKey(this.id, hostNow()) : this.decided ?? hub.native.decide(this.id, hostNow(), Number.NaN);
    this.decided = void 0;
    if (decision === null) return false;
    const { action, afterMs, outcome, restMs, restUntil, spent } = decision;
    this.trail.judged(outcome, restMs, restUntil);
    if (spent !== void 0) this.trail.spend(spent);
    this.#outcomes.push(outcome);
    if (restMs > 0) this.around.log.rests(target.modelName, outcome, restMs);
    if (action === "giveUp") {
      hub.native.close(this.id);
      return false;
    }
    if (afterMs > 0) await pause(afterMs, this.options?.signal);
    return true;
  }
  /** Nothing has been granted yet: waits for the first answer of the state's store, once. */
  async #stateHasStarted() {
    await this.around.state?.started();
    this.key = pickAgain(this.id);
    return this.key !== 0;
  }
  /** Waits for a target; true if there is one now. */
  async #wait() {
    const patienceMs2 = this.needs?.maxWaitMs ?? this.around.resilience.maxWaitMs;
    const left = patienceMs2 - this.#waitedMs;
    const signal = this.options?.signal;
    if (left <= 0 || signal?.aborted === true) return false;
    const began = performance.now();
    const priority = this.needs?.priority ?? 0;
    const waiting = hub.wait(this.id, this.around, hostNow(), left, priority);
    if (signal) endOnAbort(this, signal);
    const answer = await waiting;
    if (this.onAbort !== void 0 && signal) {
      unlisten(signal, this.onAbort);
      this.onAbort = void 0;
    }
    this.#waitedMs += performance.now() - began;
    this.key = answer.kind === "leased" ? answer.target : 0;
    this.trail.waited(performance.now() - began, this.around.targets.get(this.key)?.id);
    return this.key !== 0;
  }
  /** What the call fails with. */
  #failure(error2) {
    const { trail, around } = this;
    const exhausted = this.#exhausted;
    const failed2 = { ...exhausted && { exhausted }, outcomes: this.#outcomes, trail };
    const told3 = around.failure === void 0 ? error2 : around.failure(error2, failed2);
    mark(told3, trail);
    trail.tell();
    return told3;
  }
  #rest(target, hints) {
    const { log, rests } = this.around;
    const rest = hub.native.rateLimited(this.id, hostNow(), hints.retryAfterMs, hints.retryAfter);
    if (rest === null) return;
    log.rateLimited(target.modelName, rest.spanMs);
    this.trail.judged("rate_limited", rest.spanMs, rest.until);
    if (this.around.targets.get(this.key) === target) {
      rests.begin(this.key, target.modelName, rest.spanMs, rest.until);
    }
  }
  /** What a call fails with that has no target left to ask. */
  #end(refusal, passedOver2) {
    const isAborted = this.options?.signal?.aborted === true;
    if (isAborted && (refusal === void 0 || this.#waitedMs > 0)) {
      hub.native.close(this.id);
      return new Error(abortMessage);
    }
    if (this.around.closed) {
      hub.native.close(this.id);
      return unavailable(null);
    }
    const why = hub.native.unavailable(this.id);
    if (this.around.failure !== void 0) {
      const retryAfterMs = hub.native.firstReturn(this.id, hostNow()) ?? void 0;
      this.#exhausted = { retryAfterMs };
    }
    hub.native.close(this.id);
    if (refusal !== void 0) return refusal();
    if (passedOver2 !== void 0 && why?.retryAfterMs === 0) return passedOver2();
    return unavailable(why);
  }
};

// lib/surface/models.ts
var Page = class {
  constructor(data) {
    this.data = data;
  }
  data;
  object = "list";
  getPaginatedItems() {
    return this.data;
  }
  hasNextPage() {
    return false;
  }
  // eslint-disable-next-line @typescript-eslint/require-await
  async *[Symbol.asyncIterator]() {
    yield* this.data;
  }
};
var ListPromise = class extends Promise {
  static get [Symbol.species]() {
    return Promise;
  }
  async *[Symbol.asyncIterator]() {
    yield* await this;
  }
};
function modelEntries(targets) {
  const inOrder = [...targets].sort((one, other) => one.dto.tier - other.dto.tier);
  const byName = /* @__PURE__ */ new Map();
  for (const { modelName, client } of inOrder) {
    if (byName.has(modelName)) continue;
    byName.set(modelName, {
      id: modelName,
      object: "model",
      created: 0,
      owned_by: hostOf(client)
    });
  }
  return [...byName.values()];
}
function listModels(targets) {
  const page = new Page(modelEntries(targets));
  return new ListPromise((resolve2) => {
    resolve2(page);
  });
}
function hostOf(client) {
  const { baseURL } = client;
  const known4 = isEndpoint(client) || typeof baseURL === "string";
  return known4 && URL.canParse(String(baseURL)) ? new URL(String(baseURL)).host : "unknown";
}

// lib/surface/path.ts
var step = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;
var ignored = /[\t\n\r]/g;
function hasSteps(path) {
  const [before = ""] = path.replace(ignored, "").split(/[?#]/, 1);
  return step.test(before);
}

// lib/call/failed.ts
function failedCall(error2) {
  const trail = new Trail();
  mark(error2, trail);
  const value = Promise.reject(error2);
  return new CallPromise({
    value,
    trail,
    response: () => value,
    preferResponse: () => void 0,
    asked: () => ({})
  });
}

// lib/surface/stored.ts
function placeOfStored(around, id) {
  const { fleet, targets } = around;
  const isKnown = fleet.origin(id) !== 0;
  const place = placeOf(around, id);
  if (isKnown && (place.accountOf !== void 0 || place.target !== void 0)) return place;
  const [only, ...others] = targets.keys();
  if (!isKnown && only !== void 0 && others.length === 0) return { target: only };
  throw new MultiplexerError(
    isKnown ? `The model that has made the response ${JSON.stringify(id)} was removed.` : `Which model has made the response ${JSON.stringify(id)} is not known: this multiplexer has not made it, or it was made long ago or as a stream of a client that is called itself.`
  );
}
function callStored(around, id, operationOf, params, options) {
  try {
    const operation = operationOf(id);
    const place = placeOfStored(around, id);
    return new CallPromise(new Call(around, { operation, params, options, place }));
  } catch (error2) {
    return failedCall(error2);
  }
}

// lib/fetch/passing.ts
var secret = /authorization|cookie|(?:^|[-_])(?:auth|(?:(?:api|access|auth|subscription|functions)[-_]?key)|token|secret|password)$/;
var secretInQuery = /^(?:key|code|sig|signature|credential|x-amz-(?:signature|credential)|(?:access|auth)token)$/;
var ofTheCaller = /* @__PURE__ */ new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "openai-organization",
  "openai-project",
  "origin",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via"
]);
var ofTheCallersSdk = /^(?:x-stainless-|sec-|proxy-|x-forwarded-)/;
function passes(name) {
  return !secret.test(name) && !ofTheCaller.has(name) && !ofTheCallersSdk.test(name);
}
function headersToPass(headers2) {
  const passed = [...headers2].filter(([name]) => passes(name));
  return passed.length === 0 ? void 0 : Object.fromEntries(passed);
}
function passesInQuery([given2]) {
  const name = given2.toLowerCase();
  return !secret.test(name) && !secretInQuery.test(name) && name !== "api-version";
}
function queryToPass(query) {
  const passed = [...query].filter(passesInQuery);
  return passed.length === 0 ? void 0 : Object.fromEntries(passed);
}

// lib/operation.ts
function bodyStreams(params) {
  return params?.stream === true;
}
function callMember(client, path, args) {
  let owner = client;
  let method = client;
  for (const name of path) {
    owner = method;
    if (typeof owner !== "object" || owner === null) return void 0;
    method = owner[name];
  }
  if (typeof method !== "function") return void 0;
  return { result: Reflect.apply(method, owner, args) };
}

// lib/sdk/resource.ts
var chatCompletionsResource = {
  name: "chat.completions",
  mentions: ["/chat/completions", "post"],
  isInEveryVersion: true,
  on: (client) => client.chat?.completions
};
var embeddingsResource = {
  name: "embeddings",
  // openai 7 has the rest in a function of its own, whose name a bundler may shorten.
  mentions: ["_client"],
  isInEveryVersion: true,
  on: (client) => client.embeddings
};
var responsesResource = {
  name: "responses",
  mentions: ["/responses", "post"],
  isInEveryVersion: false,
  on: (client) => client.responses
};

// lib/fetch/value.ts
async function toResponse(result) {
  const { asResponse } = result ?? {};
  if (typeof asResponse === "function") return asResponse.call(result);
  const value = await result;
  if (value instanceof Response) return value;
  if (!isStream2(value)) return Response.json(value ?? null);
  return new Response(eventStream(value), { headers: { "content-type": "text/event-stream" } });
}
function eventStream(events) {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const result = await iterator.next();
        const data = result.done === true ? "[DONE]" : JSON.stringify(result.value);
        controller.enqueue(encoder.encode(`data: ${data}

`));
        if (result.done === true) controller.close();
      },
      async cancel() {
        await iterator.return?.();
      }
    },
    { highWaterMark: 0 }
  );
}

// lib/fetch/operation.ts
var chatPath = "/chat/completions";
var resources = /* @__PURE__ */ new Map([
  [chatPath, chatCompletionsResource],
  ["/embeddings", embeddingsResource],
  ["/responses", responsesResource]
]);
function idIn(bytes) {
  return /"id"\s*:\s*"(resp_[^"\\]+)"/.exec(String(bytes))?.[1];
}
var FetchOperation = class {
  name;
  method;
  path;
  profileKey;
  resource;
  hasNoBody;
  idOf;
  constructor(method, path, hasBody) {
    this.name = `fetch of ${method.toUpperCase()} ${path}`;
    this.method = method;
    this.path = path;
    this.profileKey = `${method} ${path} `;
    this.resource = resources.get(path) ?? chatCompletionsResource;
    this.hasNoBody = !hasBody;
    this.idOf = path === "/responses" ? idIn : void 0;
  }
  /** The engine hands over bytes, whatever they mean. */
  streams() {
    return false;
  }
  call(client, params, options) {
    const called = this.#ask(client, params, options);
    return called && { result: toResponse(called.result) };
  }
  /** Completions are asked for where wrappers and mocks look for them, all else by its path. */
  #ask(client, params, options) {
    if (this.path === chatPath) {
      return callMember(client, ["chat", "completions", "create"], [params, options]);
    }
    const body = this.hasNoBody ? void 0 : { body: params };
    return callMember(client, [this.method], [this.path, { ...options, ...body }]);
  }
};

// lib/fetch/path.ts
var endpoint = /\/(?:chat\/completions|completions|embeddings|responses)$/;
var version = /^.*\/v\d[\w.]*(?:\/openai)?(?=\/)/;
var collection = /\/(?:responses|models)\/.*$|\/models$/;
function pathBelowBase(pathname) {
  const path = pathname.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  const known4 = endpoint.exec(path);
  if (known4 !== null) return known4[0];
  const base = version.exec(path);
  if (base !== null) return path.slice(base[0].length);
  return collection.exec(path)?.[0] ?? path;
}

// lib/fetch/request.ts
async function readRequest(input, init) {
  const request = isRequest(input) ? input : void 0;
  const method = init?.method ?? request?.method ?? "GET";
  return {
    method: method.toUpperCase(),
    url: new URL(typeof input === "object" && "url" in input ? input.url : input),
    headers: new Headers(init?.headers ?? request?.headers),
    signal: checkSignal(init?.signal ?? request?.signal ?? void 0),
    body: await readBody(request, init?.body)
  };
}
function checkSignal(signal) {
  if (signal === void 0 || isSignal(signal)) return signal;
  throw new TypeError(`signal must be an AbortSignal, not ${kindOf(signal)}.`);
}
function isRequest(input) {
  return typeof input === "object" && "method" in input && "url" in input;
}
async function readBody(request, body) {
  if (typeof body === "string") return body;
  if (body !== void 0 && body !== null) return new Response(body).text();
  return request === void 0 || request.body === null ? "" : request.text();
}

// lib/fetch/response.ts
var Refusal = class extends MultiplexerError {
  constructor(cause, response) {
    super(cause.message, { cause });
    this.response = response;
  }
  response;
};
var fetchForm = {
  ...endpointForm,
  events: (opened, of) => ({
    ...endpointForm.events(opened, of),
    broken: (fault) => new TypeError("terminated", { cause: asCause(fault) })
  }),
  statusError: (head, body) => new Refusal(endpointForm.statusError(head, body), head.toResponse(body, head.url))
};
function finalResponse(response) {
  const isOwn = response instanceof Response;
  const body = response.body;
  const headers2 = new Headers([...response.headers]);
  headers2.set("x-should-retry", "false");
  const { status, statusText } = response;
  if (!isOwn) headers2.delete("content-encoding");
  const final = new Response(isBodyless(status) ? null : body, { status, statusText, headers: headers2 });
  Object.defineProperty(final, "url", { value: response.url, configurable: true });
  return final;
}
function isBodyless(status) {
  return status === 204 || status === 205 || status === 304;
}
function errorResponse(status, error2, headers2 = {}) {
  return Response.json(
    { error: { ...error2, param: null } },
    { status, headers: { ...headers2, "x-should-retry": "false" } }
  );
}
function failureResponse(error2) {
  if (error2 instanceof Refusal) return finalResponse(error2.response);
  if (error2 instanceof ModelSelectionError) return selectionResponse(error2);
  const { status, message, name, code } = error2 ?? {};
  if (typeof status === "number" && status >= 400 && status <= 599) return told2(status, error2);
  const text = typeof message === "string" ? message : String(error2);
  const failed2 = (status2, type) => errorResponse(status2, { message: text, type, code: typeof code === "string" ? code : null });
  if (name === "APIConnectionTimeoutError" || nameOfClass(error2) === "APIConnectionTimeoutError") {
    return failed2(504, "timeout_error");
  }
  if (name === "APIConnectionError" || nameOfClass(error2) === "APIConnectionError") {
    return failed2(502, "connection_error");
  }
  return failed2(500, "server_error");
}
function nameOfClass(error2) {
  return error2?.constructor?.name;
}
function selectionResponse({ message, code, status, retryAfterMs }) {
  const type = code === "no_models" ? "server_error" : "rate_limit_error";
  const headers2 = {};
  if (retryAfterMs !== void 0) {
    headers2["retry-after-ms"] = String(Math.ceil(retryAfterMs));
    headers2["retry-after"] = String(Math.ceil(retryAfterMs / 1e3));
  }
  return errorResponse(status ?? 503, { message, type, code }, headers2);
}
function told2(status, error2) {
  const { error: body, headers: headers2, message } = error2;
  const pairs = isHeaders2(headers2) ? [...headers2] : Object.entries(headers2 ?? {});
  const kept = pairs.filter((pair) => {
    const [name, value] = pair;
    return typeof value === "string" && !/^content-|^transfer-/i.test(name);
  });
  return Response.json(
    { error: body ?? { message, type: "api_error", param: null, code: null } },
    { status, headers: [...kept, ["x-should-retry", "false"]] }
  );
}
function isHeaders2(headers2) {
  return typeof headers2?.[Symbol.iterator] === "function";
}

// lib/fetch/fetch.ts
function makeFetch(around) {
  return async (input, init) => {
    const given2 = await readRequest(input, init);
    given2.signal?.throwIfAborted();
    const path = pathBelowBase(given2.url.pathname);
    const understood = around.closed ? closed() : understand(around, given2, path);
    return understood instanceof Response ? understood : send2(around, given2, understood);
  };
}
function closed() {
  const message = "The multiplexer was closed.";
  return errorResponse(503, { message, type: "server_error", code: "closed" });
}
async function send2(around, given2, understood) {
  const { headers: headers2, url, signal } = given2;
  const options = {
    ...signal && { signal },
    headers: headersToPass(headers2),
    query: queryToPass(url.searchParams)
  };
  const call2 = new Call(around, {
    ...understood,
    options,
    form: fetchForm,
    wantsResponse: true
  });
  try {
    const response = finalResponse(await call2.value);
    mark(response, call2.trail);
    return response;
  } catch (error2) {
    signal?.throwIfAborted();
    const response = failureResponse(error2);
    mark(response, call2.trail);
    return response;
  }
}
function understand(around, given2, path) {
  const { method, body } = given2;
  if (method === "GET" && path === "/models") return modelsResponse(around);
  if (hasSteps(path)) return notUnderstood(method, path);
  const stored = /^\/responses\/([^/]+)/.exec(path);
  if (stored !== null && (method === "GET" || method === "POST" || method === "DELETE")) {
    const id = decoded(stored[1]);
    return id === void 0 ? notUnderstood(method, path) : ofStored(around, method, path, id, body);
  }
  const params = parseJson(body);
  if (method !== "POST" || typeof params !== "object" || params === null || Array.isArray(params)) {
    return notUnderstood(method, path);
  }
  const previous = params.previous_response_id;
  return {
    operation: new FetchOperation("post", path, true),
    params,
    text: hasOneModel(params, body) ? body : void 0,
    place: typeof previous === "string" ? placeOf(around, previous) : void 0
  };
}
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return void 0;
  }
}
function hasOneModel(params, text) {
  const { model } = params;
  return typeof model === "string" && text.split('"model"', 3).length === 2;
}
function ofStored(around, method, path, id, body) {
  const params = body === "" ? {} : parseJson(body);
  try {
    return {
      operation: new FetchOperation(
        method.toLowerCase(),
        path,
        body !== "" && method === "POST"
      ),
      params,
      text: void 0,
      place: placeOfStored(around, id)
    };
  } catch (error2) {
    const { message } = error2;
    return errorResponse(404, { message, type: "invalid_request_error", code: "unknown_response" });
  }
}
function modelsResponse({ targets }) {
  const list = { object: "list", data: modelEntries(targets.values()) };
  return Response.json(list, { headers: { "x-should-retry": "false" } });
}
function notUnderstood(method, path) {
  const message = `multiplexer.fetch cannot send ${method} ${path}: it sends POST requests whose body is a JSON object, GET /models, and requests for a response that was made through it.`;
  return errorResponse(400, {
    message,
    type: "invalid_request_error",
    code: "unsupported_request"
  });
}

// lib/limits.ts
var names2 = ["rpm", "rph", "rpd", "tpm", "tph", "tpd"];
var namedBy = {
  key: "key",
  account: "account",
  accountModel: "account",
  provider: "provider",
  model: "provider"
};
var scopes = Object.keys(namedBy);
function checkLimits({ limits, sharedLimits, ...options }) {
  const own = limits === void 0 ? [] : ofScope("options.limits", "target", limits);
  if (sharedLimits === void 0) return own;
  const shared = object("options.sharedLimits", sharedLimits, scopes);
  const ofShared = scopes.flatMap((scope) => {
    const given2 = shared[scope];
    if (given2 === void 0) return [];
    const what = `options.sharedLimits.${scope}`;
    const sharer = namedBy[scope];
    if (options[sharer] === void 0) {
      throw new MultiplexerError(
        `${what} needs options.${sharer}: the name by which targets share the limits.`
      );
    }
    const { concurrent, ...limits2 } = object(what, given2, [...names2, "concurrent"]);
    return [...ofScope(what, scope, limits2), ...ofConcurrent(what, scope, concurrent)];
  });
  return [...own, ...ofShared];
}
function limitsTokens(limits) {
  return limits?.some(({ name }) => name.startsWith("tp")) ?? false;
}
function toLimitStatus(dto) {
  return {
    scope: dto.scope,
    scopeName: dto.scopeName,
    name: dto.name,
    limit: dto.most,
    remaining: dto.remaining,
    resetsAt: dto.resetsAt ?? void 0
  };
}
function ofScope(what, scope, given2) {
  const limits = object(what, given2, names2);
  return Object.entries(limits).filter(([, limit]) => limit !== void 0).map(([name, limit]) => ofLimit(`${what}.${name}`, scope, name, limit));
}
function ofConcurrent(what, scope, given2) {
  if (given2 === void 0) return [];
  const name = "concurrent";
  if (typeof given2 !== "number" || !Number.isInteger(given2) || given2 < 1 || given2 > 4294967295) {
    throw new MultiplexerError(
      `${what}.${name} must be an integer from 1 to 4294967295, not ${show(given2)}.`
    );
  }
  return [{ scope, name, most: given2, slides: false }];
}
function ofLimit(what, scope, name, given2) {
  if (typeof given2 === "number") {
    return { scope, name, most: positive(what, given2), slides: false };
  }
  const known4 = ["limit", "zone", "window"];
  const { limit, zone, window } = object(what, given2, known4, "a positive integer or an object");
  if (window !== void 0 && window !== "fixed" && window !== "sliding") {
    throw new MultiplexerError(`${what}.window must be "fixed" or "sliding", not ${show(window)}.`);
  }
  if (zone !== void 0 && !(typeof zone === "string" && native.NativeFleet.isTimeZone(zone))) {
    throw new MultiplexerError(
      `${what}.zone must be an IANA time zone such as "America/Los_Angeles", not ${show(zone)}.`
    );
  }
  if (zone !== void 0 && window === "sliding") {
    throw new MultiplexerError(`${what}.zone is of no use where the window is "sliding".`);
  }
  return {
    scope,
    name,
    most: positive(`${what}.limit`, limit),
    slides: window === "sliding",
    ...typeof zone === "string" ? { zone } : void 0
  };
}
function positive(what, value) {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new MultiplexerError(
    `${what} must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}, not ${show(value)}.`
  );
}
function object(what, value, known4, expected = "an object") {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MultiplexerError(`${what} must be ${expected}, not ${show(value)}.`);
  }
  const unknown = Object.keys(value).find((name) => !known4.includes(name));
  if (unknown === void 0) return value;
  throw new MultiplexerError(
    `${what}: there is no option "${unknown}"; there are ${known4.join(", ")}.`
  );
}

// lib/log.ts
var levels = ["log", "warn", "error"];
function checkLogger(given2) {
  if (given2 === void 0 || given2 === false) return;
  if (typeof given2 !== "object" || given2 === null || Array.isArray(given2)) {
    throw new MultiplexerError(
      `options.logger must be false or an object with log, warn and error, such as console, not ${show(given2)}.`
    );
  }
  for (const level of levels) {
    const write2 = given2[level];
    if (write2 === void 0 || typeof write2 === "function") continue;
    throw new MultiplexerError(`options.logger.${level} must be a function, not ${show(write2)}.`);
  }
}
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
  rests(modelName, outcome, spanMs) {
    this.#write("warn", `Model ${modelName} rests for ${spanMs / 1e3}s: ${outcome}.`);
  }
  returned(modelName) {
    this.#write("log", `Model ${modelName} re-enabled after rate limit.`);
  }
  failed(modelName, error2) {
    this.#write("error", `Error in Multiplexer: ${modelName}`, error2);
  }
  listenerFailed(name, reason) {
    this.#write("error", `A listener of "${name}" failed:`, reason);
  }
  addedTwice(id) {
    this.#write(
      "warn",
      `Attempted to add a model with the same name '${id}' multiple times. Skipping.`
    );
  }
  /** What has become of the store of the state. */
  state({ kind, place, reason }) {
    switch (kind) {
      case "lost":
        this.#write(
          "warn",
          `The state in Redis at ${place} cannot be reached: ${reason}. It is tried again until it can.`
        );
        break;
      case "reconnected":
        this.#write("log", `The state in Redis at ${place} can be reached again.`);
        break;
      case "reseeded":
        this.#write(
          "warn",
          `Redis at ${place} was restarted or has lost data. Limits go on when all that share them have told what they know.`
        );
        break;
      case "unwritten":
        this.#write("warn", `The state was not written: ${reason}.`);
        break;
    }
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

// lib/state.ts
var import_node_path = require("node:path");
function checkState({ state = "memory", share }) {
  if (share !== void 0) {
    if (typeof share !== "string" || share === "") {
      throw new MultiplexerError(`options.share must be a non-empty string, not ${show(share)}.`);
    }
    if (state !== "memory") {
      throw new MultiplexerError(
        'options.share is for state: "memory": what Redis or a file keeps needs no other name.'
      );
    }
    return { type: "share", name: share };
  }
  if (state === "memory") return { type: "memory" };
  const type = state?.type;
  if (type === "file") return checkFile(state);
  if (type === "redis") return checkRedis(state);
  if (typeof state === "object" && state !== null) {
    throw new MultiplexerError(`options.state.type must be "file" or "redis", not ${show(type)}.`);
  }
  const not = typeof state === "string" ? "another string" : kindOf(state);
  throw new MultiplexerError(
    `options.state must be "memory", { type: "file", path } or { type: "redis", url }, not ${not}.`
  );
}
function checkFile(state) {
  checkNames(state, ["type", "path", "flushIntervalMs"]);
  const { path, flushIntervalMs = 1e3 } = state;
  if (typeof path !== "string" || path === "") {
    throw new MultiplexerError(`options.state.path must be the path of a file, not ${show(path)}.`);
  }
  const isSpan = typeof flushIntervalMs === "number" && Number.isFinite(flushIntervalMs);
  if (!isSpan || flushIntervalMs < 10) {
    throw new MultiplexerError(
      `options.state.flushIntervalMs must be a number of milliseconds from 10, not ${show(flushIntervalMs)}.`
    );
  }
  return { type: "file", path: (0, import_node_path.resolve)(path), flushIntervalMs };
}
function checkRedis(state) {
  checkNames(state, ["type", "url", "prefix", "onStateLoss", "ca"]);
  const { url, prefix = "model-multiplexer", onStateLoss = "stop", ca } = state;
  const urls = Array.isArray(url) ? url : [url];
  if (urls.length === 0 || !urls.every((one) => typeof one === "string")) {
    throw new MultiplexerError(
      "options.state.url must be a URL such as redis://localhost:6379, or an array of those of a cluster."
    );
  }
  for (const [name, value] of Object.entries({ prefix, ca })) {
    if (value !== void 0 && typeof value !== "string") {
      throw new MultiplexerError(`options.state.${name} must be a string, not ${show(value)}.`);
    }
  }
  if (!["stop", "share"].includes(onStateLoss)) {
    throw new MultiplexerError(
      `options.state.onStateLoss must be "stop" or "share", not ${show(onStateLoss)}.`
    );
  }
  const options = {
    urls,
    isCluster: Array.isArray(url),
    prefix,
    sharesOnLoss: onStateLoss === "share",
    ...ca === void 0 ? void 0 : { ca }
  };
  return { type: "redis", options };
}
function checkNames(state, known4) {
  const unknown = Object.keys(state).find((name) => !known4.includes(name));
  if (unknown === void 0) return;
  throw new MultiplexerError(
    `options.state: there is no option "${unknown}"; there are ${known4.join(", ")}.`
  );
}
var open = /* @__PURE__ */ new Set();
function leaveAll() {
  for (const leaving of open) {
    try {
      leaving.deref()?.leave();
    } catch {
    }
  }
}
function enter(leaving) {
  for (const other of open) if (other.deref() === void 0) forget2(other);
  if (open.size === 0) process.on("exit", leaveAll);
  open.add(leaving);
}
function forget2(leaving) {
  if (open.delete(leaving) && open.size === 0) process.off("exit", leaveAll);
}
var State = class _State {
  /** Settled once Redis has answered, or could not be reached; undefined from then on. */
  starting;
  #native;
  #leaving;
  #closing;
  constructor(make, log) {
    let started;
    this.#native = tryTo(
      () => make((event) => {
        this.starting = void 0;
        started?.();
        log.state(event);
      })
    );
    this.starting = new Promise((resolve2) => started = resolve2);
  }
  /**
   * The store that the option asks for; undefined for memory.
   *
   * @throws {MultiplexerError} if there cannot be one, as for a file that another process has
   */
  static open(state, fleet, log) {
    const { NativeState } = native;
    switch (state.type) {
      case "memory":
        return void 0;
      case "share": {
        const shared = new _State(() => NativeState.share(fleet, state.name), log);
        shared.starting = void 0;
        return shared;
      }
      case "redis": {
        const redis = new _State((tell3) => NativeState.redis(fleet, state.options, tell3), log);
        redis.#enter(new WeakRef(redis.#native));
        return redis;
      }
      case "file": {
        const { path, flushIntervalMs } = state;
        const file = new _State((tell3) => NativeState.file(fleet, path, flushIntervalMs, tell3), log);
        file.starting = void 0;
        file.#enter({ deref: () => file.#native });
        return file;
      }
    }
  }
  #enter(leaving) {
    this.#leaving = leaving;
    enter(leaving);
  }
  /** Waits until it is known what Redis grants at first. */
  async started() {
    hub.hold();
    try {
      await this.starting;
    } finally {
      hub.release();
    }
  }
  /** Writes, or gives back, what there is. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async #close() {
    if (this.#leaving !== void 0) forget2(this.#leaving);
    try {
      await this.#native.close();
    } catch (error2) {
      throw toError(error2);
    }
  }
};
function tryTo(make) {
  try {
    return make();
  } catch (error2) {
    throw toError(error2);
  }
}
function toError(error2) {
  const reason = error2 instanceof Error ? error2.message : String(error2);
  return new MultiplexerError(`options.state: ${reason}.`);
}

// lib/options.ts
function checkOptions(options) {
  checkMembers("options", options, [
    "logger",
    "cooldown",
    "proxy",
    "http2",
    "policy",
    "strategy",
    "timeouts",
    "outcomes",
    "retryBudget",
    "hedge",
    "maxWaitMs",
    "midStream",
    "state",
    "share"
  ]);
  const logger = options?.logger;
  checkLogger(logger);
  const resilience = checkResilience(options ?? {});
  return {
    logger,
    cooldown: checkCooldown(options?.cooldown, resilience),
    connection: checkConnection("options", options ?? {}, openedWithin(resilience.connectMs)),
    resilience,
    state: checkState(options ?? {})
  };
}
function checkCooldown(cooldown, { policy }) {
  const isResilient = policy === "resilient";
  checkMembers("options.cooldown", cooldown, ["defaultMs", "failureMs", "minMs", "maxMs"]);
  const milliseconds2 = (name, otherwise) => {
    const value = cooldown?.[name] ?? otherwise;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw new MultiplexerError(
      `options.cooldown.${name} must be a number of milliseconds from 0, not ${show(value)}.`
    );
  };
  const usual2 = Math.max(6e4, milliseconds2("minMs", 0));
  const defaultMs = milliseconds2("defaultMs", Math.min(usual2, milliseconds2("maxMs", usual2)));
  const checked = {
    defaultMs,
    failureMs: milliseconds2("failureMs", 1e3),
    minMs: milliseconds2("minMs", Math.min(isResilient ? 250 : 1e3, defaultMs)),
    maxMs: milliseconds2("maxMs", Math.max(isResilient ? 864e5 : 6e5, defaultMs))
  };
  if (checked.minMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.minMs (${checked.minMs}) must not be above maxMs (${checked.maxMs}).`
    );
  }
  if (defaultMs < checked.minMs || defaultMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.defaultMs (${defaultMs}) must be from minMs (${checked.minMs}) to maxMs (${checked.maxMs}).`
    );
  }
  return checked;
}

// lib/report.ts
function toReport(dto) {
  const { id, state, restsUntil, inFlight, outcomes, firstTokenMs, durationMs, tokens, limits } = dto;
  const [input = 0, output = 0, estimatedInput = 0, estimatedOutput = 0] = tokens;
  return {
    id,
    state,
    restsUntil: restsUntil === 0 ? void 0 : restsUntil,
    inFlight,
    outcomes,
    firstTokenMs: toPercentiles(firstTokenMs),
    durationMs: toPercentiles(durationMs),
    tokens: {
      reported: { input, output },
      estimated: { input: estimatedInput, output: estimatedOutput }
    },
    limits: limits.map(toLimitStatus)
  };
}
function toPercentiles(values) {
  const [p50, p95, p99] = values ?? [];
  if (p50 === void 0 || p95 === void 0 || p99 === void 0) return void 0;
  return { p50, p95, p99 };
}

// lib/rests.ts
var import_node_async_hooks = require("node:async_hooks");
var outside = new import_node_async_hooks.AsyncResource("model-multiplexer");
var longestTimer3 = 2 ** 31 - 1;
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
        Math.min(spanMs, longestTimer3)
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

// lib/surface/chat.ts
var chatCompletions = {
  name: "chat.completions.create",
  method: "post",
  path: "/chat/completions",
  profileKey: "",
  resource: chatCompletionsResource,
  hasChunks: true,
  streams: bodyStreams,
  // Whatever was registered is asked, and fails as it does, as in `@upstash/model-multiplexer`.
  call(client, params, options) {
    const { completions } = client.chat;
    return { result: completions.create(params, options) };
  }
};

// lib/surface/embeddings.ts
var embeddings = {
  name: "embeddings.create",
  method: "post",
  path: "/embeddings",
  profileKey: "embeddings ",
  resource: embeddingsResource,
  streams: () => false,
  body: (params) => asksForFormat(params) ? params : { ...params, encoding_format: "base64" },
  reply: (value, params) => asksForFormat(params) ? value : withNumbers(value),
  call: (client, params, options) => callMember(client, ["embeddings", "create"], [params, options])
};
function asksForFormat(params) {
  return Boolean(params?.encoding_format);
}
function withNumbers(value) {
  const { data } = value ?? {};
  if (!Array.isArray(data)) return value;
  for (const item of data) {
    if (typeof item?.embedding === "string") item.embedding = numbersOf(item.embedding);
  }
  return value;
}
function numbersOf(base64) {
  const bytes = Buffer.from(base64, "base64");
  const numbers = new Array(Math.floor(bytes.length / 4));
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = bytes.readFloatLE(index * 4);
  return numbers;
}

// lib/surface/helpers.ts
function runHelper(targets, create, helper, args) {
  for (const { client } of targets) {
    if (!isSdkClient(client)) continue;
    const completions = helpersOf(client, create, helper);
    if (completions === void 0) continue;
    return Reflect.apply(completions[helper], completions, args);
  }
  throw new MultiplexerError(
    `chat.completions.${helper}() is a helper of the openai SDK, and no model was added with an OpenAI client: add one as \`new OpenAI({ baseURL, apiKey })\`, or use chat.completions.create().`
  );
}
function helpersOf(client, create, helper) {
  const { chat, beta } = client;
  if (chat?.completions === void 0) return void 0;
  const facade = Object.create(client);
  const completions = over(chat.completions, { _client: facade, create });
  Object.defineProperty(facade, "chat", { value: over(chat, { completions }) });
  if (typeof completions[helper] === "function") return completions;
  const older = beta?.chat?.completions;
  if (typeof older?.[helper] !== "function") return void 0;
  return over(older, { _client: facade });
}
function over(base, members2) {
  const descriptors = Object.entries(members2).map(([name, value]) => [
    name,
    { value, writable: true, configurable: true, enumerable: true }
  ]);
  return Object.create(base, Object.fromEntries(descriptors));
}

// lib/surface/post.ts
var Post = class {
  name = "post";
  method = "post";
  path;
  profileKey;
  // A client that is wrapped in any way shows it there.
  resource = chatCompletionsResource;
  /** @throws {MultiplexerError} for a path that would leave the base URL, where the key is meant for */
  constructor(path) {
    if (typeof path !== "string" || !path.startsWith("/")) {
      throw new MultiplexerError(
        `path must begin with a slash, such as "/embeddings", not ${typeof path === "string" ? JSON.stringify(path) : kindOf(path)}.`
      );
    }
    if (hasSteps(path)) {
      throw new MultiplexerError(
        `path must have no segment "." or "..", which ${JSON.stringify(path)} has: it stays below the base URL.`
      );
    }
    this.path = path;
    this.profileKey = `post ${path} `;
  }
  streams(params, options) {
    const { stream } = options ?? {};
    return stream === void 0 ? bodyStreams(params) : stream === true;
  }
  call(client, params, options) {
    const stream = this.streams(params, options);
    return callMember(client, ["post"], [this.path, { ...options, body: params, stream }]);
  }
};
function checkBody(body) {
  if (body === void 0) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new MultiplexerError("body must be an object: its model is set for each target.");
}

// lib/surface/responses.ts
var common = {
  resource: responsesResource,
  reply: withOutputText,
  idOf
};
var createResponse = {
  ...common,
  name: "responses.create",
  method: "post",
  path: "/responses",
  profileKey: "responses ",
  streams: bodyStreams,
  call: (client, params, options) => callMember(client, ["responses", "create"], [params, options])
};
function retrieveResponse(id) {
  const path = pathOf(id);
  return {
    ...common,
    name: "responses.retrieve",
    method: "get",
    path,
    profileKey: `get ${path} `,
    streams: bodyStreams,
    call: (client, _params, options) => {
      const { query, ...rest } = options ?? {};
      const given2 = Object.keys(rest).length === 0 ? void 0 : rest;
      return callMember(client, ["responses", "retrieve"], [id, query, given2]);
    }
  };
}
function cancelResponse(id) {
  const path = `${pathOf(id)}/cancel`;
  return {
    ...common,
    name: "responses.cancel",
    method: "post",
    path,
    profileKey: `post ${path} `,
    hasNoBody: true,
    streams: () => false,
    call: (client, _params, options) => callMember(client, ["responses", "cancel"], [id, options])
  };
}
function deleteResponse(id) {
  const path = pathOf(id);
  return {
    name: "responses.delete",
    method: "delete",
    path,
    accept: "*/*",
    profileKey: `delete ${path} `,
    resource: responsesResource,
    streams: () => false,
    // openai 4 has it under another name.
    call: (client, _params, options) => callMember(client, ["responses", "delete"], [id, options]) ?? callMember(client, ["responses", "del"], [id, options])
  };
}
function pathOf(id) {
  if (typeof id !== "string" || id === "") {
    throw new MultiplexerError("The id of a response must be a non-empty string.");
  }
  if (id === "." || id === "..") {
    throw new MultiplexerError(`The id of a response must not be "${id}".`);
  }
  return `/responses/${encodeURIComponent(id)}`;
}
function withOutputText(value) {
  const response = value;
  if (typeof response !== "object" || response?.object !== "response") return value;
  if (!Array.isArray(response.output)) return value;
  const messages = response.output.filter(({ type }) => type === "message");
  response.output_text = messages.flatMap(({ content }) => content ?? []).filter(({ type }) => type === "output_text").map(({ text }) => text).join("");
  return value;
}
function idOf(value) {
  const { object: object2, type, id, response } = value ?? {};
  const found = type === "response.created" ? response?.id : object2 === "response" ? id : void 0;
  return typeof found === "string" ? found : void 0;
}

// lib/surface/surface.ts
function call(around, request) {
  if (around.closed) return failedCall(new MultiplexerError("The multiplexer was closed."));
  try {
    return new CallPromise(new Call(around, request));
  } catch (error2) {
    return failedCall(error2);
  }
}
function makeChat(around) {
  const create = (params, options) => call(around, { operation: chatCompletions, params, options });
  const helper = (name) => (...args) => runHelper(around.targets.values(), create, name, args);
  return {
    create,
    parse: helper("parse"),
    stream: helper("stream"),
    runTools: helper("runTools")
  };
}
function makeEmbeddings(around) {
  const create = (params, options) => call(around, { operation: embeddings, params, options });
  return { create };
}
function makeResponses(around) {
  const create = (params, options) => {
    const previous = params?.previous_response_id;
    const place = typeof previous === "string" ? placeOf(around, previous) : void 0;
    return call(around, { operation: createResponse, params, options, place });
  };
  const stored = (operationOf) => (id, options) => callStored(around, id, operationOf, {}, options);
  const retrieve = (id, query = {}, options) => callStored(around, id, retrieveResponse, query, { query, ...options });
  return {
    create,
    retrieve,
    cancel: stored(cancelResponse),
    delete: stored(deleteResponse)
  };
}
function makeModels(around) {
  return { list: () => listModels(around.targets.values()) };
}
function makePost(around) {
  const post = (path, body, options) => {
    try {
      const operation = new Post(path);
      return call(around, { operation, params: checkBody(body), options });
    } catch (error2) {
      return failedCall(error2);
    }
  };
  return post;
}

// lib/place.ts
var ofEndpoint = /^(?=(baseURL|apiKey|headers)\b)/;
function inPlace(what, message) {
  const within = what === "" ? "" : `${what}.`;
  if (/^options\b/.test(message)) {
    return message.replace(/(?<![\w"])options\./g, within).replace(/^options(?=[ :])/, what === "" ? "config" : what);
  }
  if (/^[a-z]\w*(\.\w+)*( must\b|:)/.test(message)) return `${within}${message}`;
  return what === "" ? message : `${what}: ${message}`;
}
function inDefinition(what, message) {
  return inPlace(what, message.replace(ofEndpoint, "client."));
}

// lib/target.ts
var ofTheEngine = [
  "tier",
  "key",
  "account",
  "provider",
  "tags",
  "contextWindow",
  "finishOptional",
  "prefill",
  "reasoning"
];
var ofLimits = ["limits", "sharedLimits"];
var knownOptions2 = [
  "id",
  "maxConcurrent",
  "transport",
  "proxy",
  "http2",
  ...ofTheEngine,
  ...ofLimits
];
var prefills = ["prefix", "continue_final_message", "assistant"];
var transports = ["auto", "native", "client"];
function toTarget(client, weight, modelName, options, usualTier, general) {
  if (!Number.isInteger(weight) || weight <= 0) {
    throw new MultiplexerError("Weight must be a positive integer.");
  }
  if (typeof modelName !== "string" || modelName === "") {
    throw new MultiplexerError("modelName must be a non-empty string.");
  }
  const { id, maxConcurrent, transport } = checkOptions2(options);
  return {
    id: id ?? modelName,
    client: checkClient(client, transport),
    modelName,
    transport,
    maxConcurrent,
    connection: options === void 0 ? general : checkConnection("options", options, general),
    finishOptional: options?.finishOptional === true,
    reasoning: options?.reasoning,
    dto: {
      id: id ?? modelName,
      model: modelName,
      weight,
      tier: options?.tier ?? usualTier,
      maxConcurrent,
      ...toEngine2(options)
    }
  };
}
function definitionsToTargets(what, definitions, usualTier, general) {
  if (!Array.isArray(definitions)) {
    throw new MultiplexerError(`${what} must be an array, not ${show(definitions)}.`);
  }
  return definitions.map((definition, index) => {
    const place = `${what}[${index}]`;
    if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
      throw new MultiplexerError(`${place} must be an object, not ${kindOf(definition)}.`);
    }
    const { client, weight, modelName, ...options } = definition;
    try {
      return toTarget(client, weight, modelName, options, usualTier, general);
    } catch (error2) {
      if (!(error2 instanceof MultiplexerError)) throw error2;
      throw new MultiplexerError(inDefinition(place, error2.message));
    }
  });
}
function checkModelOptions(options) {
  checkOptions2(options);
  toEngine2(options);
}
function withKey(target, apiKey) {
  const { client, id } = target;
  if (!isEndpoint(client)) {
    throw new MultiplexerError(
      `The model "${id}" is no endpoint: give its client the new key itself.`
    );
  }
  const { baseURL, headers: headers2 } = client;
  return { ...target, client: checkEndpoint({ baseURL, apiKey, headers: headers2 }) };
}
function keyFunctionOf({ client }) {
  return isEndpoint(client) && typeof client.apiKey === "function" ? client.apiKey : void 0;
}
function checkOptions2(options) {
  if (options === void 0) return { id: void 0, maxConcurrent: 0, transport: "auto" };
  checkMembers("options", options, knownOptions2);
  const { id, maxConcurrent, transport } = options;
  if (id !== void 0 && (typeof id !== "string" || id === "")) {
    throw new MultiplexerError(`options.id must be a non-empty string, not ${show(id)}.`);
  }
  const most = maxConcurrent ?? 0;
  if (!Number.isInteger(most) || most < 0 || most > 4294967295) {
    throw new MultiplexerError(
      `options.maxConcurrent must be an integer from 0 to 4294967295, or null for no limit, not ${show(maxConcurrent)}.`
    );
  }
  if (transport !== void 0 && !transports.includes(transport)) {
    throw new MultiplexerError(
      `options.transport must be one of ${transports.join(", ")}, not ${show(transport)}.`
    );
  }
  return { id, maxConcurrent: most, transport: transport ?? "auto" };
}
function toEngine2(options = {}) {
  const { tier, key, account, provider, tags, contextWindow = 0, prefill } = options;
  if (tier !== void 0 && (!Number.isInteger(tier) || tier < 0 || tier > 65535)) {
    throw new MultiplexerError(
      `options.tier must be an integer from 0 to 65535, not ${show(tier)}.`
    );
  }
  for (const [name, value] of Object.entries({ key, account, provider })) {
    if (value !== void 0 && (typeof value !== "string" || value === "")) {
      throw new MultiplexerError(`options.${name} must be a non-empty string, not ${show(value)}.`);
    }
  }
  if (tags !== void 0) checkTags("options.tags", tags);
  if (!Number.isInteger(contextWindow) || contextWindow < 0 || contextWindow > 4294967295) {
    throw new MultiplexerError(
      `options.contextWindow must be a whole number of tokens from 0 to 4294967295, not ${show(contextWindow)}.`
    );
  }
  const { finishOptional, reasoning } = options;
  for (const [name, value] of Object.entries({ finishOptional, reasoning })) {
    if (value !== void 0 && typeof value !== "boolean") {
      throw new MultiplexerError(`options.${name} must be true or false, not ${show(value)}.`);
    }
  }
  if (prefill !== void 0 && !prefills.includes(prefill)) {
    throw new MultiplexerError(
      `options.prefill must be one of ${prefills.join(", ")}, not ${show(prefill)}.`
    );
  }
  const limits = checkLimits(options);
  return { key, account, provider, tags, contextWindow, prefill, limits };
}
function checkClient(client, transport) {
  const isObject2 = typeof client === "object" && client !== null || typeof client === "function";
  if (!isObject2 || Array.isArray(client)) {
    throw new MultiplexerError(
      `client must be an OpenAI client, anything else that has chat.completions.create, or an endpoint { baseURL, apiKey }, not ${kindOf(client)}.`
    );
  }
  if (isMeantAsEndpoint(client)) {
    const endpoint2 = checkEndpoint(client);
    if (transport === "client") {
      throw new MultiplexerError(
        'options.transport must not be "client" for an endpoint: there is no client to call.'
      );
    }
    return endpoint2;
  }
  if (transport === "native") {
    const why = isSdkClient(client) ? whyNeverNative(client) : "it is no OpenAI client";
    if (why !== void 0) {
      throw new MultiplexerError(`options.transport must not be "native" for this client: ${why}.`);
    }
  }
  return client;
}

// lib/transport.ts
function decide(target) {
  const { client, transport } = target;
  if (isEndpoint(client)) return { transport: "native", reason: "it is an endpoint" };
  if (transport !== "auto") {
    return { transport, reason: `options.transport is "${transport}"` };
  }
  const why = whyNotNative(client, chatCompletionsResource) ?? whyDeclined(client, target);
  return why === void 0 ? { transport: "native", reason: "it is an unmodified OpenAI client" } : { transport: "client", reason: why };
}
function whyDeclined(client, target) {
  const known4 = knownProfile(client, chatCompletions, target, void 0);
  return known4 instanceof Declined ? known4.reason : void 0;
}

// lib/multiplexer.ts
var surroundingsOf;
var [primary, fallback] = [0, 1];
var Multiplexer = class {
  static {
    surroundingsOf = (multiplexer) => multiplexer.#around;
  }
  chat;
  /** The helpers of `chat.completions`, where openai 4 has them. */
  beta;
  embeddings;
  /** The Responses API. */
  responses;
  models;
  /** Sends a POST to any path of a target: see {@link Post}. */
  post;
  /**
   * A `fetch` for any SDK that takes one. The target's base URL, key and model take the place of the
   * caller's; what follows the caller's base URL stays. Whatever the targets answer is a `Response`,
   * after which no SDK tries again: failover and retries are done.
   *
   * @throws the signal's reason once it is aborted, and nothing else that a target is the reason for
   *
   * @example
   * ```ts
   * const client = new OpenAI({ apiKey: "unused", fetch: multiplexer.fetch });
   * ```
   */
  fetch;
  #fleet;
  #connection;
  #targets = /* @__PURE__ */ new Map();
  #around;
  #state;
  /** @throws {MultiplexerError} for an option that does not exist or has a wrong value */
  constructor(options) {
    const { logger, cooldown, connection, resilience, state } = checkOptions(options);
    this.#connection = connection;
    const log = new Log(logger);
    const { policy, strategy } = resilience;
    this.#fleet = new native.NativeFleet(hub.native, {
      cooldownDefault: cooldown.defaultMs,
      cooldownFailure: cooldown.failureMs,
      cooldownMin: cooldown.minMs,
      cooldownMax: cooldown.maxMs,
      strategy,
      ...policy === "resilient" ? { resilient: toEngine(resilience) } : void 0
    });
    this.#state = State.open(state, this.#fleet, log);
    this.#around = {
      fleet: this.#fleet,
      state: this.#state,
      targets: this.#targets,
      log,
      events: new Events(log),
      rests: new Rests(this.#fleet, log),
      rested: /* @__PURE__ */ new Set(),
      resilience,
      countsTokens: false,
      closed: false
    };
    const completions = makeChat(this.#around);
    this.chat = { completions };
    this.beta = { chat: { completions } };
    this.embeddings = makeEmbeddings(this.#around);
    this.responses = makeResponses(this.#around);
    this.models = makeModels(this.#around);
    this.post = makePost(this.#around);
    this.fetch = makeFetch(this.#around);
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
    this.#add(toTarget(client, weight, modelName, options, primary, this.#connection));
  }
  /** Registers a model that is asked only while no other can be. As `addModel`. */
  addFallbackModel(client, weight, modelName, options) {
    this.#add(toTarget(client, weight, modelName, options, fallback, this.#connection));
  }
  /**
   * Makes these the models, all at once. One whose id stays keeps its statistics, its rest, its
   * calls under way and what it has spent of its limits; its options are those given now, and what
   * is not given is the default.
   *
   * @throws {MultiplexerError} for a definition that is wrong or an id that occurs twice; then
   * nothing has changed
   */
  updateModels(update) {
    if (this.#around.closed) throw closedError();
    if (update === void 0) {
      throw new MultiplexerError("update must be an object, not undefined.");
    }
    checkMembers("update", update, ["models", "fallbackModels"]);
    const { models, fallbackModels = [] } = update;
    const targets = [
      ...definitionsToTargets("models", models, primary, this.#connection),
      ...definitionsToTargets("fallbackModels", fallbackModels, fallback, this.#connection)
    ];
    const ids = new Set(targets.map(({ id }) => id));
    const twice = targets.find(({ id }) => !ids.delete(id));
    if (twice !== void 0) throw new MultiplexerError(`The id "${twice.id}" occurs twice.`);
    const keys = this.#fleet.replace(targets.map(({ dto }) => dto));
    const kept = new Set(keys);
    for (const [key, target] of this.#targets) if (!kept.has(key)) this.#forget(key, target);
    this.#targets.clear();
    keys.forEach((key, index) => this.#targets.set(key, targets[index]));
    this.#around.countsTokens = targets.some(({ dto }) => limitsTokens(dto.limits));
  }
  /** Removes the model of this id; calls that it is answering go on. False if there is none. */
  removeModel(id) {
    for (const [key, target] of this.#targets) {
      if (target.id !== id) continue;
      this.#targets.delete(key);
      this.#forget(key, target);
      return this.#fleet.remove(id);
    }
    return false;
  }
  /**
   * Gives an endpoint another key, and with it all endpoints that share its `key` by name. Their
   * statistics and limits stay; a rest for what concerned the old key (401, 403, its own quota) is
   * over. Where the key is a function, it is enough to say that it has changed.
   *
   * @param id the model's id
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no model with this id, it is no endpoint, or the key is wrong
   *
   * @example
   * ```ts
   * multiplexer.rotateKey("openai-1", process.env.NEW_OPENAI_API_KEY);
   * ```
   */
  rotateKey(id, apiKey) {
    const [at, target] = this.#find(id);
    const given2 = apiKey ?? keyFunctionOf(target);
    if (given2 === void 0) throw new MultiplexerError("apiKey must be a non-empty string.");
    const { key } = target.dto;
    for (const [each, one] of this.#targets) {
      const isSame = each === at || key !== void 0 && one.dto.key === key;
      if (isSame && (each === at || isEndpoint(one.client))) {
        this.#targets.set(each, withKey(one, given2));
      }
    }
    this.#fleet.changeKey(at);
  }
  /** Ends every rest at once, whatever it was for. Limits and statistics stay. */
  endRests() {
    this.#around.rests.clear();
    this.#fleet.endAllRests();
  }
  /**
   * Who would put a plain call to the model of this id on the wire now, and why. What is done to
   * its client, and what comes between programs and the network, changes the answer.
   *
   * @throws {MultiplexerError} when there is no model with this id
   */
  explainTransport(id) {
    return decide(this.#find(id)[1]);
  }
  /** What has become of the calls, by id; models not asked yet are there with zeros. */
  getStats() {
    const stats = {};
    for (const { id, success, rateLimited, failed: failed2 } of this.#fleet.stats()) {
      Object.defineProperty(stats, id, {
        value: { success, rateLimited, failed: failed2 },
        enumerable: true,
        configurable: true,
        writable: true
      });
    }
    return stats;
  }
  /** All that is known of each model: attempts by outcome, latencies, and what it is doing now. */
  getReport() {
    return this.#fleet.report(hostNow()).map(toReport);
  }
  /**
   * What is left of each model's limits, by id: its own and those that it shares. Models without
   * limits are there with none.
   */
  getQuota() {
    return Object.fromEntries(this.getReport().map(({ id, limits }) => [id, limits]));
  }
  /**
   * Calls `listener` whenever this happens, from now on, for calls that begin from now on. It runs
   * after what has caused the event, never in the middle of it; what it throws goes to the logger.
   *
   * @throws {MultiplexerError} if there is no such event
   *
   * @example
   * ```ts
   * multiplexer.on("cooldown", ({ id, failure, restMs }) => metrics.rests.add(restMs, { id, failure }));
   * ```
   */
  on(name, listener) {
    this.#around.events.add(name, listener);
    return this;
  }
  /** Calls `listener` no longer. */
  off(name, listener) {
    this.#around.events.remove(name, listener);
    return this;
  }
  /** Removes all models, their statistics and their rests. Calls under way go on. */
  reset() {
    this.#targets.clear();
    this.#around.countsTokens = false;
    this.#around.rests.clear();
    this.#around.rested.clear();
    this.#fleet.clear();
  }
  /**
   * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
   * that was called itself goes on with its own call. A file is written, and what is unused goes
   * back to Redis. May be called more than once.
   *
   * @throws {MultiplexerError} if the file of the state cannot be written
   */
  async close() {
    this.#around.closed = true;
    hub.endAll(this.#around);
    try {
      if (this.#state !== void 0) await this.#state.close();
    } finally {
      this.reset();
    }
  }
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose]() {
    return this.close();
  }
  #find(id) {
    for (const entry of this.#targets) if (entry[1].id === id) return entry;
    throw new MultiplexerError(`There is no model with the id ${show(id)}.`);
  }
  /** A target is gone, and with it whether it rested. */
  #forget(key, { id }) {
    this.#around.rests.forget(key);
    this.#around.rested.delete(id);
  }
  #add(target) {
    if (this.#around.closed) throw closedError();
    const key = this.#fleet.add(target.dto);
    if (key === 0) this.#around.log.addedTwice(target.id);
    else {
      this.#targets.set(key, target);
      this.#around.countsTokens ||= limitsTokens(target.dto.limits);
    }
  }
};
function closedError() {
  return new MultiplexerError("The multiplexer was closed.");
}

// lib/router/config.ts
var known2 = [
  "providers",
  "strategy",
  "modelAliases",
  "timeoutMs",
  "retry",
  "stateStore",
  "state",
  "share",
  "throwOnExhausted",
  "debug",
  "logger",
  "catalogue",
  "proxy",
  "http2"
];
function checkConfig(config) {
  checkNames2("config", config, known2);
  const providers = config.providers;
  if (providers !== void 0 && !Array.isArray(providers)) {
    throw new ConfigurationError(`providers must be an array, not ${kindOf(providers)}`);
  }
  if (providers === void 0 || providers.length === 0) {
    throw new ConfigurationError("At least one provider must be configured");
  }
  const { strategy = "priority", debug = false, throwOnExhausted = true } = config;
  const { logger = debug ? console : false } = config;
  oneOf2("strategy", strategy, ["priority", "least-used"]);
  isBoolean("debug", debug);
  isBoolean("throwOnExhausted", throwOnExhausted);
  configured("", () => checkConnection("options", config));
  return {
    multiplexer: {
      policy: "resilient",
      strategy,
      maxWaitMs: patienceMs(config.retry),
      logger,
      proxy: config.proxy,
      http2: config.http2,
      ...stateOf(config)
    },
    aliases: checkAliases(config.modelAliases),
    timeoutMs: checkTimeout(config.timeoutMs),
    throwOnExhausted
  };
}
function patienceMs(retry) {
  if (retry !== void 0) {
    const names4 = ["maxRetries", "initialBackoffMs", "maxBackoffMs", "backoffMultiplier"];
    checkNames2("retry", retry, names4);
  }
  const retries = atLeast("retry.maxRetries", retry?.maxRetries, 0, 3);
  if (!Number.isInteger(retries) || retries > 1e3) {
    throw new ConfigurationError(
      `retry.maxRetries must be an integer from 0 to 1000, not ${retries}`
    );
  }
  const initial = pauseMs("retry.initialBackoffMs", retry?.initialBackoffMs, 1e3);
  const most = pauseMs("retry.maxBackoffMs", retry?.maxBackoffMs, 3e4);
  const multiplier = atLeast("retry.backoffMultiplier", retry?.backoffMultiplier, 1, 2);
  let sum = 0;
  for (let number = 0; number < retries; number++) {
    sum += Math.min(initial * multiplier ** number, most);
  }
  return sum;
}
var longestTimer4 = 2 ** 31 - 1;
var longestPauseMs = 864e5;
function pauseMs(what, value, otherwise) {
  const given2 = atLeast(what, value, 0, otherwise);
  if (given2 <= longestPauseMs) return given2;
  throw new ConfigurationError(
    `${what} must be a number from 0 to ${longestPauseMs}, not ${given2}`
  );
}
function checkTimeout(value) {
  if (value === void 0) return 6e4;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= longestTimer4) {
    return value;
  }
  throw new ConfigurationError(
    `timeoutMs must be a whole number of milliseconds from 1 to ${longestTimer4}, not ${show(value)}`
  );
}
function checkAliases(aliases) {
  if (aliases === void 0) return /* @__PURE__ */ new Map();
  if (typeof aliases !== "object" || aliases === null || Array.isArray(aliases)) {
    throw new ConfigurationError(`modelAliases must be an object, not ${kindOf(aliases)}`);
  }
  const entries2 = Object.entries(aliases).map(([name, model]) => {
    if (typeof model === "string" && model !== "") return [name.toLowerCase(), model];
    throw new ConfigurationError(
      `modelAliases.${name} must be the name of a model, not ${show(model)}`
    );
  });
  return new Map(entries2);
}
function stateOf({
  stateStore,
  state,
  share
}) {
  if (stateStore === void 0) return { state, share };
  if (state !== void 0) {
    throw new ConfigurationError("stateStore and state say the same: give one of them");
  }
  if (typeof stateStore !== "object" || stateStore === null) {
    throw new ConfigurationError(`stateStore must be an object, not ${kindOf(stateStore)}`);
  }
  oneOf2("stateStore.type", stateStore.type, ["memory", "file", "redis"]);
  switch (stateStore.type) {
    case "memory":
      return { share };
    case "file":
      return { state: { ...stateStore, path: stateStore.path ?? "state.json" }, share };
    case "redis":
      return { state: { ...stateStore, url: stateStore.url ?? "redis://127.0.0.1:6379" }, share };
  }
}
function checkNames2(what, value, names4) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigurationError(`${what} must be an object, not ${kindOf(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !names4.includes(name));
  if (unknown === void 0) return;
  throw new ConfigurationError(
    `${what}: there is no option "${unknown}"; there are ${names4.join(", ")}`
  );
}
function oneOf2(what, value, values) {
  if (typeof value === "string" && values.includes(value)) return;
  throw new ConfigurationError(`${what} must be one of ${values.join(", ")}, not ${show(value)}`);
}
function isBoolean(what, value) {
  if (typeof value === "boolean") return;
  throw new ConfigurationError(`${what} must be true or false, not ${show(value)}`);
}
function atLeast(what, value, least2, otherwise) {
  if (value === void 0) return otherwise;
  if (typeof value === "number" && Number.isFinite(value) && value >= least2) return value;
  const from = Number.isFinite(least2) ? ` from ${least2}` : "";
  throw new ConfigurationError(`${what} must be a number${from}, not ${show(value)}`);
}
function configured(what, check) {
  try {
    return check();
  } catch (error2) {
    throw misconfigured(what, error2.message);
  }
}
function openMultiplexer(options, state = "state") {
  try {
    return new Multiplexer(options);
  } catch (error2) {
    const { message } = error2;
    throw misconfigured("", message.replace(/^options\.state\b/, `options.${state}`));
  }
}
function misconfigured(what, message) {
  return new ConfigurationError(inPlace(what, message).replace(/\.$/, ""));
}

// lib/key-pool/abort.ts
function orAborted(run, signal) {
  return new Promise((resolve2, reject) => {
    const abort = () => {
      reject(signal.reason);
    };
    listen(signal, abort);
    run.then(resolve2, (error2) => {
      reject(signal.aborted ? signal.reason : error2);
    }).finally(() => {
      unlisten(signal, abort);
    });
  });
}

// lib/key-pool/errors.ts
var KeyPoolExhaustedError = class extends MultiplexerError {
  /**
   * @param attempts every call of the handler; empty where all keys rest
   * @param retryAfterMs milliseconds until the first of all comes back; undefined where nobody rests
   * @param describe an attempt in words, without any key
   */
  constructor(attempts, retryAfterMs, describe2) {
    const lines = attempts.map((attempt) => `
  ${describe2(attempt)}`);
    const end2 = attempts.at(-1);
    super(
      attempts.length === 0 ? "All keys of all providers rest or are at capacity." : `All keys, models and providers have failed.${lines.join("")}`,
      end2 && { cause: end2.error }
    );
    this.attempts = attempts;
    this.retryAfterMs = retryAfterMs;
    this.errors = attempts.map(({ error: error2 }) => error2);
  }
  attempts;
  retryAfterMs;
  static {
    this.prototype.name = "KeyPoolExhaustedError";
  }
  code = "key_pool_exhausted";
  /** What the handler threw, in order, as in an `AggregateError`. */
  errors;
};

// lib/key-pool/config.ts
var known3 = [
  "providers",
  "cooldownMs",
  "strategy",
  "onKeyFailure",
  "onModelSwitch",
  "onProviderSwitch",
  "state",
  "share",
  "logger"
];
var ofProvider = ["name", "keys", "models", "limits", "sharedLimits", "maxConcurrent"];
function checkPool(config) {
  checkNames2("config", config, known3);
  const { providers, strategy } = config;
  if (!Array.isArray(providers) || providers.length === 0) {
    const not = Array.isArray(providers) ? "one of none" : kindOf(providers);
    throw new ConfigurationError(`providers must be an array of at least one, not ${not}`);
  }
  configured("", () => {
    checkLogger(config.logger);
  });
  if (strategy !== void 0) oneOf2("strategy", strategy, ["priority", "sticky", "round-robin"]);
  for (const name of ["onKeyFailure", "onModelSwitch", "onProviderSwitch"]) {
    const hook = config[name];
    if (hook === void 0 || typeof hook === "function") continue;
    throw new ConfigurationError(`${name} must be a function, not ${show(hook)}`);
  }
  const names4 = /* @__PURE__ */ new Set();
  config.providers.forEach((provider, index) => {
    const what = `providers[${index}]`;
    checkProvider(what, provider);
    if (names4.has(provider.name)) {
      throw new ConfigurationError(`${what}.name: "${provider.name}" occurs twice`);
    }
    names4.add(provider.name);
  });
  return { cooldownMs: atLeast("cooldownMs", config.cooldownMs, 0, 6e4) };
}
function checkProvider(what, provider) {
  checkNames2(what, provider, ofProvider);
  const { name, keys, models, limits, sharedLimits, maxConcurrent } = provider;
  if (typeof name !== "string" || name === "") {
    throw new ConfigurationError(`${what}.name must be a non-empty string, not ${show(name)}`);
  }
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new ConfigurationError(`${what}.keys must be an array of at least one key`);
  }
  keys.forEach((key, index) => {
    if (typeof key === "function") return;
    try {
      checkKey(key);
    } catch {
      throw new ConfigurationError(
        `${what}.keys[${index}] must be a key: a non-empty string that fits into a header, or a function that tells it`
      );
    }
  });
  if (sharedLimits !== void 0) {
    checkNames2(`${what}.sharedLimits`, sharedLimits, ["key", "provider", "model"]);
  }
  configured(what, () => {
    checkModelOptions({ limits, sharedLimits, maxConcurrent, key: name, provider: name });
  });
  const isName2 = (model) => typeof model === "string" && model !== "";
  if (!Array.isArray(models) || models.length === 0 || !models.every(isName2)) {
    throw new ConfigurationError(`${what}.models must be an array of at least one name`);
  }
  if (new Set(models).size < models.length) {
    throw new ConfigurationError(`${what}.models must not name a model twice`);
  }
}
function checkCall(handler, options) {
  if (typeof handler !== "function") {
    throw new MultiplexerError(`handler must be a function, not ${kindOf(handler)}.`);
  }
  if (options === void 0 || options === null) return void 0;
  checkMembers("options", options, ["signal"]);
  const { signal } = options;
  if (signal === void 0 || signal === null) return void 0;
  if (isSignal(signal)) return signal;
  throw new MultiplexerError(`options.signal must be an AbortSignal, not ${kindOf(signal)}.`);
}

// lib/key-pool/hooks.ts
function tell2(hook, failure) {
  if (hook === void 0) return;
  try {
    const returned = hook(failure);
    if (returned instanceof Promise) returned.catch(() => void 0);
  } catch {
  }
}
function withoutErrors(logger) {
  if (logger === void 0 || logger === false) return false;
  return {
    log: (message) => logger.log?.(message),
    warn: (message) => logger.warn?.(message)
  };
}

// lib/key-pool/order.ts
var Order = class {
  #strategy;
  #providers;
  /** Where the next call begins, under "round-robin". */
  #turn = 0;
  /** Who has succeeded last, under "sticky". */
  #last;
  constructor({ strategy, providers }) {
    this.#strategy = strategy;
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
  }
  /**
   * The providers of a call in the order in which they are tried.
   *
   * @throws {ConfigurationError} for an order that names none, or one that does not exist
   */
  providers(fallbackOrder) {
    if (!Array.isArray(fallbackOrder) || fallbackOrder.length === 0) {
      throw new ConfigurationError("fallbackOrder must be an array of at least one provider");
    }
    const providers = fallbackOrder.map((name) => this.#named(name));
    let first2 = 0;
    if (this.#strategy === "round-robin") first2 = this.#turn++ % providers.length;
    if (this.#strategy === "sticky" && this.#last !== void 0) {
      const { provider } = this.#last;
      const last = providers.findIndex(({ name }) => name === provider);
      if (last > 0) return [...providers.splice(last, 1), ...providers];
    }
    return [...providers.slice(first2), ...providers.slice(0, first2)];
  }
  /** The models of a provider in the order in which they are tried. */
  models({ name, models }) {
    const last = this.#strategy === "sticky" ? this.#last : void 0;
    if (last?.provider !== name) return [...models];
    return [last.model, ...models.filter((model) => model !== last.model)];
  }
  /** A call has been answered by this model. */
  succeeded(provider, model) {
    this.#last = { provider, model };
  }
  #named(name) {
    const provider = this.#providers.get(name);
    if (provider !== void 0) return provider;
    const names4 = [...this.#providers.keys()].join(", ");
    throw new ConfigurationError(
      `fallbackOrder: there is no provider "${name}"; there are ${names4 || "none"}`
    );
  }
};

// lib/key-pool/pool-key.ts
var PoolKey = class {
  /** @param id names it wherever it is spoken of */
  constructor(id, given2) {
    this.id = id;
    this.#given = given2;
  }
  id;
  #given;
  #last;
  /**
   * The secret, as it is now, at once where no function has to be asked.
   *
   * @throws what the function throws, or {MultiplexerError} for what is no key
   */
  secret() {
    return typeof this.#given === "string" ? this.#keep(this.#given) : this.#ask(this.#given);
  }
  async #ask(ask3) {
    return this.#keep(await ask3());
  }
  #keep(secret2) {
    checkKey(secret2);
    this.#last = secret2;
    return secret2;
  }
  /**
   * Puts another key in its place; without one, the function that there is tells another now.
   *
   * @throws {MultiplexerError} for what is no key
   */
  replace(given2) {
    const next = given2 ?? (typeof this.#given === "function" ? this.#given : void 0);
    if (typeof next !== "function") checkKey(next);
    this.#given = next;
  }
  /** A text without the secret. */
  redact(text) {
    return this.#last === void 0 ? text : text.replaceAll(this.#last, "***");
  }
};

// lib/key-pool/key-pool.ts
var Step = class {
  constructor(error2, failed2) {
    this.error = error2;
    this.failed = failed2;
  }
  error;
  failed;
};
var shortestRest = 250;
var longestRest = 864e5;
var KeyPool = class {
  #config;
  #order;
  #multiplexer;
  #around;
  /** By the key's id. */
  #keys = /* @__PURE__ */ new Map();
  /** @throws {ConfigurationError} naming the field, what was given (never a key) and what is expected */
  constructor(config) {
    const { cooldownMs } = checkPool(config);
    this.#config = config;
    this.#order = new Order(config);
    this.#multiplexer = openMultiplexer({
      state: config.state,
      share: config.share,
      policy: "resilient",
      strategy: "priority",
      logger: withoutErrors(config.logger),
      cooldown: {
        defaultMs: cooldownMs,
        failureMs: cooldownMs,
        minMs: Math.min(cooldownMs, shortestRest),
        maxMs: Math.max(cooldownMs, longestRest)
      },
      // The next key is tried at once, but where none would help.
      outcomes: {
        unavailable: "failOver",
        timed_out: "failOver",
        truncated: "failOver",
        context_too_long: "giveUp",
        content_refused: "giveUp"
      },
      retryBudget: { share: 1e3 }
    });
    this.#around = surroundingsOf(this.#multiplexer);
    this.#around.failure = (error2, failed2) => new Step(error2, failed2);
    for (const provider of config.providers) this.#add(provider);
  }
  /**
   * Calls the handler with a key and a model until it succeeds: with each key of the provider's
   * first model that does not rest, then with its next model, then with the next provider. Keys that
   * fail rest: for as long as the server asks (`Retry-After` and the like), else `cooldownMs`.
   *
   * @param fallbackOrder the names of the providers, in the order in which they are tried
   * @param handler makes the call; what it returns is returned
   * @throws {KeyPoolExhaustedError} when all have failed or rest; it lists every attempt
   * @throws what the handler threw, where the request itself is at fault: no other key would help
   * @throws {MultiplexerError} for an order, a handler or options that are wrong
   * @throws the signal's reason, once it is aborted
   */
  async executeWithFallback(fallbackOrder, handler, options) {
    const signal = checkCall(handler, options);
    const order = this.#order.providers(fallbackOrder);
    signal?.throwIfAborted();
    const run = this.#cascade(order, {
      handler,
      signal,
      attempts: [],
      secrets: /* @__PURE__ */ new Set(),
      lastKey: ""
    });
    return signal === void 0 ? run : orAborted(run, signal);
  }
  /** All that is known of each model at each key. The ids hold no key. */
  getReport() {
    return this.#multiplexer.getReport();
  }
  /** As the multiplexer's `on()`: calls `listener` whenever this happens. Events hold no key. */
  on(name, listener) {
    this.#multiplexer.on(name, listener);
    return this;
  }
  /** Calls `listener` no longer. */
  off(name, listener) {
    this.#multiplexer.off(name, listener);
    return this;
  }
  /**
   * Gives a key's place to another one: its statistics and limits stay, and a rest that concerned
   * the old key (401, 403, its own quota) is over.
   *
   * @param id the key's id: `openai/key-1` for the first of the provider "openai"
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no such key, or the new one is wrong
   */
  rotateKey(id, apiKey) {
    const key = this.#keys.get(id);
    if (key === void 0) {
      const ids = [...this.#keys.keys()].join(", ");
      throw new MultiplexerError(`There is no key with the id "${id}"; there are ${ids}.`);
    }
    key.replace(apiKey);
    for (const [number, { dto }] of this.#around.targets) {
      if (dto.key === id) this.#around.fleet.changeKey(number);
    }
  }
  /** Ends every rest. */
  clearAllCooldowns() {
    this.#multiplexer.endRests();
  }
  /** Ends it: further calls are refused. A handler that is at work goes on. */
  close() {
    return this.#multiplexer.close();
  }
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose]() {
    return this.close();
  }
  #add({ name, keys, models, limits, sharedLimits, maxConcurrent }) {
    keys.forEach((given2, index) => {
      const id = `${name}/key-${index + 1}`;
      const key = new PoolKey(id, given2);
      this.#keys.set(id, key);
      for (const model of models) {
        this.#multiplexer.addModel(key, 1, model, {
          id: `${id}/${model}`,
          transport: "client",
          key: id,
          account: id,
          provider: name,
          tags: { provider: name, model },
          limits,
          sharedLimits,
          maxConcurrent
        });
      }
    });
  }
  async #cascade(order, under) {
    let retryAfterMs;
    for (const [at, provider] of order.entries()) {
      const models = this.#order.models(provider);
      const before = under.attempts.length;
      for (const [index, model] of models.entries()) {
        const asked = under.attempts.length;
        try {
          const value = await this.#step(provider.name, model, under);
          this.#order.succeeded(provider.name, model);
          return value;
        } catch (step2) {
          if (!(step2 instanceof Step)) throw step2;
          this.#judged(under, asked, step2.failed);
          if (!goesOn(step2.failed)) {
            mark(step2.error, step2.failed.trail);
            throw step2.error;
          }
          retryAfterMs = least(retryAfterMs, step2.failed.exhausted?.retryAfterMs);
        }
        const isLast2 = index === models.length - 1;
        if (!isLast2) this.#tell(this.#config.onModelSwitch, provider.name, under, asked);
      }
      const isLast = at === order.length - 1;
      if (!isLast) this.#tell(this.#config.onProviderSwitch, provider.name, under, before);
    }
    throw new KeyPoolExhaustedError(
      under.attempts,
      retryAfterMs,
      (attempt) => this.#describe(attempt, under.secrets)
    );
  }
  /** One model of one provider: each of its keys that does not rest, in their order. */
  #step(provider, model, under) {
    const operation = {
      name: "executeWithFallback",
      method: "post",
      path: "",
      profileKey: "",
      resource: chatCompletionsResource,
      streams: () => false,
      call: (client, params) => {
        const { model: model2 } = params;
        return { result: this.#ask(client, provider, model2, under) };
      }
    };
    const { signal } = under;
    return new Call(this.#around, {
      operation,
      params: {},
      options: { multiplexer: { require: { provider, model } }, ...signal && { signal } }
    }).value;
  }
  async #ask(key, provider, model, under) {
    const startedAt = performance.now();
    under.lastKey = "";
    try {
      under.lastKey = await key.secret();
      under.secrets.add(under.lastKey);
      const context = { apiKey: under.lastKey, provider, model, signal: under.signal };
      return await under.handler(context);
    } catch (error2) {
      if (under.signal?.aborted !== true) {
        under.attempts.push({
          provider,
          model,
          key: key.id,
          outcome: void 0,
          status: evidenceOf(error2).status,
          durationMs: performance.now() - startedAt,
          error: error2
        });
        tell2(this.#config.onKeyFailure, { provider, apiKey: under.lastKey, error: error2 });
      }
      throw error2;
    }
  }
  /** Notes what the attempts of a step have been judged to be. */
  #judged(under, from, { outcomes }) {
    outcomes.forEach((outcome, index) => {
      const attempt = under.attempts[from + index];
      if (attempt !== void 0) under.attempts[from + index] = { ...attempt, outcome };
    });
  }
  /** Tells a hook of what has failed since the attempt `from`; nothing where nobody was asked. */
  #tell(hook, provider, { attempts, lastKey }, from) {
    const last = attempts.length > from ? attempts.at(-1) : void 0;
    if (last !== void 0) tell2(hook, { provider, apiKey: lastKey, error: last.error });
  }
  /** An attempt in words, without any key. */
  #describe({ provider, model, key, outcome, status, error: error2 }, secrets) {
    const what = error2 instanceof Error ? error2.message : String(error2);
    const kind = [outcome, status].filter((part) => part !== void 0).join(" ");
    const text = `${provider}, ${model}, ${key}: ${kind === "" ? "" : `${kind}: `}${what}`;
    const given2 = [...secrets].sort((one, other) => other.length - one.length);
    let redacted = given2.reduce((before, secret2) => before.replaceAll(secret2, "***"), text);
    for (const one of this.#keys.values()) redacted = one.redact(redacted);
    return redacted;
  }
};
var ofTheModel = /* @__PURE__ */ new Set(["context_too_long", "content_refused"]);
function goesOn({ exhausted, outcomes }) {
  return exhausted !== void 0 || ofTheModel.has(outcomes.at(-1));
}
function least(one, other) {
  if (one === void 0 || other === void 0) return one ?? other;
  return Math.min(one, other);
}

// lib/router/names.ts
function fits({ tags }, required) {
  return Object.entries(required).every(([name, value]) => tags[name] === value);
}
var Names = class {
  #catalogue;
  #aliases;
  #planned;
  /** What has been resolved before, of names that are known. */
  #resolved = /* @__PURE__ */ new Map();
  /** @param aliases by name in lower case */
  constructor(catalogue2, aliases, planned) {
    this.#catalogue = catalogue2;
    this.#aliases = aliases;
    this.#planned = planned;
  }
  /** What a name requires; undefined for one that nobody knows. */
  resolve(name) {
    const lower = name.toLowerCase();
    const before = this.#resolved.get(lower);
    if (before !== void 0) return before;
    const asked = this.#aliases.get(lower) ?? name;
    const required = toRequired(this.#catalogue.resolve(asked), this.#own(asked));
    if (required !== void 0) this.#resolved.set(lower, required);
    return required;
  }
  /** @throws {ConfigurationError} for an alias of what nobody knows */
  checkAliases() {
    for (const [alias, name] of this.#aliases) {
      if (this.resolve(alias) !== void 0) continue;
      throw new ConfigurationError(
        `modelAliases.${alias} must be the name of a model, which ${JSON.stringify(name)} is not`
      );
    }
  }
  /** True if some target has what is required. */
  has(required) {
    return this.#planned.some((one) => fits(one, required));
  }
  /** One of the configuration's own models, which the catalogue does not know. */
  #own(name) {
    const lower = name.toLowerCase();
    return this.#planned.find(({ model }) => model.toLowerCase() === lower)?.model;
  }
};
function toRequired(found, own) {
  const model = found?.model ?? own;
  if (model !== void 0) return { model };
  if (found?.tier === void 0) return void 0;
  return found.tier === 0 ? {} : { tier: String(found.tier) };
}

// lib/router/plan.ts
var names3 = [
  "type",
  "apiKey",
  "priority",
  "enabled",
  "isFreeCredits",
  "baseUrl",
  "id",
  "account",
  "models",
  "limits",
  "sharedLimits",
  "headers",
  "maxConcurrent"
];
var unknownTier = 4;
var retiredTier = 8;
function plan(providers, known4) {
  const taken = /* @__PURE__ */ new Map();
  const entries2 = providers.map((given2, index) => {
    const what = `providers[${index}]`;
    checkNames2(what, given2, names3);
    const { type, priority, enabled = true, isFreeCredits = false } = given2;
    const provider = known4.catalogue.providers.find(({ id: id2 }) => id2 === type);
    if (provider === void 0) {
      const ids2 = known4.catalogue.providers.map(({ id: id2 }) => id2).join(", ");
      const not = typeof type === "string" ? "another string" : kindOf(type);
      throw new ConfigurationError(`${what}.type must be one of ${ids2}, not ${not}`);
    }
    isBoolean(`${what}.enabled`, enabled);
    isBoolean(`${what}.isFreeCredits`, isFreeCredits);
    const number = (taken.get(type) ?? 0) + 1;
    taken.set(type, number);
    const { id = number === 1 ? type : `${type}-${number}` } = given2;
    return {
      what,
      given: given2,
      provider,
      enabled,
      order: atLeast(`${what}.priority`, priority, Number.NEGATIVE_INFINITY, 0),
      id
    };
  });
  const active = entries2.filter(({ enabled }) => enabled).sort((a, b) => a.order - b.order);
  if (active.length === 0) {
    throw new ConfigurationError("At least one provider must be configured and enabled");
  }
  const ids = /* @__PURE__ */ new Set();
  return active.flatMap(({ what, given: given2, provider, id }) => {
    if (typeof id !== "string" || id === "" || ids.has(id)) {
      throw new ConfigurationError(`${what}.id must be a name of its own, not ${show(id)}`);
    }
    ids.add(id);
    return planOne(what, id, given2, provider, known4);
  });
}
function planOne(what, instance, given2, provider, known4) {
  const endpoint2 = endpointOf(what, given2, provider, known4.environment);
  const { limits, sharedLimits, maxConcurrent, account = instance } = given2;
  const names4 = { key: instance, account, provider: provider.id };
  configured(what, () => {
    checkModelOptions({
      sharedLimits,
      maxConcurrent,
      ...names4,
      ...limits !== false && { limits }
    });
  });
  const offered = offersOf(what, given2, provider, known4);
  checkOnce(what, offered);
  return offered.map(({ offer, model, known: of }) => {
    const id = `${instance}/${offer.id}`;
    const contextWindow = offer.contextWindow ?? of?.contextWindow;
    const tier = tierOf(offer, of, known4.today);
    const tags = { provider: provider.id, ...tagsOf(model, of) };
    const options = {
      id,
      tier,
      ...names4,
      tags,
      contextWindow,
      reasoning: of?.capabilities?.reasoning,
      maxConcurrent,
      ...limitsOf(given2, provider, offer)
    };
    configured(`${what} (${offer.id})`, () => {
      checkModelOptions(options);
    });
    const who = { instance, provider: provider.id, model, modelName: offer.id };
    return { id, ...who, endpoint: endpoint2, known: of, contextWindow, tier, tags, options };
  });
}
function tagsOf(model, known4) {
  return known4 === void 0 ? { model } : { model, tier: String(known4.tier) };
}
function checkOnce(what, offered) {
  const names4 = /* @__PURE__ */ new Map();
  for (const { offer, model } of offered) {
    const other = names4.get(offer.id);
    if (other !== void 0) {
      const both = other === model ? `"${model}" twice` : `both "${other}" and "${model}"`;
      throw new ConfigurationError(
        `${what}.models must name each model once: "${offer.id}" is ${both}; further names belong into modelAliases`
      );
    }
    names4.set(offer.id, model);
  }
}
function tierOf({ retiresOn }, known4, today) {
  const tier = known4 === void 0 ? unknownTier : 4 - known4.tier;
  return retiresOn !== void 0 && retiresOn <= today ? retiredTier + tier : tier;
}
function limitsOf({ limits, sharedLimits, isFreeCredits }, provider, offer) {
  if (limits === false) return { sharedLimits };
  const isPaid = isFreeCredits === true;
  const plan2 = offer.freePlan === void 0 ? provider.freePlan : offer.freePlan;
  const given2 = limits ?? (isPaid ? void 0 : plan2);
  if (given2 === void 0 || given2 === null) return { sharedLimits };
  const inZone = ofZone(given2, provider.zone ?? "UTC");
  return provider.limitsPer === "account" ? { sharedLimits: { ...sharedLimits, account: { ...inZone, ...sharedLimits?.account } } } : { limits: inZone, sharedLimits };
}
function ofZone(limits, zone) {
  if (zone === "UTC") return limits;
  const entries2 = Object.entries(limits).map(([name, limit]) => {
    const isPlain3 = typeof limit === "number" && !name.endsWith("m");
    return [name, isPlain3 ? { limit, zone } : limit];
  });
  return Object.fromEntries(entries2);
}
function offersOf(what, { models }, provider, { catalogue: catalogue2, canonical }) {
  const all = catalogue2.models.flatMap(
    (model) => model.offers.filter((offer) => offer.provider === provider.id).map((offer) => ({ offer, model: model.id, known: model }))
  );
  if (models === void 0) {
    if (all.length > 0) return all;
    throw new ConfigurationError(
      `${what}.models must name the models of a provider of type "${provider.id}": the catalogue knows none`
    );
  }
  const pairs = namesOf(models);
  const areNames = pairs.every(([name, own]) => isName(name) && (own === void 0 || isName(own)));
  if (pairs.length === 0 || !areNames) {
    const not = typeof models === "object" ? "" : `, not ${kindOf(models)}`;
    throw new ConfigurationError(
      `${what}.models must be an array of names of models, or an object from names to the provider's own${not}`
    );
  }
  return pairs.flatMap(([name, own]) => {
    const model = canonical(name);
    const offered = all.filter((one) => one.model === model);
    if (own === void 0 && offered.length > 0) return offered;
    const known4 = catalogue2.models.find(({ id }) => id === model);
    const same = offered.find(({ offer }) => offer.id === own);
    return [same ?? { offer: { id: own ?? name }, model: model ?? name, known: known4 }];
  });
}
function namesOf(models) {
  if (typeof models !== "object" || models === null) return [];
  return Array.isArray(models) ? Array.from(models, (name) => [name, void 0]) : Object.entries(models);
}
function isName(value) {
  return typeof value === "string" && value !== "";
}
function endpointOf(what, { apiKey, baseUrl, headers: headers2 }, provider, environment) {
  const variable2 = `MODEL_MULTIPLEXER_${provider.id.toUpperCase().replaceAll("-", "_")}_BASE_URL`;
  const baseURL = baseUrl ?? environment[variable2] ?? provider.baseUrl;
  if (baseURL === void 0) {
    throw new ConfigurationError(
      `${what}.baseUrl must be given for a provider of type "${provider.id}"`
    );
  }
  const variables2 = provider.apiKeyEnv ?? [];
  const found = variables2.map((name) => environment[name]).find(isName);
  const key = apiKey ?? found ?? (provider.keyOptional === true ? "none" : void 0);
  if (key === void 0 || key === "") {
    const or = variables2.length > 0 ? `, or ${variables2.join(" or ")} be set` : "";
    throw new ConfigurationError(`${what}.apiKey must be a non-empty string${or}`);
  }
  const endpoint2 = { baseURL, apiKey: key, ...headers2 !== void 0 && { headers: headers2 } };
  try {
    checkEndpoint(endpoint2);
  } catch (error2) {
    throw misconfigured(what, error2.message.replace(/^baseURL\b/, "baseUrl"));
  }
  return endpoint2;
}

// lib/router/quota.ts
function toQuota({ limits, state, restsUntil }) {
  const byRemaining = [...limits].sort((one, other) => other.remaining - one.remaining);
  const entries2 = byRemaining.map(({ name, limit, remaining, resetsAt }) => {
    const resets = resetsAt === void 0 ? void 0 : new Date(resetsAt);
    return [name, { limit, used: limit - remaining, remaining, resetsAt: resets }];
  });
  return {
    limits: Object.fromEntries(entries2),
    state,
    restsUntil: restsUntil === void 0 ? void 0 : new Date(restsUntil)
  };
}

// lib/router/router.ts
var ofTheRequest = /* @__PURE__ */ new Set([
  "bad_request",
  "context_too_long",
  "content_refused"
]);
var ofTheName = ["model", "tier"];
var Router = class {
  chat;
  #multiplexer;
  #config;
  /** By the target's id. */
  #planned;
  #names;
  /** @throws {ConfigurationError} naming the field, what was given and what is expected */
  constructor(config) {
    this.#config = checkConfig(config);
    const catalogue2 = openCatalogue(config.catalogue);
    const planned = plan(config.providers, {
      catalogue: JSON.parse(catalogue2.json()),
      canonical: (name) => catalogue2.resolve(name)?.model ?? void 0,
      environment: process.env,
      today: (/* @__PURE__ */ new Date()).toISOString().slice(0, 10)
    });
    this.#planned = new Map(planned.map((one) => [one.id, one]));
    this.#names = new Names(catalogue2, this.#config.aliases, planned);
    this.#names.checkAliases();
    const state = config.stateStore === void 0 ? "state" : "stateStore";
    this.#multiplexer = openMultiplexer(this.#config.multiplexer, state);
    for (const { endpoint: endpoint2, modelName, options } of planned) {
      this.#multiplexer.addModel(endpoint2, 1, modelName, options);
    }
    surroundingsOf(this.#multiplexer).failure = (error2, failed2) => this.#failure(error2, failed2);
    const create = (params, options) => this.#create(params, options);
    this.chat = { completions: { create } };
  }
  /**
   * A completion and who made it.
   *
   * @throws what `chat.completions.create()` throws
   */
  async createCompletion(params, options) {
    const response = await this.#create({ ...params, stream: false }, options);
    return { response, metadata: this.#metadata(response, false) };
  }
  /**
   * A stream and who makes it. It is there when its first token is.
   *
   * @throws what `chat.completions.create()` throws
   */
  async createCompletionStream(params, options) {
    const streamed = { ...params, stream: true };
    const stream = await this.#create(streamed, options);
    return { stream, metadata: this.#metadata(stream, true) };
  }
  /** The models that can be asked for, the largest first. */
  listModels() {
    const available = new Set(this.#available().map(({ model }) => model));
    const models = /* @__PURE__ */ new Map();
    const inOrder = [...this.#planned.values()].sort((one, other) => one.tier - other.tier);
    for (const { model, provider, known: known4, contextWindow } of inOrder) {
      const entry = models.get(model) ?? {
        id: model,
        tier: known4?.tier,
        family: known4?.family,
        contextWindow,
        providers: [],
        available: available.has(model)
      };
      models.set(model, entry);
      if (!entry.providers.includes(provider)) entry.providers.push(provider);
    }
    return [...models.values()];
  }
  /** True if somebody could be asked for this model, by whatever name, now. */
  isModelAvailable(model) {
    const required = typeof model === "string" ? this.#names.resolve(model) : void 0;
    return required !== void 0 && this.#available().some((one) => fits(one, required));
  }
  /** What is left of the limits of each model at each key. */
  getQuotaStatus() {
    return this.#multiplexer.getReport().flatMap((report) => {
      const { provider, model, instance } = this.#planned.get(report.id) ?? {};
      if (provider === void 0 || model === void 0 || instance === void 0) return [];
      return [{ provider, model, id: instance, quota: toQuota(report) }];
    });
  }
  /** All that is known of each model at each key: attempts by outcome, latencies, what it is doing. */
  getReport() {
    return this.#multiplexer.getReport();
  }
  /** As the multiplexer's `on()`: calls `listener` whenever this happens. Ids are those of `getReport()`. */
  on(name, listener) {
    this.#multiplexer.on(name, listener);
    return this;
  }
  /** Calls `listener` no longer. */
  off(name, listener) {
    this.#multiplexer.off(name, listener);
    return this;
  }
  /**
   * Gives a provider another key: its limits and statistics stay, and a rest that concerned the
   * old key is over.
   *
   * @param id the provider's `id` in the configuration, by default its type
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no such provider, or the key is wrong
   */
  rotateKey(id, apiKey) {
    const first2 = [...this.#planned.values()].find(({ instance }) => instance === id);
    this.#multiplexer.rotateKey(first2?.id ?? id, apiKey);
  }
  /** Ends every rest. What the limits have counted stays. */
  clearAllCooldowns() {
    this.#multiplexer.endRests();
  }
  /** Ends it: calls under way are aborted, and further calls are refused. */
  close() {
    return this.#multiplexer.close();
  }
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose]() {
    return this.close();
  }
  #create(params, options) {
    const model = params?.model;
    const require2 = typeof model === "string" ? this.#names.resolve(model) : void 0;
    if (require2 === void 0 || !this.#names.has(require2)) {
      const known4 = new Set([...this.#planned.values()].map(({ model: model2 }) => model2));
      return failedCall(new ModelNotAvailableError(String(model), [...known4]));
    }
    const given2 = options ?? {};
    if (typeof given2 !== "object") {
      const what = kindOf(given2);
      return failedCall(new MultiplexerError(`options must be an object, not ${what}.`));
    }
    const further = options?.multiplexer?.require;
    const named = ofTheName.find((tag) => Object.keys(further ?? {}).includes(tag));
    if (named !== void 0) {
      const what = `options.multiplexer.require.${named}`;
      return failedCall(
        new MultiplexerError(`${what} must not be given: the call's model says it.`)
      );
    }
    return this.#multiplexer.chat.completions.create(params, {
      ...options,
      timeout: options?.timeout ?? this.#config.timeoutMs,
      multiplexer: withRequired(options?.multiplexer, require2)
    });
  }
  /** Those that could be asked now. */
  #available() {
    const closed2 = /* @__PURE__ */ new Set(["resting", "at_capacity"]);
    return this.#multiplexer.getReport().filter(({ state }) => !closed2.has(state)).flatMap(({ id }) => this.#planned.get(id) ?? []);
  }
  #metadata(result, isStream3) {
    const {
      id = "",
      attempts,
      durationMs
    } = reportOf(result) ?? {
      attempts: [],
      durationMs: 0
    };
    const { provider = "", model = "" } = this.#planned.get(id) ?? {};
    return {
      provider,
      model,
      latencyMs: durationMs,
      retryCount: Math.max(0, attempts.length - 1),
      timeToFirstTokenMs: isStream3 ? durationMs : void 0
    };
  }
  /** What a call fails with. */
  #failure(error2, { exhausted, outcomes, trail }) {
    const isOver = exhausted !== void 0 && this.#config.throwOnExhausted;
    if (!isOver || ofTheRequest.has(outcomes.at(-1)) || isUnmatched(error2)) return error2;
    const asked = trail.report().attempts.flatMap(({ id }) => this.#planned.get(id) ?? []);
    const { retryAfterMs } = exhausted;
    return new AllProvidersExhaustedError(
      [...new Set(asked.map(({ provider }) => provider))],
      retryAfterMs === void 0 ? void 0 : new Date(Date.now() + retryAfterMs),
      error2
    );
  }
};
function withRequired(own, required) {
  const { require: require2 } = own ?? {};
  if (own !== void 0 && !isTagged(own)) return own;
  return { ...own, require: { ...require2, ...required } };
}
function isTagged(own) {
  const isObject2 = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject2(own) && (own.require === void 0 || isObject2(own.require));
}
function isUnmatched(error2) {
  return error2 instanceof ModelSelectionError && error2.code === "no_models";
}
function createRouter(config) {
  return new Router(config);
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AccountBoundError,
  AllProvidersExhaustedError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConflictError,
  InternalServerError,
  KeyPool,
  KeyPoolExhaustedError,
  ModelNotAvailableError,
  ModelSelectionError,
  Multiplexer,
  MultiplexerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  StreamInterruptedError,
  UnprocessableEntityError,
  catalogue,
  createRouter,
  reportOf
});
