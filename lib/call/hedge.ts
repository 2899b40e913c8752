// A second target beside one that is late: whichever answers first is the call's, the other is
// cancelled. The engine says when it is late, leases the second target and ends the loser; this
// asks, and tells the call by whom it was answered.

import { hostNow } from "../clock.js";
import type { Answer } from "../exchange.js";
import { hub } from "../hub.js";
import { unlisten } from "../signals.js";
import type { Target } from "../target.js";
import type { FailureName } from "../types/index.js";
import { ask } from "./native.js";
import { goesThroughEngine } from "./pick.js";
import type { Call } from "./run.js";
import { Trail } from "./trail.js";

/** Asks the target through the engine, and another beside it once it is late. */
export async function askWithHedge(call: Call, target: Target): Promise<Answer> {
  const late = new Promise<undefined>((resolve) => {
    call.onLate = () => {
      resolve(undefined);
    };
  });
  const began = performance.now();
  const first = ask(call, target);
  const early = await Promise.race([first, late]);
  call.onLate = undefined;
  if (early !== undefined) return early;
  const second = begin(call, performance.now() - began);
  return second === undefined ? first : race(call, first, second);
}

/** A second attempt under way. */
interface Second {
  /** The call as that attempt sees it. */
  readonly twin: Call;
  readonly target: Target;
  readonly answer: Promise<Answer>;
}

function begin(call: Call, afterMs: number): Second | undefined {
  const id = hub.newId();
  const key = hub.native.hedge(call.id, id, hostNow(), Number.NaN);
  if (key === 0) return undefined;
  const target = call.around.targets.get(key);
  if (target === undefined || !goesThroughEngine(call, target)) {
    hub.native.passOver(id);
    hub.native.close(id);
    return undefined;
  }
  const twin = toTwin(call, id, key);
  twin.trail.begin(target);
  call.trail.hedges(target, afterMs);
  return { twin, target, answer: ask(twin, target) };
}

/** The same call, but for what belongs to one attempt. */
function toTwin(call: Call, id: number, key: number): Call {
  const own: Partial<Call> = {
    id,
    key,
    trail: new Trail(call.around.rested, call.trail.watch),
    opened: {},
    onAbort: undefined,
    onLate: undefined,
    recovery: undefined,
    decided: undefined,
    watched: undefined,
    // The engine has it from the first attempt.
    bodySent: true,
    sending: () => undefined,
  };
  return Object.assign(Object.create(call) as Call, own);
}

/** The first answer that is one. A failure is judged, and waits for the other attempt. */
async function race(call: Call, first: Promise<Answer>, second: Second): Promise<Answer> {
  const early = await Promise.race([first, second.answer.then((answer) => ({ answer }))]);
  if ("answer" in early) {
    if (isWon(early.answer)) return adopt(call, second, undefined, early.answer);
    drop(call, second, early.answer);
    return first;
  }
  if (isWon(early)) {
    drop(call, second, undefined);
    return early;
  }
  // Before the other answers, which would end this one as cancelled.
  call.decided = hub.native.decide(call.id, hostNow(), Number.NaN) ?? undefined;
  const answer = await second.answer;
  if (isWon(answer)) return adopt(call, second, early, answer);
  drop(call, second, answer);
  return early;
}

function isWon({ kind }: Answer): boolean {
  return kind === "reply" || kind === "stream" || kind === "aborted";
}

/** The second attempt is over: it was too late, or has failed with this answer. */
function drop(call: Call, { twin }: Second, failure: Answer | undefined): void {
  if (failure !== undefined) {
    twin.decided = hub.native.decide(twin.id, hostNow(), Number.NaN) ?? undefined;
    hub.native.leave(call.id, twin.key);
  }
  settle(twin, failure);
  call.trail.join(twin.trail, false);
}

/** The second attempt has answered: the call is its own from now on. */
function adopt(
  call: Call,
  { twin, target }: Second,
  failure: Answer | undefined,
  won: Answer,
): Answer {
  settle(call, failure);
  call.trail.join(twin.trail, true);
  const { id, key, form, url, watched, onAbort, opened, recovery } = twin;
  recovery?.join(call.trail);
  Object.assign(call, { id, key, form, url, watched, onAbort, opened, recovery, hedgedTo: target });
  return won;
}

/** Ends an attempt that is not the call's: cancelled, or failed with this answer. */
function settle(call: Call, failure: Answer | undefined): void {
  const { id, trail, options, decided } = call;
  if (call.onAbort !== undefined && options?.signal) unlisten(options.signal, call.onAbort);
  call.onAbort = undefined;
  call.decided = undefined;
  trail.end(failure === undefined ? "aborted" : toOutcome(failure), statusOf(failure));
  if (decided !== undefined) {
    if (decided.spent !== undefined) trail.spend(decided.spent);
    trail.judged(decided.outcome as FailureName, decided.restMs, decided.restUntil);
  }
  hub.end(id);
  trail.tell();
  call.watched?.end();
}

function toOutcome({ kind }: Answer): "rate_limited" | "failed" {
  return kind === "rate_limited" ? "rate_limited" : "failed";
}

function statusOf(answer: Answer | undefined): number | undefined {
  return answer !== undefined && "head" in answer ? answer.head.status : undefined;
}
