// This thread's side of the engine: gives calls their numbers, takes mail in and deals it out.
//
// Nothing of a program's runs inside the drain: promises are resolved, and what follows runs
// after it, each in its own call's async context.

import { readAuthorities } from "./authorities.js";
import { loadNative } from "./native/load.js";
import { Head } from "./head.js";
import { Exchange } from "./exchange.js";
import type { Answer, Bill, Fault, Interruption, StreamForm } from "./exchange.js";
import { Kind } from "./mail.js";
import type { Mode } from "./mail.js";
import { EventQueue } from "./stream/queue.js";
import type { Target } from "./target.js";
import type { Hub as NativeHub } from "../native.js";

const wordsAhead = 3;
const wordsPerEntry = 6;
const entriesPerDrain = 2048;
/** A drain ends at so many bytes on the wire… */
const mostBytes = 256 * 1024;
const leastBytes = 16 * 1024;
/** …which are fewer where so many took longer than this many milliseconds. */
const longestDrain = 2;

/** A request as it is sent to one target. */
export interface Sending {
  readonly target: Pick<Target, "modelName" | "finishOptional" | "reasoning">;
  readonly profile: number;
  /** As JSON; null when the call has sent it before. */
  readonly body: string | null;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly mode: Mode;
  /** Null for a whole reply. */
  readonly form: StreamForm | null;
  /** Names and values in turn, of this request alone. */
  readonly headers: string[] | null;
  /** Is told what the attempt has cost, where that is kept, and the end of a stream. */
  readonly bill: Bill;
}

/** The engine as this thread sees it. There is one. */
export class Hub {
  readonly native: NativeHub;
  readonly #exchanges = new Map<number, Exchange>();
  readonly #meta = new Uint32Array(wordsAhead + entriesPerDrain * wordsPerEntry);
  #lastId = 0;
  #held = 0;
  #isRef = false;
  #budget = mostBytes;
  /** When the last drain began, if it left mail; else 0. */
  #leftAt = 0;
  #draining = false;
  #connected = false;

  constructor(make: (wake: () => void) => NativeHub) {
    this.native = make(() => {
      this.#wake();
    });
  }

