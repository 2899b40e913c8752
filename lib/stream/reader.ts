// What a program holds of a stream: an iterator that can be used once. When a program drops it
// half-read, the stream is closed after garbage collection.

import type { EventQueue } from "./queue.js";

const abandoned = new FinalizationRegistry<EventQueue>((queue) => {
  queue.leave();
});

/** The reading side of a stream. The iterators that it gives keep it alive. */
export class Reader {
  readonly #queue: EventQueue;
  readonly #alreadyRead: () => unknown;
  readonly #left: () => void;
  #reading = false;

  /**
   * @param alreadyRead the error for a second iteration
   * @param left called when a reader stops before the end
   */
  constructor(queue: EventQueue, alreadyRead: () => unknown, left: () => void) {
    this.#queue = queue;
    this.#alreadyRead = alreadyRead;
    this.#left = left;
    abandoned.register(this, queue);
  }

  /** An iterator. The first that is read has the events; any other fails. */
  iterate(): AsyncIterableIterator<unknown, undefined> {
    return new EventIterator(this);
  }

  /** Makes the caller the one who reads. */
  claim(): EventQueue {
    if (this.#reading) throw this.#alreadyRead();
    this.#reading = true;
    return this.#queue;
  }

  /** Ends the request, unless its end is known. */
  leave(): void {
    if (!this.#queue.told) this.#left();
    this.#queue.leave();
  }
}

class EventIterator implements AsyncIterableIterator<unknown, undefined> {
  readonly #reader: Reader;
  #queue: EventQueue | undefined;
  #closed = false;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.#queue !== undefined) return this.#queue.next();
    if (this.#closed) return Promise.resolve({ value: undefined, done: true });
    try {
      this.#queue = this.#reader.claim();
    } catch (error) {
      this.#closed = true;
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return Promise.reject(error);
    }
    return this.#queue.next();
  }

  return(value?: unknown): Promise<IteratorResult<unknown, undefined>> {
    this.#closed = true;
    if (this.#queue !== undefined) this.#reader.leave();
    return Promise.resolve({ value: value as undefined, done: true });
  }

  throw(reason: unknown): Promise<IteratorResult<unknown, undefined>> {
    void this.return();
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
    return Promise.reject(reason);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
