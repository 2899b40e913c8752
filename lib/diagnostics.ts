// What instrumentation can see of the requests that the engine makes: channels of
// `node:diagnostics_channel`. Nothing is made for a channel that nobody listens to.

import { channel } from "node:diagnostics_channel";

import type { Head } from "./head.js";
import type { AttemptMessage } from "./types/index.js";

const start = channel("model-multiplexer:attempt:start");
const headers = channel("model-multiplexer:attempt:headers");
const end = channel("model-multiplexer:attempt:end");
const error = channel("model-multiplexer:attempt:error");

/** True if anybody listens: this is asked before each request. */
export function isWatched(): boolean {
  return (
    start.hasSubscribers || headers.hasSubscribers || end.hasSubscribers || error.hasSubscribers
  );
}

/** One attempt as it is told: the same object in each of its messages. */
export class Watched {
  readonly #message: AttemptMessage;
  #isOver = false;

  /** Tells of a request that is about to be made. */
  constructor(message: AttemptMessage) {
    this.#message = message;
    start.publish(message);
  }

  /** The response's headers are there. */
  headers(head: Head): void {
    this.#message.status = head.status;
    this.#message.responseHeaders = head.headers;
    headers.publish(this.#message);
  }

  /** The response has been received. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    end.publish(this.#message);
  }

  /** The attempt failed. */
  error(failure: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#message.error = failure;
    error.publish(this.#message);
  }
}
