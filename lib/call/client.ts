// Asking a target whose client is called itself, under a lease of the engine: with a copy of the
// body and the options as given. What it returns is handed on untouched.

import { abortMessage } from "../answer.js";
import { hub } from "../hub.js";
import type { Target } from "../target.js";
import type { ModelClient } from "../types/index.js";
import type { Call, Outcome } from "./run.js";
import { holdSlotFor, isStream } from "./slot.js";

/** Calls the target's client. Settles the lease but for a refusal, which the caller settles. */
export async function callClient(call: Call, target: Target): Promise<Outcome> {
  const { params, options } = call;
  try {
    const { completions } = (target.client as ModelClient).chat;
    const pending: unknown = completions.create(
      { ...(params as object), model: target.modelName },
      options,
    );
    call.delegated = pending;
    const value: unknown = await pending;
    settle(call, target, value);
    return { kind: "answered", value };
  } catch (error) {
    return judge(call, error);
  }
}

function settle(call: Call, target: Target, value: unknown): void {
  hub.native.succeeded(call.id);
  if (target.maxConcurrent > 0 && isStream(value) && Object.isExtensible(value)) {
    holdSlotFor(value, call.id);
  } else {
    hub.native.close(call.id);
  }
}

function judge(call: Call, error: unknown): Outcome {
  if (call.options?.signal?.aborted === true) {
    hub.native.close(call.id);
    return { kind: "aborted", error: new Error(abortMessage) };
  }
  if (isRefusal(error)) {
    const header = (name: string): string | null => headerOf(error.headers, name);
    return {
      kind: "rateLimited",
      retryAfterMs: header("retry-after-ms"),
      retryAfter: header("retry-after"),
      error: () => (error instanceof Error ? error : new Error(asText(error))),
    };
  }
  hub.native.failed(call.id);
  return { kind: "failed", error };
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
