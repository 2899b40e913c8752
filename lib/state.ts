// Where the state lies: the option, checked, and the store that it asks for.

import { resolve } from "node:path";

import type { NativeFleet, NativeState, RedisStateDto, StateEventDto } from "../native.js";
import { MultiplexerError } from "./errors.js";
import { kindOf } from "./given.js";
import { hub, native } from "./hub.js";
import type { Log } from "./log.js";
import { show } from "./resilience.js";
import type { FileState, MultiplexerOptions, RedisState } from "./types/index.js";

/** The option, with nothing left out. */
export type CheckedState =
  | { type: "memory" }
  | { type: "share"; name: string }
  | { type: "file"; path: string; flushIntervalMs: number }
  | { type: "redis"; options: RedisStateDto };

/** @throws {MultiplexerError} naming the field, its value and what is expected */
export function checkState({ state = "memory", share }: MultiplexerOptions): CheckedState {
  if (share !== undefined) {
    if (typeof share !== "string" || share === "") {
      throw new MultiplexerError(`options.share must be a non-empty string, not ${show(share)}.`);
    }
    if (state !== "memory") {
      throw new MultiplexerError(
        'options.share is for state: "memory": what Redis or a file keeps needs no other name.',
      );
    }
    return { type: "share", name: share };
  }
  if (state === "memory") return { type: "memory" };
  const type = (state as Partial<FileState | RedisState> | null)?.type;
  if (type === "file") return checkFile(state as FileState);
  if (type === "redis") return checkRedis(state as RedisState);
  if (typeof state === "object" && (state as unknown) !== null) {
    throw new MultiplexerError(`options.state.type must be "file" or "redis", not ${show(type)}.`);
  }
  // A string may be a URL with a password: it is not repeated.
  const not = typeof state === "string" ? "another string" : kindOf(state);
  throw new MultiplexerError(
    `options.state must be "memory", { type: "file", path } or { type: "redis", url }, not ${not}.`,
  );
}

function checkFile(state: FileState): CheckedState {
  checkNames(state, ["type", "path", "flushIntervalMs"]);
  const { path, flushIntervalMs = 1_000 } = state;
  if (typeof path !== "string" || path === "") {
    throw new MultiplexerError(`options.state.path must be the path of a file, not ${show(path)}.`);
  }
  const isSpan = typeof flushIntervalMs === "number" && Number.isFinite(flushIntervalMs);
  if (!isSpan || flushIntervalMs < 10) {
    throw new MultiplexerError(
      `options.state.flushIntervalMs must be a number of milliseconds from 10, not ${show(flushIntervalMs)}.`,
    );
  }
  return { type: "file", path: resolve(path), flushIntervalMs };
}

function checkRedis(state: RedisState): CheckedState {
  checkNames(state, ["type", "url", "prefix", "onStateLoss", "ca"]);
  const { url, prefix = "model-multiplexer", onStateLoss = "stop", ca } = state;
  const urls: readonly unknown[] = Array.isArray(url) ? url : [url];
  if (urls.length === 0 || !urls.every((one) => typeof one === "string")) {
    // What was given may hold a password: it is not repeated.
    throw new MultiplexerError(
      "options.state.url must be a URL such as redis://localhost:6379, or an array of those of a cluster.",
    );
  }
  for (const [name, value] of Object.entries({ prefix, ca })) {
    if (value !== undefined && typeof value !== "string") {
      throw new MultiplexerError(`options.state.${name} must be a string, not ${show(value)}.`);
    }
  }
  if (!["stop", "share"].includes(onStateLoss)) {
    throw new MultiplexerError(
      `options.state.onStateLoss must be "stop" or "share", not ${show(onStateLoss)}.`,
    );
  }
  const options = {
    urls: urls as string[],
    isCluster: Array.isArray(url),
    prefix,
    sharesOnLoss: onStateLoss === "share",
    ...(ca === undefined ? undefined : { ca }),
  };
  return { type: "redis", options };
}

function checkNames(state: object, known: string[]): void {
  const unknown = Object.keys(state).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new MultiplexerError(
    `options.state: there is no option "${unknown}"; there are ${known.join(", ")}.`,
  );
}

/** Something that the process leaves when it exits; undefined once nobody has it any more. */
interface Leaving {
  deref(): NativeState | undefined;
}

/** What is still to be written or given back when the process exits. */
const open = new Set<Leaving>();

function leaveAll(): void {
  for (const leaving of open) {
    try {
      leaving.deref()?.leave();
    } catch {
      // Nobody is left to be told.
    }
  }
}

function enter(leaving: Leaving): void {
  for (const other of open) if (other.deref() === undefined) forget(other);
  if (open.size === 0) process.on("exit", leaveAll);
  open.add(leaving);
}

function forget(leaving: Leaving): void {
  if (open.delete(leaving) && open.size === 0) process.off("exit", leaveAll);
}

/** The store of one multiplexer's state. */
export class State {
  /** Settled once Redis has answered, or could not be reached; undefined from then on. */
  starting: Promise<void> | undefined;
  readonly #native: NativeState;
  #leaving: Leaving | undefined;
  #closing: Promise<void> | undefined;

  private constructor(make: (tell: (event: StateEventDto) => void) => NativeState, log: Log) {
    let started: (() => void) | undefined;
    this.#native = tryTo(() =>
      make((event) => {
        this.starting = undefined;
        started?.();
        log.state(event);
      }),
    );
    this.starting = new Promise((resolve) => (started = resolve));
  }

  /**
   * The store that the option asks for; undefined for memory.
   *
   * @throws {MultiplexerError} if there cannot be one, as for a file that another process has
   */
  static open(state: CheckedState, fleet: NativeFleet, log: Log): State | undefined {
    const { NativeState } = native;
    switch (state.type) {
      case "memory":
        return undefined;
      case "share": {
        const shared = new State(() => NativeState.share(fleet, state.name), log);
        shared.starting = undefined;
        return shared;
      }
      case "redis": {
        const redis = new State((tell) => NativeState.redis(fleet, state.options, tell), log);
        // A multiplexer that is not closed and that nobody has any more leaves by itself.
        redis.#enter(new WeakRef(redis.#native));
        return redis;
      }
      case "file": {
        const { path, flushIntervalMs } = state;
        const file = new State((tell) => NativeState.file(fleet, path, flushIntervalMs, tell), log);
        file.starting = undefined;
        file.#enter({ deref: () => file.#native });
        return file;
      }
    }
  }

  #enter(leaving: Leaving): void {
    this.#leaving = leaving;
    enter(leaving);
  }

  /** Waits until it is known what Redis grants at first. */
  async started(): Promise<void> {
    hub.hold();
    try {
      await this.starting;
    } finally {
      hub.release();
    }
  }

  /** Writes, or gives back, what there is. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#leaving !== undefined) forget(this.#leaving);
    try {
      await this.#native.close();
    } catch (error) {
      throw toError(error);
    }
  }
}

function tryTo<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw toError(error);
  }
}

function toError(error: unknown): MultiplexerError {
  const reason = error instanceof Error ? error.message : String(error);
  return new MultiplexerError(`options.state: ${reason}.`);
}
