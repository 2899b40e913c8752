// One key of a pool, in the place of a client: the secret, and who may have it.

import { checkKey } from "../endpoint.js";
import type { Endpoint } from "../types/index.js";

/** A key. It is a private member, so that nothing that prints or clones the object tells it. */
export class PoolKey {
  #given: Endpoint["apiKey"];
  #last: string | undefined;

  /** @param id names it wherever it is spoken of */
  constructor(
    readonly id: string,
    given: Endpoint["apiKey"],
  ) {
    this.#given = given;
  }

  /**
   * The secret, as it is now, at once where no function has to be asked.
   *
   * @throws what the function throws, or {MultiplexerError} for what is no key
   */
  secret(): string | Promise<string> {
    return typeof this.#given === "string" ? this.#keep(this.#given) : this.#ask(this.#given);
  }

  async #ask(ask: () => string | Promise<string>): Promise<string> {
    return this.#keep(await ask());
  }

  #keep(secret: string): string {
    checkKey(secret);
    this.#last = secret;
    return secret;
  }

  /**
   * Puts another key in its place; without one, the function that there is tells another now.
   *
   * @throws {MultiplexerError} for what is no key
   */
  replace(given: Endpoint["apiKey"] | undefined): void {
    const next = given ?? (typeof this.#given === "function" ? this.#given : undefined);
    if (typeof next !== "function") checkKey(next);
    this.#given = next;
  }

  /** A text without the secret. */
  redact(text: string): string {
    return this.#last === undefined ? text : text.replaceAll(this.#last, "***");
  }
}
