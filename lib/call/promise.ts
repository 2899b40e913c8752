// The promise of a call, which also leads to the HTTP response behind it.

import type { MultiplexerPromise } from "../types/index.js";

/** What a call can tell of its response. */
export interface Answered<T> {
  /** The value of the call. */
  readonly value: Promise<T>;
  /** The response, with its body unread. */
  response(): Promise<Response>;
}

/** A promise with `withResponse()` and `asResponse()`, as the openai SDK's. */
export class CallPromise<T> extends Promise<T> implements MultiplexerPromise<T> {
  /** What `then` and the like make are plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #answered: Answered<T>;

  constructor(answered: Answered<T>) {
    super((resolve, reject) => {
      answered.value.then(resolve, reject);
    });
    this.#answered = answered;
  }

  async asResponse(): Promise<Response> {
    // Whoever asks for the response alone does not wait for the promise itself.
    this.catch(() => undefined);
    return this.#answered.response();
  }

  async withResponse(): Promise<{ data: T; response: Response; request_id: string | null }> {
    const data = await this;
    const response = await this.#answered.response();
    return { data, response, request_id: response.headers.get("x-request-id") };
  }
}
