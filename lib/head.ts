// A response's status and headers, from the text in which they cross. Taken apart only as far as
// somebody asks.

import { nodeHttp } from "./sdk/node-modules.js";

/** Status, URL and headers of a response. */
export class Head {
  readonly status: number;
  readonly #text: string;
  #headers: Headers | undefined;

  /** @param text the status, a space and the URL, then a line `name: value` for each header */
  constructor(text: string) {
    this.#text = text;
    this.status = Number(text.slice(0, 3));
  }

  /** The URL that answered, after redirects. */
  get url(): string {
    const end = this.#text.indexOf("\n");
    return this.#text.slice(4, end === -1 ? undefined : end);
  }

  /** The first value of a header; null if there is none. `name` is in lower case. */
  get(name: string): string | null {
    const start = this.#text.indexOf(`\n${name}: `);
    if (start === -1) return null;
    const from = start + name.length + 3;
    const end = this.#text.indexOf("\n", from);
    return this.#text.slice(from, end === -1 ? undefined : end);
  }

  /** All headers. */
  get headers(): Headers {
    if (this.#headers === undefined) {
      this.#headers = new Headers();
      for (const line of this.#text.split("\n").slice(1)) {
        const colon = line.indexOf(": ");
        this.#headers.append(line.slice(0, colon), line.slice(colon + 2));
      }
    }
    return this.#headers;
  }

  /** The response to a request for `url`, as `fetch` would give it. */
  toResponse(body: string | ReadableStream | null, url: string): Response {
    const bodyless = this.status === 204 || this.status === 205 || this.status === 304;
    const response = new Response(bodyless ? null : body, {
      status: this.status,
      statusText: nodeHttp().STATUS_CODES[this.status] ?? "",
      headers: this.headers,
    });
    return Object.defineProperties(response, {
      url: { value: this.url, configurable: true },
      redirected: { value: this.url !== url, configurable: true },
    });
  }
}
