// Going on with a stream that broke off: the policy is asked, then another target, whose events
// come into the same queue. The engine joins the answers; this asks, as a call does.
//
// It knows nothing of the call itself and of the stream that a program holds: both would be kept
// for as long as the stream may break off.

import type { AnswerForm, Opened } from "../answer.js";
import { hostNow } from "../clock.js";
import type { Answer, Interruption, StreamForm } from "../exchange.js";
import { hub } from "../hub.js";
import { Mode } from "../mail.js";
import type { Operation } from "../operation.js";
import { Declined } from "../sdk/profile.js";
import type { EventQueue } from "../stream/queue.js";
import type { Target } from "../target.js";
import { traceHeaders } from "../trace-context.js";
import type { FailureName, RequestOptions } from "../types/index.js";
import { interruptible } from "./interruptible.js";
import { NoKey, withoutKey } from "./no-key.js";
import { pause } from "./pause.js";
import { goesThroughEngine, passedOver, pickAgain } from "./pick.js";
import { prepareLater, prepareNow } from "./prepare.js";
import type { Asked } from "./prepare.js";
import type { Call, Surroundings } from "./run.js";
import type { Trail } from "./trail.js";
import { tellRecovery, watchAttempt } from "./watched.js";

/** What goes on with the stream of one call. */
export class Recovery implements Asked {
  readonly operation: Operation;
  readonly params: unknown;
  readonly options: RequestOptions | undefined;
  readonly #id: number;
  readonly around: Surroundings;
  /** The number of the target that is being asked. */
  key = 0;
  readonly #ownForm: AnswerForm | undefined;
  readonly #opened: Opened;
  #trail: Trail;
  /** The one that is being asked, or was asked last. */
  #target: Target | undefined;
  #interruption: Interruption | undefined;
  #wake: (() => void) | undefined;

  constructor(call: Call) {
    ({
      operation: this.operation,
      params: this.params,
      options: this.options,
      id: this.#id,
      around: this.around,
      ownForm: this.#ownForm,
      opened: this.#opened,
      trail: this.#trail,
    } = call);
    void this.#watch();
  }

  /** The form of an attempt that is gone on with where it breaks off. */
  form(events: StreamForm, target: Target): StreamForm {
    this.#target = target;
    return {
      ...events,
      interrupted: (interruption) => {
        this.#interruption = interruption;
        this.#wake?.();
      },
    };
  }

  /** The attempt has won beside another of its call, whose trail has its own. */
  join(trail: Trail): void {
    this.#trail = trail;
  }

  /** Runs in the call's own async context, from its beginning. */
  async #watch(): Promise<void> {
    for (;;) {
      const interruption = await this.#next();
      // What fails here is not what the caller should know.
      if (await this.#goesOn(interruption.queue).catch(() => false)) continue;
      hub.endInterrupted(this.#id, interruption);
      return;
    }
  }

  async #next(): Promise<Interruption> {
    if (this.#interruption === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const interruption = this.#interruption as unknown as Interruption;
    this.#interruption = undefined;
    return interruption;
  }

  /** True once another target goes on. */
  async #goesOn(queue: EventQueue): Promise<boolean> {
    let goesOn = await this.#mayGoOn();
    this.#trail.interrupt();
    while (goesOn) {
      const answer = await this.#askNext(queue);
      if (answer === undefined) return false;
      const wasAnswered = this.#note(answer);
      if (wasAnswered !== undefined) return wasAnswered;
      goesOn = await this.#mayGoOn();
      this.#trail.tell();
    }
    return false;
  }

  /** Notes what came of an attempt; true if it goes on, false if nobody is to; else it has failed. */
  #note(answer: Answer): boolean | undefined {
    const trail = this.#trail;
    const status = "head" in answer ? answer.head.status : undefined;
    switch (answer.kind) {
      case "stream":
        trail.opens();
        trail.end("success", status);
        trail.tell();
        trail.recovered();
        return true;
      case "diverged": {
        const spent = hub.native.close(this.#id);
        if (spent !== null) trail.spend(spent);
        trail.end("diverged", status);
        trail.tell();
        return false;
      }
      case "aborted":
        trail.end("aborted", status);
        trail.tell();
        return false;
      case "notSent":
        trail.end("failed", status);
        trail.tell();
        return false;
      default:
        trail.end(answer.kind === "rate_limited" ? "rate_limited" : "failed", status);
        return undefined;
    }
  }

  /** Asks the policy what is done after the failure that has just come. */
  async #mayGoOn(): Promise<boolean> {
    const decision = hub.native.decide(this.#id, hostNow(), Number.NaN);
    if (decision === null) return false;
    const { action, afterMs, outcome, restMs, restUntil, spent } = decision;
    this.#trail.judged(outcome as FailureName, restMs, restUntil);
    if (spent !== undefined) this.#trail.spend(spent);
    if (restMs > 0) this.around.log.rests(this.#target?.modelName ?? "", outcome, restMs);
    if (afterMs > 0) await pause(afterMs, this.options?.signal);
    return action !== "giveUp";
  }

  /** Asks the next target that the engine can ask; undefined if there is none. */
  async #askNext(queue: EventQueue): Promise<Answer | undefined> {
    for (;;) {
      const { targets } = this.around;
      this.key = pickAgain(this.#id);
      const target = targets.get(this.key);
      this.#trail.passOver(passedOver(this.#id, targets));
      if (target === undefined) return undefined;
      this.#trail.begin(target);
      const answer = goesThroughEngine(this, target) ? await this.#ask(target, queue) : undefined;
      if (answer !== undefined && answer.kind !== "declined") return answer;
      hub.native.passOver(this.#id);
      this.#trail.end("passed_over", undefined);
    }
  }

  async #ask(target: Target, queue: EventQueue): Promise<Answer> {
    try {
      const prepared = prepareNow(this, target) ?? (await prepareLater(this, target));
      if (prepared instanceof Declined) return { kind: "declined", reason: prepared.reason };
      // The engine has kept what was asked.
      if (prepared instanceof NoKey) return withoutKey(this.#id, prepared, "");
      const { profile, timeoutMs } = prepared;
      const form = this.#ownForm ?? prepared.form;
      try {
        // The reader may have left meanwhile, and the call with it.
        if (queue.over || this.around.closed) return { kind: "aborted" };
        const attempt = { id: this.#id, operation: this.operation, url: profile.url };
        const watched = watchAttempt(attempt, target);
        const answer = await hub.send(this.#id, this.around, {
          target,
          profile: profile.id,
          // The engine has kept it.
          body: null,
          timeoutMs,
          maxRetries: 0,
          mode: Mode.Events,
          form: this.#formOf(form, target, queue),
          headers: traceHeaders(),
          bill: this.#trail,
        });
        if (watched !== undefined) tellRecovery(watched, answer, queue, form, profile.url);
        return answer;
      } finally {
        profile.release();
      }
    } catch (error) {
      return { kind: "notSent", error };
    }
  }

  #formOf(form: AnswerForm, target: Target, queue: EventQueue): StreamForm {
    const events = form.events(this.#opened, { hasChunks: true, seen: undefined });
    return { ...this.form(interruptible(this.#opened, events), target), goesOn: queue };
  }
}
