// The stream of an endpoint, which has no SDK to lend its class. It has the members of the
// openai SDK's `Stream`.

import type { ChatCompletionStream } from "../types/index.js";

type Iterate<Item> = () => AsyncIterator<Item, undefined>;

/** A stream that can be read once. */
export class Stream<Item> implements ChatCompletionStream<Item> {
  /** Aborting it ends the request. */
  readonly controller: AbortController;
  readonly #iterate: Iterate<Item>;

  constructor(iterate: Iterate<Item>, controller: AbortController) {
    this.#iterate = iterate;
    this.controller = controller;
  }

  [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
    return this.#iterate();
  }

  /** Two streams of the same events, each read at its own pace. */
  tee(): [Stream<Item>, Stream<Item>] {
    const source = this.#iterate();
    const queues: Promise<IteratorResult<Item, undefined>>[][] = [[], []];
    const branch = (own: number): Stream<Item> => {
      const next = (): Promise<IteratorResult<Item, undefined>> => {
        const waiting = queues[own]?.shift();
        if (waiting !== undefined) return waiting;
        const result = source.next();
        queues[1 - own]?.push(result);
        return result;
      };
      return new Stream(() => ({ next }), this.controller);
    };
    return [branch(0), branch(1)];
  }

  /** The events as a byte stream, one JSON text a line. */
  toReadableStream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    let iterator: AsyncIterator<Item, undefined> | undefined;
    return new ReadableStream({
      start: () => {
        iterator = this[Symbol.asyncIterator]();
      },
      pull: async (controller) => {
        const result = await iterator?.next();
        if (result === undefined || result.done === true) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(result.value)}\n`));
      },
      cancel: async () => {
        await iterator?.return?.();
      },
    });
  }
}
