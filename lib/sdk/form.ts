// Answers as the caller's own openai SDK gives them: its error classes, its wording, its Stream.

import {
  abortMessage,
  eachEvent,
  parseJson,
  saysJson,
  saysJsonInLowerCase,
  withRequestId,
} from "../answer.js";
import type { AnswerForm, EventsOf, Opened } from "../answer.js";
import type { Head } from "../head.js";
import type { Fault, StreamForm } from "../exchange.js";
import { Reader } from "../stream/reader.js";
import { Stream } from "../stream/stream.js";
import type { EventQueue } from "../stream/queue.js";
import { baseClass } from "./client.js";
import type { SdkClass, SdkClient } from "./client.js";
import { invalidJson, prematureClose, requestFailed } from "./node-fetch.js";
import { asSystemError } from "./system-error.js";

type StreamClass = new (
  iterate: () => AsyncIterator<unknown, undefined>,
  controller: AbortController,
  client: SdkClient,
) => object;

const streamClasses = new WeakMap<object, Promise<StreamClass | undefined>>();
const forms = new WeakMap<SdkClient, AnswerForm>();

/**
 * The form of a stock client's answers. Its SDK is asked once for its Stream class, which it
 * gives away only as the class of a stream.
 */
export async function learnForm(client: SdkClient): Promise<void> {
  const base = baseClass(client);
  if (base === undefined || forms.has(client)) return;
  let learning = streamClasses.get(base);
  if (learning === undefined) {
    learning = learnStreamClass(base);
    streamClasses.set(base, learning);
  }
  forms.set(client, new SdkForm(client, await learning));
}

/** The form if it has been learnt. */
export function knownForm(client: SdkClient): AnswerForm | undefined {
  return forms.get(client);
}

async function learnStreamClass(base: SdkClass): Promise<StreamClass | undefined> {
  const fetch = (): Promise<Response> =>
    Promise.resolve(
      new Response("data: [DONE]\n\n", { headers: { "content-type": "text/event-stream" } }),
    );
  try {
    const probe = new base({
      apiKey: "none",
      baseURL: "http://localhost/v1",
      fetch,
      logLevel: "off",
    });
    const { create } = probe.chat.completions as {
      create: (this: object, body: object) => Promise<object>;
    };
    const body = { model: "none", messages: [], stream: true };
    const stream = await create.call(probe.chat.completions, body);
    return "tee" in stream ? (stream.constructor as StreamClass) : undefined;
  } catch {
    return undefined;
  }
}

class SdkForm implements AnswerForm {
  readonly #client: SdkClient;
  readonly #sdk: SdkClass;
  readonly #version: number;
  readonly #stream: StreamClass | undefined;

  constructor(client: SdkClient, stream: StreamClass | undefined) {
    this.#client = client;
    this.#sdk = client.constructor;
    this.#version = majorVersion(client);
    this.#stream = stream;
  }

  reply(head: Head, body: string): unknown {
    if (head.status === 204) return null;
    const isJson = this.#version >= 7 ? saysJson : saysJsonInLowerCase;
    if (!isJson(head.get("content-type"))) return body;
    // v6 trusts content-length, v7 looks at the body; before, an empty body is invalid JSON.
    const mayBeEmpty =
      this.#version >= 7 || (this.#version === 6 && head.get("content-length") === "0");
    if (body === "" && mayBeEmpty) return undefined;
    try {
      return withRequestId(JSON.parse(body), head);
    } catch (error) {
      throw this.#version === 4 ? invalidJson(this.#client, head.url, error as Error) : error;
    }
  }

