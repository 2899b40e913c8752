// The slot of a call whose client was called itself and gave a stream: it is given back when the
// stream ends, is left, is aborted, or is dropped unread. The stream stays the client's own object.

import { hub } from "../hub.js";
import { usageOf } from "./usage.js";

interface StreamLike {
  [Symbol.asyncIterator]: () => AsyncIterator<unknown>;
  iterator?: () => AsyncIterator<unknown>;
  controller?: { signal?: AbortSignal };
}

/** True for something to be read with `for await`. */
export function isStream(value: unknown): value is StreamLike {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<StreamLike>)[Symbol.asyncIterator] === "function"
  );
}

/** True where its iterator is not the only way to read it: it may never be seen to end. */
export function isReadOtherwise(stream: object): boolean {
  const { getReader, on } = stream as { getReader?: unknown; on?: unknown };
  return typeof getReader === "function" || typeof on === "function";
}

const dropped = new FinalizationRegistry<Slot>((slot) => {
  slot.giveBack();
});

/** A slot that is given back once. It must not know the stream, which may be dropped. */
class Slot {
  /** How many `next()` wait for the client's stream. */
  waiting = 0;
  #held = true;

  constructor(
    private readonly call: number,
    private readonly isMetered: boolean,
  ) {}

  /** Notes the tokens that a chunk tells: of several the last count. */
  told(chunk: unknown): void {
    if (!this.#held || !this.isMetered) return;
    const usage = usageOf(chunk);
    if (usage !== undefined) hub.native.spent(this.call, usage.input, usage.output);
  }

  giveBack(failed = false): void {
    if (!this.#held) return;
    this.#held = false;
    if (failed) hub.native.brokeOff(this.call);
    else hub.native.close(this.call);
  }

  /** The stream was aborted: by its reader, unless one waits and will be told why. */
  aborted(): void {
    if (this.waiting === 0) this.giveBack();
  }
}

/**
 * Ties a call's slot to the life of a stream.
 *
 * @param isMetered the call is settled with the tokens that the stream tells
 */
export function holdSlotFor(stream: StreamLike, call: number, isMetered: boolean): void {
  const slot = new Slot(call, isMetered);
  const iterate = stream[Symbol.asyncIterator];
  if (Object.hasOwn(stream, "iterator") && typeof stream.iterator === "function") {
    // The SDK's Stream: its own asyncIterator and tee() both go through this.
    stream.iterator = guarded(stream, stream.iterator, slot);
    define(stream, () => iterate.call(stream));
  } else {
    define(stream, guarded(stream, iterate, slot));
  }
  const signal = stream.controller?.signal;
  if (signal instanceof AbortSignal) giveBackOnAbort(signal, slot);
  dropped.register(stream, slot);
}

function define(stream: StreamLike, iterate: () => AsyncIterator<unknown>): void {
  Object.defineProperty(stream, Symbol.asyncIterator, {
    value: iterate,
    configurable: true,
    writable: true,
  });
}

/** Apart, so that the listener, which the request keeps, has no way to the stream. */
function giveBackOnAbort(signal: AbortSignal, slot: Slot): void {
  if (signal.aborted) slot.giveBack();
  else
    signal.addEventListener(
      "abort",
      () => {
        slot.aborted();
      },
      { once: true },
    );
}

/** Iterators that give the slot back. They keep the stream alive while they are read. */
function guarded(stream: StreamLike, iterate: () => AsyncIterator<unknown>, slot: Slot) {
  return (): AsyncIterableIterator<unknown> & { stream: object } => {
    const inner = iterate.call(stream);
    return {
      stream,
      async next(...args: [] | [unknown]) {
        slot.waiting++;
        try {
          const result = await inner.next(...args);
          if (result.done === true) slot.giveBack();
          else slot.told(result.value);
          return result;
        } catch (error) {
          slot.giveBack(true);
          throw error;
        } finally {
          slot.waiting--;
        }
      },
      async return(value?: unknown) {
        slot.giveBack();
        return (await inner.return?.(value)) ?? { value, done: true };
      },
      async throw(reason?: unknown) {
        slot.giveBack();
        if (inner.throw === undefined) throw reason;
        return inner.throw(reason);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}
