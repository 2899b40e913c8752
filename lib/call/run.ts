// One call's way: pick a target, ask it, and on a refusal the next. The engine picks, settles and
// rests; this asks, in the call's own async context, and hands back what comes.

import { callClient } from "./client.js";
import { ask, conclude } from "./native.js";
import { hostDraw, hostNow, isHostDraw } from "../clock.js";
import { isEndpoint } from "../endpoint.js";
import { ModelSelectionError, MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import type { NativeFleet } from "../../native.js";
import type { AnswerForm, Opened } from "../answer.js";
import type { Head } from "../head.js";
import type { Log } from "../log.js";
import type { Rests } from "../rests.js";
import { whyCallNotNative, whyNotNative } from "../sdk/stock.js";
import type { Target } from "../target.js";
import type { RequestOptions } from "../types/index.js";

/** What a call needs of its multiplexer. */
export interface Surroundings {
  readonly fleet: NativeFleet;
  readonly targets: ReadonlyMap<number, Target>;
  readonly log: Log;
  readonly rests: Rests;
}

/** What came of asking one target. */
export type Outcome =
  | { kind: "answered"; value: unknown }
  | {
      kind: "rateLimited";
      retryAfterMs: string | null;
      retryAfter: string | null;
      error: () => unknown;
    }
  | { kind: "failed"; error: unknown }
  | { kind: "aborted"; error: unknown };

/** A call under way. Begun as it is made, so that a client is called before `create` returns. */
export class Call {
  readonly id = hub.newId();
  readonly around: Surroundings;
  readonly params: unknown;
  readonly options: RequestOptions | undefined;
  /** What the call answers. */
  readonly value: Promise<unknown>;
  /** The engine has the body and keeps it for the next target. */
  bodySent = false;
  /** How the target that is being asked through the engine answers. */
  form: AnswerForm | undefined;
  /** Where that target is, in the words of its client. */
  url = "";
  /** Ends the call when its signal is aborted; there is none without a signal. */
  onAbort: (() => void) | undefined;
  /** The head of the response that the engine received. */
  head: Head | undefined;
  /** Its body, if that is a text. */
  body: string | null = null;
  /** The head of a stream, for its events; apart, so that they do not keep the call alive. */
  readonly opened: Opened = {};
  /** The client's own promise, where it was called itself. */
  delegated: unknown;
  /** The target that is being asked. */
  #key = 0;

  constructor(around: Surroundings, params: unknown, options: RequestOptions | undefined) {
    this.around = around;
    this.params = params;
    this.options = options;
    this.value = this.#run();
  }

  /** The HTTP response behind the answer. A stream's body is read as the stream, not here. */
  async response(): Promise<Response> {
    await this.value;
    if (this.head !== undefined) return this.head.toResponse(this.body, this.url);
    const { asResponse } = (this.delegated ?? {}) as { asResponse?: () => Promise<Response> };
    if (asResponse !== undefined) return asResponse.call(this.delegated);
    throw new MultiplexerError("The client that answered does not tell its HTTP response.");
  }

  /** Counts a failure; a reply that turned out to be unreadable was counted as a success. */
  fail(): void {
    if (this.head === undefined) hub.native.failed(this.id);
    else this.around.fleet.takeBack(this.#key);
  }

  async #run(): Promise<unknown> {
    const { targets } = this.around;
    this.#key = this.#begin();
    let refusal: (() => unknown) | undefined;
    for (;;) {
      const target = targets.get(this.#key);
      if (target === undefined) throw this.#exhausted(refusal);
      // One await on the way of a call that goes through the engine: this is the hot path.
      const outcome =
        (this.#goesThroughEngine(target)
          ? conclude(this, target, await ask(this, target))
          : undefined) ?? (await callClient(this, target));
      switch (outcome.kind) {
        case "answered":
          return outcome.value;
        case "rateLimited":
          this.#rest(target, outcome);
          refusal = outcome.error;
          break;
        case "failed":
          this.around.log.failed(target.modelName, outcome.error);
          throw outcome.error;
        case "aborted":
          throw outcome.error;
      }
      this.#key = this.#again();
    }
  }

  #begin(): number {
    const { fleet } = this.around;
    const now = hostNow();
    // A replaced Math.random is asked once for each pick, and not where there is nothing to pick.
    const draw = isHostDraw() && fleet.canPick(now) ? hostDraw() : Number.NaN;
    return fleet.begin(this.id, now, draw);
  }

  #again(): number {
    const now = hostNow();
    const draw = isHostDraw() && hub.native.canPickAgain(this.id, now) ? hostDraw() : Number.NaN;
    return hub.native.again(this.id, now, draw);
  }

  #goesThroughEngine({ client, transport }: Target): boolean {
    if (transport !== "auto") return transport === "native";
    if (isEndpoint(client)) return true;
    const why = whyNotNative(client) ?? whyCallNotNative(this.params, this.options);
    return why === undefined;
  }

  #rest(target: Target, hints: { retryAfterMs: string | null; retryAfter: string | null }): void {
    const { log, rests } = this.around;
    const rest = hub.native.rateLimited(this.id, hostNow(), hints.retryAfterMs, hints.retryAfter);
    if (rest === null) return;
    log.rateLimited(target.modelName, rest.spanMs);
    if (this.around.targets.get(this.#key) === target) {
      rests.begin(this.#key, target.modelName, rest.spanMs, rest.until);
    }
  }

  #exhausted(refusal: (() => unknown) | undefined): unknown {
    const why = hub.native.unavailable(this.id);
    hub.native.close(this.id);
    if (refusal !== undefined) return refusal();
    const retryAfterMs = why?.retryAfterMs;
    switch (why?.reason) {
      case "resting":
        return new ModelSelectionError("All models are temporarily rate limited.", {
          code: "rate_limited",
          retryAfterMs,
        });
      case "atCapacity":
        return new ModelSelectionError(
          retryAfterMs === undefined
            ? "All models are at capacity."
            : "All models are at capacity or temporarily rate limited.",
          { code: "at_capacity", retryAfterMs },
        );
      case "empty":
        return new ModelSelectionError("No models available in the multiplexer.", {
          code: "no_models",
        });
      default:
        return new MultiplexerError("The multiplexer was closed.");
    }
  }
}
