// Asking a target whose client is called itself, under a lease of the engine: with a copy of the
// body and the options as given. What it returns is handed on untouched.

import { abortMessage } from "../answer.js";
import { MultiplexerError } from "../errors.js";
import { hub } from "../hub.js";
import type { Called } from "../operation.js";
import type { Target } from "../target.js";
import type { Call, Outcome } from "./run.js";
import { holdSlotFor, isStream } from "./slot.js";

/** Calls the target's client. Settles the lease but for a refusal, which the caller settles. */
export async function callClient(call: Call, target: Target): Promise<Outcome> {
  try {
    const called = ask(call, target);
    if (called === undefined) return passOver(call, target);
    call.delegated = called.result;
    const value: unknown = await called.result;
    settle(call, target, value);
    call.around.places.put(call.operation.idOf?.(value), call.key);
    return { kind: "answered", status: undefined, value };
  } catch (error) {
    return judge(call, error);
  }
}

function ask(
  { operation, params, options, isResilient }: Call,
  { client, modelName }: Target,
): Called | undefined {
  // The policy decides who is asked again.
  const given = isResilient ? { ...options, maxRetries: 0 } : options;
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
  return { kind: "passedOver", status: undefined, error };
}

function settle(call: Call, target: Target, value: unknown): void {
  hub.native.succeeded(call.id);
  if (call.isResilient) spend(call, value);
  if (target.maxConcurrent > 0 && isStream(value) && Object.isExtensible(value)) {
    holdSlotFor(value, call.id);
  } else {
    hub.native.close(call.id);
  }
}

/** Notes the tokens that an answer tells. */
function spend({ id, trail }: Call, value: unknown): void {
  const usage = ((value ?? {}) as { usage?: unknown }).usage;
  if (typeof usage !== "object" || usage === null) return;
  const members = usage as Record<string, unknown>;
  const { prompt_tokens: input = members["input_tokens"] } = members;
  const { completion_tokens: output = members["output_tokens"] ?? 0 } = members;
  if (!Number.isSafeInteger(input) || !Number.isSafeInteger(output)) return;
  hub.native.spent(id, input as number, output as number);
  trail.spend(`${String(input)} ${String(output)} 1 0`);
}

function judge(call: Call, error: unknown): Outcome {
  if (call.options?.signal?.aborted === true) {
    hub.native.close(call.id);
    return { kind: "aborted", status: undefined, error: new Error(abortMessage) };
  }
  if (call.isResilient) {
    const { status, headers, body, code } = seen(error);
    // What was asked tells whether it may be asked again.
    const request = call.text ?? asJson(call.params ?? {});
    hub.native.judge(call.id, status ?? 0, headers, body, code, request);
    return { kind: "failed", status, error };
  }
  if (isRefusal(error)) {
    const header = (name: string): string | null => headerOf(error.headers, name);
    return {
      kind: "rateLimited",
      status: error.status,
      retryAfterMs: header("retry-after-ms"),
      retryAfter: header("retry-after"),
      error: () => (error instanceof Error ? error : new Error(asText(error))),
    };
  }
  hub.native.failed(call.id);
  return { kind: "failed", status: statusOf(error), error };
}

/** What an error of a client tells of its attempt. */
function seen(error: unknown): {
  status: number | undefined;
  headers: string[];
  body: string;
  code: string | undefined;
} {
  const { error: body, code, name, cause } = (error ?? {}) as Record<string, unknown>;
  const headers = ((error ?? {}) as { headers?: unknown }).headers;
  const reason = (cause as { code?: unknown } | null | undefined)?.code;
  const known = ["retry-after-ms", "retry-after", "x-should-retry", "content-type"];
  return {
    status: statusOf(error),
    headers: known.flatMap((name) => {
      const value = headerOf(headers, name);
      return value === null ? [] : [name, value];
    }),
    body: typeof body === "object" && body !== null ? asJson({ error: body }) : "",
    code: [reason, code, name].find((one): one is string => typeof one === "string"),
  };
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
