// One stream's events between the mailbox and its reader, and how much more may come. Events
// that fill a template stay strings until they are read.

import type { Template } from "./template.js";

/** What a queue asks of whoever feeds it. */
export interface Source {
  /** The reader has taken events of so many bytes. */
  credit(bytes: number): void;
  /** The reader wants no more. */
  close(): void;
  /** A `next()` waits: the process must not end. */
  hold(): void;
  /** It waits no longer. */
  release(): void;
}

/** Events that came together. */
interface Batch {
  /** Events, or the strings of a template. */
  readonly items: readonly unknown[];
  readonly template: Template | undefined;
  readonly bytesEach: number;
  next: number;
}

type Result = IteratorResult<unknown, undefined>;
type Waiter = (result: Result | Promise<Result>) => void;

/** Credit is given back in halves of what a stream may have on its way (64 KB). */
const HALF = 32 * 1024;
const done: Result = Object.freeze({ value: undefined, done: true });

/** The events of one stream that have come and have not been read. */
export class EventQueue {
  readonly #source: Source;
  readonly #batches: Batch[] = [];
  #first = 0;
  readonly #waiters: Waiter[] = [];
  #owed = 0;
  #over = false;
  #failure: (() => unknown) | undefined;
  #onTold: (() => void) | undefined;
  #onValue: ((value: unknown) => void) | undefined;
  #onFailure: ((reason: unknown) => void) | undefined;
  #told = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** True once a reader has been told the end, or has left. */
  get told(): boolean {
    return this.#told;
  }

  /** True once nothing more will come, or the reader has left. */
  get over(): boolean {
    return this.#over;
  }

  /** Calls `listener` with each event that a reader is given. */
  onValue(listener: (value: unknown) => void): void {
    this.#onValue = listener;
  }

  /** Calls `listener` when a reader comes to the stream's failure. */
  onFailure(listener: (reason: unknown) => void): void {
    this.#onFailure = listener;
  }

  /** Calls `listener`, after those before it, once a reader has been told the end, or has left. */
  onTold(listener: () => void): void {
    const before = this.#onTold;
    this.#onTold =
      before === undefined
        ? listener
        : () => {
            before();
            listener();
          };
  }

  /** Events `from` to `to` of `all`. */
  pushValues(all: readonly unknown[], from: number, to: number, bytes: number): void {
    const bytesEach = bytes / (to - from);
    let at = from;
    for (; at < to && this.#waiters.length > 0; at++) this.#hand(all[at], bytesEach);
    if (at < to) this.#keep({ items: all.slice(at, to), template: undefined, bytesEach, next: 0 });
  }

  /** Events whose strings, `count` in all, begin at `from` in `all`. */
  pushFilled(
    template: Template,
    all: readonly unknown[],
    from: number,
    count: number,
    bytes: number,
  ): void {
    const bytesEach = (bytes * template.holes) / count;
    const strings = all as readonly string[];
    const to = from + count;
    let at = from;
    for (; at < to && this.#waiters.length > 0; at += template.holes) {
      this.#hand(template.build(strings, at), bytesEach);
    }
    if (at < to) this.#keep({ items: strings.slice(at, to), template, bytesEach, next: 0 });
  }

  /** Nothing more will come; readers get what `failure` gives, if anything, after what has come. */
  end(failure?: () => unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#failure = failure;
    while (this.#waiters.length > 0) {
      const fails = this.#failure !== undefined;
      if (!fails) this.#tell();
      this.#takeWaiter()(fails ? failing(() => this.#takeFailure()) : done);
    }
  }

  /** The reader leaves: what has come is dropped and nothing more is asked for. */
  leave(): void {
    this.#batches.length = 0;
    this.#first = 0;
    const wasOver = this.#over;
    this.end();
    this.#tell();
    this.#failure = undefined;
    if (!wasOver) this.#source.close();
  }

  /** The next event, in the order of asking. */
  next(): Promise<Result> {
    const batch = this.#batches[this.#first];
    if (batch !== undefined) return Promise.resolve({ value: this.#take(batch), done: false });
    if (this.#over) {
      const reason = this.#takeFailure();
      // The reason is whatever the stream failed with, as the SDK would throw it.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return reason === undefined ? Promise.resolve(done) : Promise.reject(reason);
    }
    this.#source.hold();
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #tell(): void {
    this.#told = true;
    this.#onTold?.();
    // They lead to errors, whose stacks lead to the reader. As long as the queue leads to its reader,
    // the registry that waits for the reader to be dropped keeps both for good.
    this.#onTold = undefined;
    this.#onValue = undefined;
    this.#onFailure = undefined;
  }

  /** What the stream failed with, made now and told once. */
  #takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    const reason = failure?.();
    if (reason !== undefined) this.#onFailure?.(reason);
    this.#tell();
    return reason;
  }

  #hand(value: unknown, bytes: number): void {
    this.#owe(bytes);
    this.#onValue?.(value);
    this.#takeWaiter()({ value, done: false });
  }

  #takeWaiter(): Waiter {
    this.#source.release();
    return this.#waiters.shift() as Waiter;
  }

  #keep(batch: Batch): void {
    this.#batches.push(batch);
  }

  #take(batch: Batch): unknown {
    const { items, template, next } = batch;
    const value = template === undefined ? items[next] : template.build(items as string[], next);
    batch.next = next + (template?.holes ?? 1);
    if (batch.next >= items.length) this.#drop();
    this.#owe(batch.bytesEach);
    this.#onValue?.(value);
    return value;
  }

  /** The first batch is read. */
  #drop(): void {
    this.#first++;
    if (this.#first === this.#batches.length) {
      this.#batches.length = 0;
      this.#first = 0;
    } else if (this.#first === 64) {
      this.#batches.splice(0, 64);
      this.#first = 0;
    }
  }

  #owe(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed < HALF || this.#over) return;
    const whole = Math.floor(this.#owed);
    this.#owed -= whole;
    this.#source.credit(whole);
  }
}

/**
 * Fails with what `failure` makes. The error is made when the waiting reader is already linked to
 * this promise, so that its stack names the reader, and outside of the mailbox's drain.
 */
async function failing(failure: () => unknown): Promise<Result> {
  await Promise.resolve();
  await Promise.resolve();
  const reason = failure();
  if (reason === undefined) return done;
  // Whatever the SDK would throw.
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw reason;
}
