// A response's body for its reader: the bytes of a queue as a web stream. Nothing is taken from the
// queue before somebody reads, and a body that nobody holds any longer is closed.

import { listen, unlisten } from "../signals.js";
import type { EventQueue } from "./queue.js";

const abandoned = new FinalizationRegistry<EventQueue>((queue) => {
  queue.leave();
});

/** @param signal ends the body with its reason */
export function byteStream(queue: EventQueue, signal: AbortSignal | undefined): ReadableStream {
  const source = new ByteSource(queue);
  const body = new ReadableStream(source);
  abandoned.register(body, queue);
  if (signal !== undefined) endOnAbort(queue, source.aborting(signal), signal);
  return body;
}

/** Apart, so that what waits for the signal has no way to the stream. */
function endOnAbort(queue: EventQueue, abort: () => void, signal: AbortSignal): void {
  listen(signal, abort);
  queue.onTold(() => {
    unlisten(signal, abort);
  });
}

/** Reads a queue whose items are Latin-1 texts, a character for each byte. */
class ByteSource {
  readonly type = "bytes" as const;
  readonly #queue: EventQueue;
  /** The reason once the signal was aborted. */
  #aborted: { reason: unknown } | undefined;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  aborting(signal: AbortSignal): () => void {
    return () => {
      this.#aborted = { reason: signal.reason };
      this.#queue.leave();
    };
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const result = this.#aborted === undefined ? await this.#queue.next() : undefined;
    // The signal may have been aborted while this waited.
    const aborted = this.#aborted as { reason: unknown } | undefined;
    if (aborted !== undefined) throw aborted.reason;
    if (result === undefined || result.done === true) {
      controller.close();
      // A reader that brought its own buffer waits for it.
      controller.byobRequest?.respond(0);
      return;
    }
    const text = result.value as string;
    // With memory of its own, which a byte stream takes over.
    const bytes = Buffer.allocUnsafeSlow(text.length);
    bytes.write(text, "latin1");
    controller.enqueue(new Uint8Array(bytes.buffer));
  }

  cancel(): void {
    this.#queue.leave();
  }
}