  /** A number for a call; given back by `end`. */
  newId(): number {
    do {
      this.#lastId = (this.#lastId + 1) >>> 0;
    } while (this.#lastId === 0 || this.#exchanges.has(this.#lastId));
    return this.#lastId;
  }

  /** Sends a call's request to the target that it has leased, and answers with what came of it. */
  send(id: number, owner: object, sending: Sending): Promise<Answer> {
    const { target, body, timeoutMs, maxRetries, mode, form, headers } = sending;
    if (!this.#connected) this.#connect();
    this.native.send(
      id,
      sending.profile,
      target.modelName,
      body,
      timeoutMs,
      maxRetries,
      mode,
      headers,
      target.finishOptional,
      target.reasoning,
    );
    this.hold();
    return new Promise((resolve) => {
      this.#exchanges.set(id, new Exchange(this, id, owner, form, resolve, sending.bill));
    });
  }

  /** Calls `listener` if nothing of the call's answer has come when it usually has. */
  whenLate(id: number, listener: () => void): void {
    const exchange = this.#exchanges.get(id);
    if (exchange !== undefined) exchange.onLate = listener;
  }

  /** Waits for a target; the answer tells its number, 0 for none in time. */
  wait(
    id: number,
    owner: object,
    now: number,
    patienceMs: number,
    priority: number,
  ): Promise<Answer> {
    if (!this.native.wait(id, now, patienceMs, priority)) {
      return Promise.resolve({ kind: "leased", target: 0 });
    }
    this.hold();
    return new Promise((resolve) => {
      this.#exchanges.set(id, new Exchange(this, id, owner, null, resolve));
    });
  }

  /** Ends all calls and streams of an owner. */
  endAll(owner: object): void {
    for (const [id, exchange] of this.#exchanges) if (exchange.owner === owner) this.end(id);
  }

  /** Ends a call without counting it: its slot and its connection are given back. */
  end(id: number): void {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    const spent = this.native.close(id);
    if (exchange === undefined) return;
    if (spent !== null) exchange.bill?.spend(spent);
    if (exchange.queue === undefined) {
      this.release();
      exchange.answer({ kind: "aborted" });
    } else {
      exchange.bill?.over("aborted");
      exchange.queue.end(exchange.form?.cut);
    }
  }

  /** Ends a stream that broke off and does not go on. */
  endInterrupted(id: number, { queue, failure }: Interruption): void {
    this.#exchanges.delete(id);
    this.native.close(id);
    queue.end(failure);
  }

  /** Something waits for the engine: the process must not end. */
  hold(): void {
    this.#held++;
    if (this.#isRef) return;
    this.#isRef = true;
    this.native.ref();
  }

  /** It waits no longer. */
  release(): void {
    this.#held--;
    // Within a drain somebody may be about to wait again.
    if (!this.#draining) this.#unrefIfIdle();
  }

  #unrefIfIdle(): void {
    if (this.#held > 0 || !this.#isRef) return;
    this.#isRef = false;
    this.native.unref();
  }

  /** The connections are opened at the first request, with the environment as it is then. */
  #connect(): void {
    const authorities = readAuthorities(process.env, (pem) => {
      native.Hub.checkAuthorities(pem);
    });
    const { NODE_TLS_REJECT_UNAUTHORIZED } = process.env;
    this.native.connect(authorities, NODE_TLS_REJECT_UNAUTHORIZED === "0");
    this.#connected = true;
  }

  #wake(): void {
    const now = performance.now();
    // Mail was left: from that drain until now ran what it set off, the readers' own code too.
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
    // What the drain resolved runs first, and may begin to wait for more.
    if (this.#held <= 0) void settled.then(this.#idle);
  }

  #tune(took: number): void {
    if (took > longestDrain) this.#budget = Math.max(this.#budget >>> 1, leastBytes);
    else if (this.#budget < mostBytes) this.#budget *= 2;
  }

  readonly #idle = (): void => {
    this.#unrefIfIdle();
  };

  #drain(): void {
    const meta = this.#meta;
    const text = this.native.drain(meta, this.#budget);
    const end = wordsAhead + word(meta, 0) * wordsPerEntry;
    const valuesLength = word(meta, 2);
    // Each value in it has been checked to be one JSON value, so that this parses.
    const values: unknown[] =
      valuesLength === 0 ? [] : (JSON.parse(text.slice(0, valuesLength)) as unknown[]);
    let value = 0;
    let at = valuesLength;
    for (let entry = wordsAhead; entry < end; entry += wordsPerEntry) {
      const count = word(meta, entry + 2);
      const middle = at + word(meta, entry + 4);
      const after = middle + word(meta, entry + 5);
      const id = word(meta, entry + 1);
      // Mail for a call that is closed is dropped.
      const exchange = this.#exchanges.get(id);
      if (exchange !== undefined) {
        const kind = word(meta, entry);
        const bytes = word(meta, entry + 3);
        try {
          if (kind === Kind.Values) {
            exchange.take(values, value, value + count, bytes);
          } else if ((kind & 0xff) === Kind.Filled) {
            exchange.fill(kind >>> 8, values, value, count, bytes);
          } else {
            this.#deliver(
              exchange,
              id,
              kind,
              text.slice(at, middle),
              text.slice(middle, after),
              bytes,
            );
          }
        } catch (failure) {
          // One stream's trouble is not its neighbours'.
          this.#fail(exchange, id, failure);
        }
      }
      value += count;
      at = after;
    }
  }

  #deliver(
    exchange: Exchange,
    id: number,
    kind: number,
    one: string,
    other: string,
    bytes: number,
  ): void {
    switch (kind & 0xff) {
      case Kind.Template:
        exchange.learn(kind >>> 8, one);
        break;
      case Kind.Named: {
        exchange.take([exchange.form?.named(one, other)], 0, 1, bytes);
        break;
      }
      case Kind.Bytes:
        exchange.take([one], 0, 1, bytes);
        break;
      case Kind.Opened:
        exchange.queue = exchange.form?.goesOn ?? new EventQueue(exchange);
        this.release();
        exchange.answer({ kind: "stream", head: new Head(one), queue: exchange.queue });
        break;
      case Kind.Leased:
        this.#settle(exchange, id, { kind: "leased", target: Number(one) });
        break;
      case Kind.Diverged:
        this.#settle(exchange, id, { kind: "diverged" });
        break;
      case Kind.Spent:
        exchange.bill?.spend(one);
        break;
      case Kind.Late:
        exchange.onLate?.();
        break;
      case Kind.Finished:
        // The engine has given the slot back.
        break;
      case Kind.Ended:
        this.#exchanges.delete(id);
        exchange.bill?.over("answered");
        exchange.queue?.end();
        break;
      case Kind.ErrorEvent:
        this.#endStream(exchange, id, (form) => form.errorEvent(one, other));
        break;
      case Kind.Unparsed:
        this.#endStream(exchange, id, (form) => form.unparsed(one));
        break;
      case Kind.Broken: {
        const fault = toFault(kind, one, other);
        if (exchange.queue === undefined) this.#settle(exchange, id, { kind: "broken", fault });
        else this.#endStream(exchange, id, (form) => form.broken(fault));
        break;
      }
      default:
        this.#settle(exchange, id, toAnswer(kind, one, other));
    }
  }

  /** The attempt is over without a stream. */
  #settle(exchange: Exchange, id: number, answer: Answer): void {
    this.#exchanges.delete(id);
    this.release();
    exchange.answer(answer);
  }

