// Asking a target whose client is called itself, under a lease of the engine: with a copy of the
// body and the options as given. What it returns is handed on untouched.

import { abortMessage } from "../answer.js";
import { APIConnectionTimeoutError, MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import type { Called } from "../operation.js";
import { deadlineOf } from "./deadline.js";
import type { Deadline } from "./deadline.js";
import type { Target } from "../target.js";
import { evidenceOf } from "./evidence.js";
import { hear, leadsToResponse } from "./heard.js";
import { remember } from "./origin.js";
import type { Outcome } from "./outcome.js";
import type { Call } from "./run.js";
import { holdSlotFor, isReadOtherwise, isStream } from "./slot.js";
import { usageOf } from "./usage.js";

/** Calls the target's client. Settles the lease but for a refusal, which the caller settles. */
export async function callClient(call: Call, target: Target): Promise<Outcome> {
  const deadline = deadlineOf(call);
  try {
    const called = ask(call, target, deadline);
    if (called === undefined) return passOver(call, target);
    call.delegated = called.result;
    const value: unknown = await (deadline?.race(called.result) ?? called.result);
    if (call.isResilient && leadsToResponse(called.result)) await hear(call.id, called.result);
    settle(call, target, value);
    remember(call.around, call.operation.idOf?.(value), call.key);
    return { kind: "success", status: undefined, value };
  } catch (error) {
    return deadline?.isOver === true ? late(call, error) : judge(call, error);
  } finally {
    deadline?.end();
  }
}

function ask(
  { operation, params, options, isResilient }: Call,
  { client, modelName }: Target,
  deadline: Deadline | undefined,
): Called | undefined {
  // The policy decides who is asked again.
  const given: Record<string, unknown> | undefined = isResilient
    ? { ...options, maxRetries: 0 }
    : (options as Record<string, unknown> | undefined);
  if (deadline !== undefined && given !== undefined) {
    given["signal"] = deadline.signal(options?.signal);
  }
  return operation.call(client, { ...(params as object), model: modelName }, given);
}

/** The client has no method for this: another target may have. */
function passOver({ id, operation }: Call, target: Target): Outcome {
  hub.native.passOver(id);
  const error = (): MultiplexerError =>
    new MultiplexerError(
      `No model can do ${operation.name}(): the client of "${target.id}" has no such method. ` +
        "Add a model with an OpenAI client or an endpoint.",
    );
  return { kind: "passed_over", status: undefined, error };
}

function settle(call: Call, target: Target, value: unknown): void {
  const isMetered = call.isResilient || call.around.countsTokens;
  hub.native.succeeded(call.id);
  if (isMetered) spend(call, value);
  if (
    isStream(value) &&
    Object.isExtensible(value) &&
    ((isMetered && !isReadOtherwise(value)) || isSlotCounted(call, target))
  ) {
    holdSlotFor(value, call.id, isMetered);
  } else {
    hub.native.close(call.id);
  }
}

/**
 * Whether it matters who holds a slot: calls at a time are limited, of the target or of what it
 * shares, or targets are chosen by them.
 */
function isSlotCounted({ around }: Call, { maxConcurrent }: Target): boolean {
  if (maxConcurrent > 0 || around.resilience.strategy === "least-busy") return true;
  const declares = ({ dto }: Target): boolean | undefined =>
    dto.limits?.some(({ name }) => name === "concurrent");
  return [...around.targets.values()].some(declares);
}

/** Notes the tokens that an answer tells. */
function spend({ id, trail }: Call, value: unknown): void {
  const usage = usageOf(value);
  if (usage === undefined) return;
  hub.native.spent(id, usage.input, usage.output);
  trail.spend(`${usage.input} ${usage.output} 1 0`);
}

/** It has not answered in time, whatever it says now. */
function late(call: Call, cause: unknown): Outcome {
  if (call.options?.signal?.aborted === true) return judge(call, cause);
  hub.native.judge(call.id, 0, [], "", "ETIMEDOUT", call.text ?? asJson(call.params ?? {}));
  const error = new APIConnectionTimeoutError(
    undefined,
    undefined,
    "Request timed out.",
    undefined,
  );
  return { kind: "failed", status: undefined, error };
}

function judge(call: Call, error: unknown): Outcome {
  if (call.options?.signal?.aborted === true) {
    hub.native.close(call.id);
    return { kind: "aborted", status: undefined, error: new Error(abortMessage) };
  }
  if (!call.isResilient && isRefusal(error)) {
    const header = (name: string): string | null => headerOf(error.headers, name);
    return {
      kind: "rate_limited",
      status: error.status,
      retryAfterMs: header("retry-after-ms"),
      retryAfter: header("retry-after"),
      error: () => (error instanceof Error ? error : new Error(asText(error))),
    };
  }
  const { status, headers, body, code } = evidenceOf(error);
  // What was asked tells whether it may be asked again.
  const request = call.isResilient ? (call.text ?? asJson(call.params ?? {})) : "";
  hub.native.judge(call.id, status ?? 0, headers, body, code, request);
  return { kind: "failed", status: call.isResilient ? status : statusOf(error), error };
}

function asJson(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "";
  }
}

function statusOf(error: unknown): number | undefined {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" ? status : undefined;
}

/** As `@upstash/model-multiplexer` has it: only a number, and only in `status`. */
function isRefusal(error: unknown): error is { status: 429 | 529; headers?: unknown } {
  if (typeof error !== "object" || error === null) return false;
  const { status } = error as { status?: unknown };
  return status === 429 || status === 529;
}

/** What is not an error is reported as `@upstash/model-multiplexer` does. */
function asText(thrown: object): string {
  // eslint-disable-next-line @typescript-eslint/no-base-to-string
  return String(thrown);
}

/** A header of an error's response: from a Headers, or from a plain object in any case. */
function headerOf(headers: unknown, name: string): string | null {
  if (typeof headers !== "object" || headers === null) return null;
  try {
    if (typeof (headers as Headers).get === "function") {
      const value: unknown = (headers as Headers).get(name);
      return typeof value === "string" ? value : null;
    }
    const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
    const value: unknown = found?.[1];
    return typeof value === "string" || typeof value === "number" ? String(value) : null;
  } catch {
    return null;
  }
}
