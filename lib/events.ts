// What a multiplexer tells its listeners as it happens. Nothing is made where nobody listens, and
// no listener runs in the middle of something else.

import { MultiplexerError } from "./errors.js";
import type { Log } from "./log.js";
import { show } from "./resilience.js";
import type { EventListener, EventName, MultiplexerEvents } from "./types/index.js";

const names: readonly string[] = [
  "attemptStarted",
  "attemptEnded",
  "cooldown",
  "return",
  "wait",
  "hedge",
] satisfies EventName[];

type AnyListener = (event: never) => unknown;

/** The listeners of one multiplexer. */
export class Events {
  readonly #log: Log;
  readonly #listeners = new Map<EventName, Set<AnyListener>>();
  readonly #pending: (() => void)[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** True if somebody listens to anything: looked at once for each call. */
  get areHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** True if somebody listens: to be asked before an event is made. */
  has(name: EventName): boolean {
    return this.#listeners.has(name);
  }

  /** @throws {MultiplexerError} if there is no such event, or the listener is none */
  add<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    if (!names.includes(name)) {
      throw new MultiplexerError(`There is no event ${show(name)}; there are ${names.join(", ")}.`);
    }
    if (typeof listener !== "function") {
      throw new MultiplexerError(`The listener must be a function, not ${show(listener)}.`);
    }
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
  }

  remove<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    const listeners = this.#listeners.get(name);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(name);
  }

  /** Tells those who listen now, once what is under way has come to its end. */
  emit<Name extends EventName>(name: Name, event: MultiplexerEvents[Name]): void {
    const listeners = [...(this.#listeners.get(name) ?? [])] as EventListener<Name>[];
    if (listeners.length === 0) return;
    if (this.#pending.length === 0) queueMicrotask(this.#tell);
    for (const listener of listeners) {
      this.#pending.push(() => {
        this.#call(name, listener, event);
      });
    }
  }

  readonly #tell = (): void => {
    // What listeners cause is told after them.
    for (const tell of this.#pending.splice(0)) tell();
  };

  /** What a listener throws is not the caller's concern. */
  #call<Name extends EventName>(
    name: Name,
    listener: EventListener<Name>,
    event: MultiplexerEvents[Name],
  ): void {
    const failed = (reason: unknown): void => {
      this.#log.listenerFailed(name, reason);
    };
    try {
      const result: unknown = listener(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
