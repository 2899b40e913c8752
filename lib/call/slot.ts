// The slot of a call whose client was called itself and gave a stream: it is given back when the
// stream ends, is left, is aborted, or is dropped unread. The stream stays the client's own object.

import { hub } from "../hub.js";

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

const dropped = new FinalizationRegistry<Slot>((slot) => {
  slot.giveBack();
});

/** A slot that is given back once. */
class Slot {
  #held = true;

  constructor(private readonly call: number) {}

  giveBack(failed = false): void {
    if (!this.#held) return;
    this.#held = false;
    if (failed) hub.native.failed(this.call);
    else hub.native.close(this.call);
  }
}

/** Ties a call's slot to the life of a stream. */
export function holdSlotFor(stream: StreamLike, call: number): void {
  const slot = new Slot(call);
  // The iterator keeps the stream alive, so that a slot is not given back while it is read.
  const wrap = (iterate: () => AsyncIterator<unknown>) => () =>
    guard(iterate.call(stream), slot, stream);
  const iterate = stream[Symbol.asyncIterator];
  if (Object.hasOwn(stream, "iterator") && typeof stream.iterator === "function") {
    // The SDK's Stream: its own asyncIterator and tee() both go through this.
    stream.iterator = wrap(stream.iterator);
    Object.defineProperty(stream, Symbol.asyncIterator, {
      value: () => iterate.call(stream),
      configurable: true,
      writable: true,
    });
  } else {
    Object.defineProperty(stream, Symbol.asyncIterator, {
      value: wrap(iterate),
      configurable: true,
      writable: true,
    });
  }
  const signal = stream.controller?.signal;
  if (signal instanceof AbortSignal) {
    const giveBack = (): void => {
      slot.giveBack();
    };
    if (signal.aborted) giveBack();
    else signal.addEventListener("abort", giveBack, { once: true });
  }
  dropped.register(stream, slot);
}

function guard(
  inner: AsyncIterator<unknown>,
  slot: Slot,
  stream: object,
): AsyncIterableIterator<unknown> & { stream: object } {
  return {
    stream,
    async next(...args: [] | [unknown]) {
      try {
        const result = await inner.next(...args);
        if (result.done === true) slot.giveBack();
        return result;
      } catch (error) {
        slot.giveBack(true);
        throw error;
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
}