  events(opened: Opened, { hasChunks, seen }: EventsOf): StreamForm {
    const headers = (): unknown => opened.head && this.#headers(opened.head);
    return {
      normalise: eachEvent(hasChunks && this.#version >= 7 ? giveFinishReasons : undefined, seen),
      named: (name, data) => {
        const value = JSON.parse(data) as unknown;
        const plain =
          this.#version === 4
            ? name.startsWith("response.") || name.startsWith("transcript.")
            : !name.startsWith("thread.");
        return plain ? value : { event: name, data: value };
      },
      errorEvent: (_name, data) => {
        const value = parseJson(data) as { error?: unknown } | undefined;
        return new this.#sdk.APIError(undefined, value?.error ?? value, undefined, headers());
      },
      unparsed: (data) => {
        // Before 7, a stream is also done where something follows the word.
        if (this.#version < 7 && data.startsWith("[DONE]")) return undefined;
        if (this.#version >= 7) {
          return new SyntaxError("Error reading response: malformed server-sent event JSON.");
        }
        try {
          return JSON.parse(data) as unknown;
        } catch (error) {
          return error;
        }
      },
      broken: (fault) => this.#terminated(fault),
    };
  }

  stream(queue: EventQueue, controller: AbortController, head: Head): object {
    const reader = new Reader(
      queue,
      () => this.#alreadyRead(),
      () => {
        controller.abort();
      },
    );
    const noBody = head.status === 204 && this.#version >= 5;
    const iterate = (): AsyncIterator<unknown, undefined> =>
      noBody ? this.#noBody(controller) : reader.iterate();
    if (this.#stream === undefined) return new Stream(iterate, controller);
    return new this.#stream(iterate, controller, this.#client);
  }

  statusError(head: Head, body: string): unknown {
    const value = parseJson(body);
    const message = isTruthy(value) ? undefined : body;
    return this.#client.makeStatusError(head.status, value, message, this.#headers(head));
  }

  unreachable(fault: Fault, url: string): unknown {
    if (this.#version === 4) {
      return new this.#sdk.APIConnectionError({ cause: requestFailed(this.#client, url, fault) });
    }
    const cause = new TypeError("fetch failed", { cause: asSystemError(fault, url) });
    if (!fault.timedOut) return new this.#sdk.APIConnectionError({ cause });
    return this.#timedOut(cause);
  }

  brokenReply(fault: Fault): unknown {
    return this.#terminated(fault);
  }

  timedOut(): unknown {
    // What `fetch` fails with when the SDK's timer aborts it.
    return this.#timedOut(new DOMException("This operation was aborted", "AbortError"));
  }

  aborted(signal: AbortSignal | null | undefined): unknown {
    const error = new this.#sdk.APIUserAbortError({ message: abortMessage });
    if (this.#version < 7 || signal?.aborted !== true) return error;
    const cause: unknown = signal.reason;
    return Object.defineProperty(error, "cause", {
      value: cause,
      writable: true,
      configurable: true,
    });
  }

  #timedOut(cause: unknown): Error {
    const error = new this.#sdk.APIConnectionTimeoutError();
    return this.#version < 7 ? error : Object.assign(error, { cause });
  }

  #noBody(controller: AbortController): AsyncIterator<never, undefined> {
    const message = "Attempted to iterate over a response with no body";
    return {
      next: () => {
        controller.abort();
        return Promise.reject(new this.#sdk.OpenAIError(message));
      },
    };
  }

  #alreadyRead(): Error {
    const message = "Cannot iterate over a consumed stream, use `.tee()` to split the stream.";
    return this.#version === 4 ? new Error(message) : new this.#sdk.OpenAIError(message);
  }

  /** A body that breaks off, as node-fetch (v4) and fetch report it. */
  #terminated(fault: Fault): Error {
    if (this.#version === 4) return prematureClose();
    return new TypeError("terminated", {
      cause: asSystemError(fault, this.#client.baseURL as string),
    });
  }

  /** v4 gives a plain object that is read in any case, later versions a Headers. */
  #headers(head: Head): unknown {
    if (this.#version >= 5) return head.headers;
    return new Proxy(Object.fromEntries(head.headers), {
      get(target, name) {
        const key = String(name);
        return target[key.toLowerCase()] ?? target[key];
      },
    });
  }
}

/**
 * openai 7 gives every choice of a chunk a `finish_reason`, null where there is none. A choice that
 * is no object is spread into one, and one that is null fails the stream.
 */
function giveFinishReasons(event: unknown): unknown {
  const { choices } = (event ?? {}) as { choices?: unknown };
  if (!Array.isArray(choices)) return event;
  const all = choices as { finish_reason?: unknown }[];
  all.forEach((choice, index) => {
    if (typeof choice === "object" && !Array.isArray(choice)) choice.finish_reason ??= null;
    else all[index] = { ...(choice as object), finish_reason: choice.finish_reason ?? null };
  });
  return event;
}

function isTruthy(value: unknown): boolean {
  return Boolean(value);
}

/** From `OpenAI/JS 7.57.0`, which every version sends as its User-Agent. */
function majorVersion(client: SdkClient): number {
  const { getUserAgent } = client as unknown as { getUserAgent?: () => string };
  const version = /\/JS (\d+)\./.exec(getUserAgent?.call(client) ?? "")?.[1];
  if (version !== undefined) return Number(version);
  return "httpAgent" in client ? 4 : 7;
}
