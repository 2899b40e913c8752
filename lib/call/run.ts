// One call's way: pick a target, ask it, and on a refusal the next. The engine picks, settles and
// rests; this asks, in the call's own async context, and hands back what comes.

import { abortMessage } from "../answer.js";
import type { AnswerForm, Opened } from "../answer.js";
import { hostNow } from "../clock.js";
import type { Watched } from "../diagnostics.js";
import { isEndpoint } from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import type { Events } from "../events.js";
import type { Head } from "../head.js";
import { hub } from "../hub.js";
import { askKey } from "../keys.js";
import type { Log } from "../log.js";
import type { DecisionDto, NativeFleet } from "../../native.js";
import type { Operation } from "../operation.js";
import { checkCallOptions } from "../resilience.js";
import type { Resilience } from "../resilience.js";
import type { Rests } from "../rests.js";
import { unlisten } from "../signals.js";
import type { State } from "../state.js";
import type { Target } from "../target.js";
import type { CallOptions, FailureName, RequestOptions } from "../types/index.js";
import { begin } from "./begin.js";
import { callClient } from "./client.js";
import { conclude } from "./conclude.js";
import { askWithHedge } from "./hedge.js";
import { ask, endOnAbort } from "./native.js";
import { checkRequestOptions } from "./options.js";
import type { Place } from "./origin.js";
import { pause } from "./pause.js";
import { goesThroughEngine, passedOver, pickAgain } from "./pick.js";
import type { Answered } from "./promise.js";
import type { Recovery } from "./recovery.js";
import { mark, Trail } from "./trail.js";
import { unavailable } from "./unavailable.js";
import { Watch } from "./watch.js";

/** What a call needs of its multiplexer. */
export interface Surroundings {
  readonly fleet: NativeFleet;
  /** Where the state lies, if not in memory alone. */
  readonly state: State | undefined;
  readonly targets: ReadonlyMap<number, Target>;
  readonly log: Log;
  readonly events: Events;
  readonly rests: Rests;
  /** Ids of targets that were sent to rest and have not answered since. */
  readonly rested: Set<string>;
  readonly resilience: Resilience;
  /** What a call's error becomes, where another door than the multiplexer's own gives it. */
  failure?: (error: unknown, failed: Failed) => unknown;
  /** Tokens of some target are limited: calls are counted before they are made. */
  countsTokens: boolean;
  /** True once the multiplexer was closed: nothing more is sent. */
  closed: boolean;
}

/** How a call failed. */
export interface Failed {
  /** Nobody was left to be asked; the milliseconds until somebody is, where somebody rests. */
  readonly exhausted?: { readonly retryAfterMs: number | undefined };
  /** What the attempts that failed came to, as the policy has judged them. */
  readonly outcomes: readonly FailureName[];
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
  /** Where the answer lies, if it is known to lie with one target or account. */
  readonly place?: Place | undefined;
}

/** A call under way. Begun as it is made, so that a client is called before `create` returns. */
export class Call implements Answered<unknown> {
  /** Of the attempt that is the call's own: that of a second target once it has won. */
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
  /** A stream that breaks off goes on elsewhere. */
  readonly recovers: boolean;
  /** What goes on with it, once it may have to. */
  recovery: Recovery | undefined;
  readonly text: string | undefined;
  readonly ownForm: AnswerForm | undefined;
  /** The body as JSON, if it was needed before it is sent. */
  written: string | undefined;
  /** Whom it asked, and what came of it. */
  readonly trail: Trail;
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
  /** Is told that the target is later than usual, where a second one may be asked. */
  onLate: (() => void) | undefined;
  /** What is done after the failure of the target, where that was decided before. */
  decided: DecisionDto | undefined;
  /** The second target, if it has answered before the first. */
  hedgedTo: Target | undefined;
  /** The client's own promise, where it was called itself. */
  delegated: unknown;
  /** The target that is being asked. */
  key = 0;
  #waitedMs = 0;
  /** The target whose key has been asked for once more. */
  #reaskedKey = 0;
  readonly #outcomes: FailureName[] = [];
  #exhausted: Failed["exhausted"];
  #isSent = false;
  readonly #isHedged: boolean;

