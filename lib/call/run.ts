// One call's way: pick a target, ask it, and on a refusal the next. The engine picks, settles and
// rests; this asks, in the call's own async context, and hands back what comes.

import { abortMessage } from "../answer.js";
import { callClient } from "./client.js";
import { conclude } from "./conclude.js";
import { ask, endOnAbort } from "./native.js";
import { pause } from "./pause.js";
import type { Answered } from "./promise.js";
import { hostDraw, hostNow, isHostDraw } from "../clock.js";
import type { Watched } from "../diagnostics.js";
import { isEndpoint } from "../endpoint.js";
import { ModelSelectionError, MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import { askKey } from "../keys.js";
import type { NativeFleet, NeedsDto, UnavailableDto } from "../../native.js";
import type { AnswerForm, Opened } from "../answer.js";
import type { Head } from "../head.js";
import type { Log } from "../log.js";
import type { Operation } from "../operation.js";
import { checkCallOptions } from "../resilience.js";
import type { Resilience } from "../resilience.js";
import type { Rests } from "../rests.js";
import type { Places } from "./places.js";
import { whyCallNotNative, whyNotNative } from "../sdk/stock.js";
import type { Target } from "../target.js";
import { unlisten } from "../signals.js";
import type { CallOptions, OutcomeName, RequestOptions } from "../types/index.js";
import { mark, toPassedOver, Trail } from "./trail.js";

/** What a call needs of its multiplexer. */
export interface Surroundings {
  readonly fleet: NativeFleet;
  readonly targets: ReadonlyMap<number, Target>;
  readonly log: Log;
  readonly rests: Rests;
  /** Where stored responses lie. */
  readonly places: Places;
  readonly resilience: Resilience;
  /** What a call's error becomes, where another door than the multiplexer's own gives it. */
  failure?: (error: unknown, failed: Failed) => unknown;
  /** True once the multiplexer was closed: nothing more is sent. */
  closed: boolean;
}

/** How a call failed. */
export interface Failed {
  /** Nobody was left to be asked; the milliseconds until somebody is, where somebody rests. */
  readonly exhausted?: { readonly retryAfterMs: number | undefined };
  /** What the last attempt came to, as the policy has judged it. */
  readonly outcome: OutcomeName | undefined;
  readonly trail: Trail;
}

/** What is asked for. */
export interface CallRequest {
  readonly operation: Operation;
  readonly params: unknown;
  readonly options: RequestOptions | undefined;
  /** The parameters as JSON, where a program gave them so. */
  readonly text?: string | undefined;
  /** The answer is to be a `Response` whose body has not been read. */
  readonly wantsResponse?: boolean;
  /** How answers look, if not as the target's own SDK gives them. */
  readonly form?: AnswerForm | undefined;
  /** The only target that can answer. */
  readonly boundTo?: number | undefined;
}

/** What came of asking one target. `status` is the HTTP status where it is known. */
export type Outcome =
  | { kind: "answered"; status: number | undefined; value: unknown }
  | {
      kind: "rateLimited";
      status: number;
      retryAfterMs: string | null;
      retryAfter: string | null;
      error: () => unknown;
    }
  | {
      kind: "failed";
      status: number | undefined;
      error: unknown;
      /** No target is to blame, and the lease is settled. */
      isOwn?: boolean;
    }
  | { kind: "passedOver"; status: undefined; error: () => MultiplexerError }
  | { kind: "aborted"; status: undefined; error: unknown };

/** A call under way. Begun as it is made, so that a client is called before `create` returns. */
export class Call implements Answered<unknown> {
  readonly id = hub.newId();
  readonly around: Surroundings;
  readonly operation: Operation;
  readonly params: unknown;
  /** Without what is the multiplexer's alone. */
  readonly options: RequestOptions | undefined;
  /** What the call asks of its targets. */
  readonly needs: CallOptions | undefined;
  /** Every failure is judged, and the policy decides. */
  readonly isResilient: boolean;
  readonly text: string | undefined;
  readonly ownForm: AnswerForm | undefined;
  /** Whom it asked, and what came of it. */
  readonly trail = new Trail();
  /** The answer is a `Response` whose body is read by whoever gets it, not by the engine. */
  wantsResponse: boolean;
  /** What the call answers. */
  readonly value: Promise<unknown>;
  /** The engine has the body and keeps it for the next target. */
  bodySent = false;
  /** How the target that is being asked through the engine answers. */
  form: AnswerForm | undefined;
  /** Where that target is, in the words of its client. */
  url = "";
  /** The attempt, where instrumentation watches it. */
  watched: Watched | undefined;
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
  key = 0;
  readonly #boundTo: number | undefined;
  #waitedMs = 0;
  /** The target whose key has been asked for once more. */
  #reaskedKey = 0;
  #lastOutcome: OutcomeName | undefined;
  #exhausted: Failed["exhausted"];
  #isSent = false;

  constructor(around: Surroundings, request: CallRequest) {
    this.around = around;
    this.operation = request.operation;
    this.params = request.params;
    if (request.options?.multiplexer === undefined) {
      this.options = request.options;
      this.needs = undefined;
    } else {
      const { multiplexer, ...options } = request.options;
      this.options = options;
      this.needs = checkCallOptions(multiplexer, around.resilience.policy);
    }
    this.isResilient = around.resilience.policy === "resilient";
    this.text = request.text;
    this.ownForm = request.form;
    this.wantsResponse = request.wantsResponse === true;
    this.#boundTo = request.boundTo;
    this.value = this.#run();
  }

  /** The HTTP response behind the answer. A stream's body is read as the stream, not here. */
  async response(): Promise<Response> {
    const value = await this.value;
    if (this.wantsResponse && value instanceof Response) return value;
    if (this.head !== undefined) return this.head.toResponse(this.body, this.url);
    const { asResponse } = (this.delegated ?? {}) as { asResponse?: () => Promise<Response> };
    if (asResponse !== undefined) return asResponse.call(this.delegated);
    throw new MultiplexerError("The client that answered does not tell its HTTP response.");
  }

  preferResponse(): void {
    if (!this.#isSent && this.streams()) this.wantsResponse = true;
  }

  /** What was asked, as the SDK tells its own helpers. */
  asked(): object {
    const { method, path } = this.operation;
    return { method, path, body: this.params, ...this.options, stream: this.streams() };
  }

  /** From now on it is settled what the answer is to be. */
  sending(): void {
    this.#isSent = true;
  }

  /** Counts a failure; a reply that turned out to be unreadable was counted as a success. */
  fail(): void {
    if (this.head === undefined) hub.native.failed(this.id);
    else this.around.fleet.takeBack(this.key);
  }

  /** True for an answer that is a stream of events. */
  streams(): boolean {
    return this.operation.streams(this.params, this.options);
  }

  async #run(): Promise<unknown> {
    const { targets } = this.around;
    this.key = this.#begin();
    if (this.isResilient && this.around.fleet.someoneIsOut()) this.#notePassedOver();
    let refusal: (() => unknown) | undefined;
    let passedOver: (() => MultiplexerError) | undefined;
    for (;;) {
      const target = targets.get(this.key);
      if (target === undefined) {
        if (this.isResilient && (await this.#wait())) continue;
        throw this.#failure(this.#end(refusal, passedOver));
      }
      this.trail.begin(target);
      // One await on the way of a call that goes through the engine: this is the hot path.
      const outcome =
        (this.#goesThroughEngine(target)
          ? conclude(this, target, await ask(this, target))
          : undefined) ?? (await callClient(this, target));
      this.trail.end(outcome.kind, outcome.status);
      switch (outcome.kind) {
        case "answered":
          mark(outcome.value, this.trail);
          return outcome.value;
        case "rateLimited":
          if (this.isResilient) {
            if (!(await this.#goesOn(target))) throw this.#failure(outcome.error());
          } else {
            this.#rest(target, outcome);
          }
          refusal = outcome.error;
          break;
        case "failed":
          if (await this.#hasNewKey(target, outcome.status)) continue;
          if (this.isResilient && outcome.isOwn !== true && (await this.#goesOn(target))) {
            refusal = () => outcome.error;
            break;
          }
          this.around.log.failed(target.modelName, outcome.error);
          throw this.#failure(outcome.error);
        case "aborted":
          throw this.#failure(outcome.error);
        case "passedOver":
          passedOver = outcome.error;
          break;
      }
      this.key = this.#again();
      if (this.isResilient) this.#notePassedOver();
    }
  }

  /**
   * A key that a function tells was refused, and the function has another one now: the same target
   * is asked once more, and nobody rests.
   */
  async #hasNewKey({ client }: Target, status: number | undefined): Promise<boolean> {
    const isRefused = this.isResilient && (status === 401 || status === 403);
    if (!isRefused || this.#reaskedKey === this.key || !isEndpoint(client)) return false;
    if (typeof client.apiKey !== "function") return false;
    this.#reaskedKey = this.key;
    try {
      return (await askKey(client)).isNew;
    } catch {
      // The refusal itself is what the call goes on with.
      return false;
    }
  }

  /** Who could not be asked just now, and why. */
  #notePassedOver(): void {
    const told = hub.native.passedOver(this.id, hostNow());
    this.trail.passOver(toPassedOver(told, this.around.targets));
  }

  /** Asks the policy what is done after a failure; true if the call goes on. */
  async #goesOn(target: Target): Promise<boolean> {
    const decision = hub.native.decide(this.id, hostNow(), Number.NaN);
    if (decision === null) return false;
    const { action, afterMs, outcome, restMs, spent } = decision;
    if (spent !== undefined) this.trail.spend(spent);
    this.#lastOutcome = outcome as OutcomeName;
    if (restMs > 0) this.around.log.rests(target.modelName, outcome, restMs);
    if (action === "giveUp") {
      hub.native.close(this.id);
      return false;
    }
    if (afterMs > 0) await pause(afterMs, this.options?.signal);
    return true;
  }

  /** Waits for a target; true if there is one now. */
  async #wait(): Promise<boolean> {
    const patienceMs = this.needs?.maxWaitMs ?? this.around.resilience.maxWaitMs;
    const left = patienceMs - this.#waitedMs;
    const signal = this.options?.signal;
    if (left <= 0 || signal?.aborted === true) return false;
    const began = performance.now();
    const priority = this.needs?.priority ?? 0;
    const waiting = hub.wait(this.id, this.around, Number.NaN, left, priority);
    if (signal) endOnAbort(this, signal);
    const answer = await waiting;
    if (this.onAbort !== undefined && signal) {
      unlisten(signal, this.onAbort);
      this.onAbort = undefined;
    }
    this.#waitedMs += performance.now() - began;
    this.key = answer.kind === "leased" ? answer.target : 0;
    return this.key !== 0;
  }

  /** What the call fails with. */
  #failure(error: unknown): unknown {
    const { trail, around } = this;
    const exhausted = this.#exhausted;
    const outcome = this.#lastOutcome;
    const told =
      around.failure === undefined
        ? error
        : around.failure(error, { ...(exhausted && { exhausted }), outcome, trail });
    mark(told, trail);
    return told;
  }

  #begin(): number {
    const { fleet } = this.around;
    const now = hostNow();
    if (this.#boundTo !== undefined) {
      return fleet.beginBound(this.id, this.#boundTo, now, this.needs?.deadlineMs);
    }
    // A replaced Math.random is asked once for each pick, and not where there is nothing to pick.
    const draw = isHostDraw() && fleet.canPick(now) ? hostDraw() : Number.NaN;
    return fleet.begin(this.id, now, draw, this.needs as NeedsDto | undefined);
  }

  #again(): number {
    const now = hostNow();
    const draw = isHostDraw() && hub.native.canPickAgain(this.id, now) ? hostDraw() : Number.NaN;
    return hub.native.again(this.id, now, draw);
  }

  #goesThroughEngine({ client, transport }: Target): boolean {
    if (transport !== "auto") return transport === "native";
    if (isEndpoint(client)) return true;
    const why =
      whyNotNative(client, this.operation.resource) ?? whyCallNotNative(this.params, this.options);
    return why === undefined;
  }

  #rest(target: Target, hints: { retryAfterMs: string | null; retryAfter: string | null }): void {
    const { log, rests } = this.around;
    const rest = hub.native.rateLimited(this.id, hostNow(), hints.retryAfterMs, hints.retryAfter);
    if (rest === null) return;
    log.rateLimited(target.modelName, rest.spanMs);
    if (this.around.targets.get(this.key) === target) {
      rests.begin(this.key, target.modelName, rest.spanMs, rest.until);
    }
  }

  /** What a call fails with that has no target left to ask. */
  #end(
    refusal: (() => unknown) | undefined,
    passedOver: (() => MultiplexerError) | undefined,
  ): unknown {
    const isAborted = this.options?.signal?.aborted === true;
    if (isAborted && (refusal === undefined || this.#waitedMs > 0)) {
      hub.native.close(this.id);
      return new Error(abortMessage);
    }
    if (this.around.closed) {
      hub.native.close(this.id);
      return unavailable(null);
    }
    const why = hub.native.unavailable(this.id);
    hub.native.close(this.id);
    this.#exhausted = { retryAfterMs: why?.retryAfterMs };
    if (refusal !== undefined) return refusal();
    // No wait would bring a target that can.
    if (passedOver !== undefined && why?.retryAfterMs === 0) return passedOver();
    return unavailable(why);
  }
}

/** The error for a pick that found no target. */
function unavailable(why: UnavailableDto | null): MultiplexerError {
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
    case "unmatched":
      return new ModelSelectionError("No model has the tags that the call requires.", {
        code: "no_models",
      });
    case "empty":
      return new ModelSelectionError("No models available in the multiplexer.", {
        code: "no_models",
      });
    default:
      return new MultiplexerError("The multiplexer was closed.");
  }
}
