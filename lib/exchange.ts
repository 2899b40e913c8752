// A call that the engine is making, as the hub sees it: where its mail goes, and what comes of it.

import type { Head } from "./head.js";
import type { EventQueue, Source } from "./stream/queue.js";
import { Template } from "./stream/template.js";

/** What came of an attempt. */
export type Answer =
  | { kind: "reply"; head: Head; body: string }
  | { kind: "stream"; head: Head; queue: EventQueue }
  | { kind: "rate_limited"; head: Head; body: string }
  | { kind: "refused"; head: Head; body: string }
  | { kind: "unreachable"; fault: Fault }
  | { kind: "broken"; fault: Fault }
  | { kind: "timedOut" }
  | { kind: "died"; error: () => unknown }
  | { kind: "leased"; target: number }
  | { kind: "diverged" }
  | { kind: "aborted" }
  /** It cannot be sent as the program has made it. */
  | { kind: "notSent"; error: unknown }
  /** An endpoint's function has told no key. */
  | { kind: "noKey"; error: unknown }
  | { kind: "declined"; reason: string };

/** What went wrong below HTTP. */
export interface Fault {
  message: string;
  /** `ECONNRESET` and such; undefined if there is no such code. */
  code: string | undefined;
  timedOut: boolean;
}

/** How the events of one stream become what its reader gets. */
export interface StreamForm {
  /** What the SDK would make of an event's object; may change it in place, or throw. */
  readonly normalise?: ((event: unknown) => unknown) | undefined;
  /** An event that has a name. */
  named(name: string, data: string): unknown;
  /** The failure for an event that reports an error. */
  errorEvent(name: string, data: string): unknown;
  /** The failure for an event whose data is not JSON; undefined if it ends the stream well. */
  unparsed(data: string): unknown;
  /** The failure for a connection that broke. */
  broken(fault: Fault): unknown;
  /** The failure for a stream that is ended here before it is complete; without it, it ends well. */
  readonly cut?: () => unknown;
  /** The queue of the stream that this one goes on with. */
  readonly goesOn?: EventQueue;
  /** Told of a failure of the stream in place of its reader, who waits for what comes of it. */
  readonly interrupted?: (interruption: Interruption) => void;
}

/** A stream that broke off. */
export interface Interruption {
  readonly queue: EventQueue;
  /** What its reader fails with, unless it goes on. */
  readonly failure: (() => unknown) | undefined;
}

/** What an exchange asks of the hub. */
export interface Post {
  readonly native: { credit(call: number, bytes: number): void };
  end(id: number): void;
  hold(): void;
  release(): void;
}

/** Whoever notes what an attempt has cost, and when it is over. */
export interface Bill {
  /** As the core's `Meter::to_text` tells it. */
  spend(spent: string): void;
  /** A stream that was handed over is over. */
  over(how: "success" | "interrupted" | "aborted"): void;
}

/** A call that the engine is making. */
export class Exchange implements Source {
  #templates: Template[] | undefined;
  queue: EventQueue | undefined;
  /** Is called if nothing of an answer has come when it usually has. */
  onLate: (() => void) | undefined;

  constructor(
    private readonly hub: Post,
    private readonly id: number,
    /** Whose call it is. */
    readonly owner: object,
    readonly form: StreamForm | null,
    readonly answer: (answer: Answer) => void,
    readonly bill?: Bill,
  ) {}

  credit(bytes: number): void {
    this.hub.native.credit(this.id, bytes);
  }

  close(): void {
    this.hub.end(this.id);
  }

  /** Events as they came: `from` to `to` of `all`. */
  take(all: unknown[], from: number, to: number, bytes: number): void {
    const normalise = this.form?.normalise;
    let index = from;
    try {
      if (normalise !== undefined) for (; index < to; index++) all[index] = normalise(all[index]);
    } catch (failure) {
      // What came before the event that fails is still read.
      if (index > from) this.queue?.pushValues(all, from, index, bytes);
      throw failure;
    }
    this.queue?.pushValues(all, from, to, bytes);
  }

  /** From now on this template is filled. */
  learn(template: number, description: string): void {
    this.#templates ??= [];
    this.#templates[template] = new Template(description, this.form?.normalise);
  }

  /** Events as the strings that fill a template. */
  fill(
    template: number,
    all: readonly unknown[],
    from: number,
    strings: number,
    bytes: number,
  ): void {
    const filled = this.#templates?.[template];
    if (filled === undefined) throw new Error("a template was filled before it was told");
    this.queue?.pushFilled(filled, all, from, strings, bytes);
  }

  hold(): void {
    this.hub.hold();
  }

  release(): void {
    this.hub.release();
  }
}