  constructor(around: Surroundings, request: CallRequest) {
    this.around = around;
    const watch = around.events.areHeard ? new Watch(around, this.id) : undefined;
    this.trail = new Trail(around.rested, watch);
    this.operation = request.operation;
    this.params = request.params;
    this.isResilient = around.resilience.policy === "resilient";
    if (request.options) checkRequestOptions(request.options, this.isResilient);
    if (request.options?.multiplexer === undefined) {
      this.options = request.options;
      this.needs = undefined;
    } else {
      const { multiplexer, ...options } = request.options;
      this.options = options;
      this.needs = checkCallOptions(multiplexer, around.resilience.policy);
    }
    this.recovers =
      this.isResilient &&
      (this.needs?.midStream ?? around.resilience.midStream) === "recover" &&
      request.operation.hasChunks === true &&
      this.streams();
    this.#isHedged = around.resilience.hedgeShare !== undefined && this.operation.name !== "post";
    this.text = request.text;
    this.ownForm = request.form;
    this.wantsResponse = request.wantsResponse === true;
    this.value = this.#run(request.place);
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

  async #run(place: Place | undefined): Promise<unknown> {
    const { targets } = this.around;
    this.key = begin(this, place);
    if (this.isResilient && this.around.fleet.someoneIsOut()) this.#notePassedOver();
    let refusal: (() => unknown) | undefined;
    let passedOver: (() => MultiplexerError) | undefined;
    for (;;) {
      const target = targets.get(this.key);
      if (target === undefined) {
        if (this.around.state?.starting !== undefined && (await this.#stateHasStarted())) continue;
        if (this.isResilient && (await this.#wait())) continue;
        throw this.#failure(this.#end(refusal, passedOver));
      }
      this.trail.begin(target);
      // One await on the way of a call that goes through the engine: this is the hot path.
      const outcome =
        (goesThroughEngine(this, target)
          ? conclude(this, target, await (this.#isHedged ? askWithHedge : ask)(this, target))
          : undefined) ?? (await callClient(this, target));
      this.trail.end(outcome.kind, outcome.status);
      switch (outcome.kind) {
        case "success":
          mark(outcome.value, this.trail);
          this.trail.tell();
          return outcome.value;
        case "rate_limited":
          if (this.isResilient) {
            if (!(await this.#goesOn(target))) throw this.#failure(outcome.error());
          } else {
            this.#rest(target, outcome);
          }
          refusal = outcome.error;
          break;
        case "failed":
          if (
            this.isResilient &&
            outcome.isOwn !== true &&
            (await this.#goesOn(target, await this.#hasNewKey(target, outcome.status)))
          ) {
            refusal = () => outcome.error;
            break;
          }
          this.around.log.failed(target.modelName, outcome.error);
          throw this.#failure(outcome.error);
        case "aborted":
          throw this.#failure(outcome.error);
        case "passed_over":
          passedOver = outcome.error;
          break;
      }
      this.trail.tell();
      this.key = pickAgain(this.id);
      if (this.isResilient) this.#notePassedOver();
    }
  }

  /**
   * A key that a function tells was refused, and the function has another one now: the same target
   * is asked once more, and nobody rests.
   */
  async #hasNewKey({ client }: Target, status: number | undefined): Promise<boolean> {
    const isRefused = status === 401 || status === 403;
    if (!isRefused || this.decided !== undefined || this.#reaskedKey === this.key) return false;
    if (!isEndpoint(client) || typeof client.apiKey !== "function") return false;
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
    this.trail.passOver(passedOver(this.id, this.around.targets));
  }

  /** Asks the policy what is done after a failure; true if the call goes on. */
  async #goesOn(target: Target, hasNewKey = false): Promise<boolean> {
    const decision = hasNewKey
      ? hub.native.retryWithNewKey(this.id, hostNow())
      : (this.decided ?? hub.native.decide(this.id, hostNow(), Number.NaN));
    this.decided = undefined;
    if (decision === null) return false;
    const { action, afterMs, outcome, restMs, restUntil, spent } = decision;
    this.trail.judged(outcome as FailureName, restMs, restUntil);
    if (spent !== undefined) this.trail.spend(spent);
    this.#outcomes.push(outcome as FailureName);
    if (restMs > 0) this.around.log.rests(target.modelName, outcome, restMs);
    if (action === "giveUp") {
      hub.native.close(this.id);
      return false;
    }
    if (afterMs > 0) await pause(afterMs, this.options?.signal);
    return true;
  }

  /** Nothing has been granted yet: waits for the first answer of the state's store, once. */
  async #stateHasStarted(): Promise<boolean> {
    await this.around.state?.started();
    this.key = pickAgain(this.id);
    return this.key !== 0;
  }

  /** Waits for a target; true if there is one now. */
  async #wait(): Promise<boolean> {
    const patienceMs = this.needs?.maxWaitMs ?? this.around.resilience.maxWaitMs;
    const left = patienceMs - this.#waitedMs;
    const signal = this.options?.signal;
    if (left <= 0 || signal?.aborted === true) return false;
    const began = performance.now();
    const priority = this.needs?.priority ?? 0;
    const waiting = hub.wait(this.id, this.around, hostNow(), left, priority);
    if (signal) endOnAbort(this, signal);
    const answer = await waiting;
    if (this.onAbort !== undefined && signal) {
      unlisten(signal, this.onAbort);
      this.onAbort = undefined;
    }
    this.#waitedMs += performance.now() - began;
    this.key = answer.kind === "leased" ? answer.target : 0;
    this.trail.waited(performance.now() - began, this.around.targets.get(this.key)?.id);
    return this.key !== 0;
  }

  /** What the call fails with. */
  #failure(error: unknown): unknown {
    const { trail, around } = this;
    const exhausted = this.#exhausted;
    const failed = { ...(exhausted && { exhausted }), outcomes: this.#outcomes, trail };
    const told = around.failure === undefined ? error : around.failure(error, failed);
    mark(told, trail);
    trail.tell();
    return told;
  }

  #rest(target: Target, hints: { retryAfterMs: string | null; retryAfter: string | null }): void {
    const { log, rests } = this.around;
    const rest = hub.native.rateLimited(this.id, hostNow(), hints.retryAfterMs, hints.retryAfter);
    if (rest === null) return;
    log.rateLimited(target.modelName, rest.spanMs);
    this.trail.judged("rate_limited", rest.spanMs, rest.until);
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
    if (this.around.failure !== undefined) {
      const retryAfterMs = hub.native.firstReturn(this.id, hostNow()) ?? undefined;
      this.#exhausted = { retryAfterMs };
    }
    hub.native.close(this.id);
    if (refusal !== undefined) return refusal();
    // No wait would bring a target that can.
    if (passedOver !== undefined && why?.retryAfterMs === 0) return passedOver();
    return unavailable(why);
  }
}
