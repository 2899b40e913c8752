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
import type { RequestOptions } from "../types/index.js";
import { interruptible } from "./interruptible.js";
import { pause } from "./pause.js";
import { goesThroughEngine, pickAgain } from "./pick.js";
import { prepareLater, prepareNow } from "./prepare.js";
import type { Asked } from "./prepare.js";
import type { Call, Surroundings } from "./run.js";
import type { Trail } from "./trail.js";

/** What goes on with the stream of one call. */
export class Recovery implements Asked {
  readonly operation: Operation;
  readonly params: unknown;
  readonly options: RequestOptions | undefined;
  readonly #id: number;
  readonly #around: Surroundings;
  readonly #ownForm: AnswerForm | undefined;
  readonly #opened: Opened;
  readonly #trail: Trail;
  #interruption: Interruption | undefined;
  #wake: (() => void) | undefined;

  constructor(call: Call) {
    ({
      operation: this.operation,
      params: this.params,
      options: this.options,
      id: this.#id,
      around: this.#around,
      ownForm: this.#ownForm,
      opened: this.#opened,
      trail: this.#trail,
    } = call);
    void this.#watch();
  }

  /** The form of an attempt that is gone on with where it breaks off. */
  form(events: StreamForm): StreamForm {
    return {
      ...events,
      interrupted: (interruption) => {
        this.#interruption = interruption;
        this.#wake?.();
      },
      billed: (usage) => {
        this.#trail.bill(JSON.parse(usage));
      },
    };
  }

  /** Runs in the call's own async context, from its beginning. */
  async #watch(): Promise<void> {
    for (;;) {
      const interruption = await this.#next();
      this.#trail.interrupt();
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
    while (await this.#mayGoOn()) {
      const answer = await this.#askNext(queue);
      switch (answer?.kind) {
        case undefined:
          return false;
        case "stream":
          this.#trail.end("answered", answer.head.status);
          return true;
        case "diverged":
          this.#trail.end("diverged", undefined);
          return false;
        case "aborted":
          this.#trail.end("aborted", undefined);
          return false;
        case "notSent":
          this.#trail.end("failed", undefined);
          return false;
        case "rateLimited":
          this.#trail.end("rateLimited", answer.head.status);
          break;
        default:
          this.#trail.end("failed", "head" in answer ? answer.head.status : undefined);
      }
    }
    return false;
  }

  /** Asks the policy what is done after the failure that has just come. */
  async #mayGoOn(): Promise<boolean> {
    const decision = hub.native.decide(this.#id, hostNow(), Number.NaN);
    if (decision === null) return false;
    if (decision.afterMs > 0) await pause(decision.afterMs, this.options?.signal);
    return decision.action !== "giveUp";
  }

  /** Asks the next target that the engine can ask; undefined if there is none. */
  async #askNext(queue: EventQueue): Promise<Answer | undefined> {
    for (;;) {
      const target = this.#around.targets.get(pickAgain(this.#id));
      if (target === undefined) return undefined;
      this.#trail.begin(target);
      const answer = goesThroughEngine(this, target) ? await this.#ask(target, queue) : undefined;
      if (answer !== undefined && answer.kind !== "declined") return answer;
      hub.native.passOver(this.#id);
      this.#trail.end("passedOver", undefined);
    }
  }

  async #ask(target: Target, queue: EventQueue): Promise<Answer> {
    try {
      const prepared = prepareNow(this, target) ?? (await prepareLater(this, target));
      if (prepared instanceof Declined) return { kind: "declined", reason: prepared.reason };
      const { profile, form, timeoutMs } = prepared;
      try {
        // The reader may have left meanwhile, and the call with it.
        if (queue.over || this.#around.closed) return { kind: "aborted" };
        return await hub.send(
          this.#id,
          this.#around,
          profile.id,
          target.modelName,
          null,
          timeoutMs,
          0,
          Mode.Events,
          this.#formOf(this.#ownForm ?? form, queue),
          traceHeaders(),
          target.finishOptional,
        );
      } finally {
        profile.release();
      }
    } catch (error) {
      return { kind: "notSent", error };
    }
  }

  #formOf(form: AnswerForm, queue: EventQueue): StreamForm {
    const events = form.events(this.#opened, { hasChunks: true, seen: undefined });
    return { ...this.form(interruptible(this.#opened, events)), goesOn: queue };
  }
}