  /** A stream is over with a failure, which is made when its reader comes to it. */
  #endStream(exchange: Exchange, id: number, failure: (form: StreamForm) => unknown): void {
    const { form, queue } = exchange;
    const error = form === null ? undefined : (): unknown => failure(form);
    if (queue === undefined) {
      // It was not handed over yet.
      this.#settle(exchange, id, { kind: "died", error: error ?? (() => undefined) });
      return;
    }
    if (form?.interrupted !== undefined) {
      form.interrupted({ queue, failure: error });
      return;
    }
    this.#exchanges.delete(id);
    exchange.bill?.over("interrupted");
    queue.end(error);
  }

  #fail(exchange: Exchange, id: number, failure: unknown): void {
    this.native.failed(id);
    if (exchange.queue === undefined) {
      this.#settle(exchange, id, { kind: "died", error: () => failure });
      return;
    }
    this.#exchanges.delete(id);
    exchange.bill?.over("interrupted");
    exchange.queue.end(() => failure);
  }
}

function word(meta: Uint32Array, at: number): number {
  return meta[at] as number;
}

function toFault(kind: number, code: string, message: string): Fault {
  return { code: code === "" ? undefined : code, message, timedOut: kind >>> 8 === 1 };
}

function toAnswer(kind: number, one: string, other: string): Answer {
  switch (kind & 0xff) {
    case Kind.Reply:
      return { kind: "reply", head: new Head(one), body: other };
    case Kind.RateLimited:
      return { kind: "rateLimited", head: new Head(one), body: other };
    case Kind.Refused:
      return { kind: "refused", head: new Head(one), body: other };
    case Kind.Unreachable:
      return { kind: "unreachable", fault: toFault(kind, one, other) };
    case Kind.TimedOut:
      return { kind: "timedOut" };
    default:
      throw new Error(`unknown mail ${kind}`);
  }
}

const settled = Promise.resolve();

const native = loadNative();

/** The one hub of this thread. Made as the package is loaded, outside of any call's context. */
export const hub = new Hub((wake) => new native.Hub(wake));

export { native };
