// The promise of a call, which also leads to the HTTP response behind it.

import type { MultiplexerPromise } from "../types/index.js";

import { mark } from "./trail.js";
import type { Trail } from "./trail.js";

/** What a call can tell of its answer. */
export interface Answered<T> {
  /** The value of the call. */
  readonly value: Promise<T>;
  readonly trail: Trail;
  /** The response behind it. */
  response(): Promise<Response>;
  /** Somebody wants the response alone: where nothing has been sent yet, its body is left to them. */
  preferResponse(): void;
  /** What was asked, as the SDK's helpers are told it. */
  asked(): object;
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
    this.#answered.preferResponse();
    return this.#answered.response();
  }

  async withResponse(): Promise<{ data: T; response: Response; request_id: string | null }> {
    const data = await this;
    const response = await this.#answered.response();
    return { data, response, request_id: response.headers.get("x-request-id") };
  }

  /** The trail of the call. */
  trail(): Trail {
    return this.#answered.trail;
  }

  /** What the SDK's own helpers (`parse`) make of an answer, as the SDK's promise has it. */
  _thenUnwrap<U>(transform: (value: T, props: { options: object }) => U): CallPromise<U> {
    const { trail } = this.#answered;
    const value = this.then((given) => {
      const made = transform(given, { options: this.#answered.asked() });
      keepRequestId(given, made);
      mark(made, trail);
      return made;
    });
    return new CallPromise<U>({
      value,
      trail,
      response: () => this.#answered.response(),
      preferResponse: () => {
        this.#answered.preferResponse();
      },
      asked: () => this.#answered.asked(),
    });
  }
}

/** What a helper has made of a reply has the reply's hidden `_request_id`. */
function keepRequestId(from: unknown, to: unknown): void {
  if (typeof to !== "object" || to === null || to === from || Array.isArray(to)) return;
  const id = Object.getOwnPropertyDescriptor(from ?? {}, "_request_id");
  if (id !== undefined) Object.defineProperty(to, "_request_id", id);
}
