// What may be given as a call's options, whoever answers it. What only some clients take, such as a
// path that is a number, is for those to judge that are asked.

import { MultiplexerError } from "../errors.js";
import { isSignal, kindOf } from "../given.js";
import type { RequestOptions } from "../types/index.js";

/** How many retries the engine counts to. */
export const mostRetries = 0xffff_ffff;

/** @throws {MultiplexerError} for what no client takes, naming the option */
export function checkRequestOptions(options: RequestOptions, isResilient: boolean): void {
  if (typeof options !== "object" || Array.isArray(options)) {
    throw new MultiplexerError(`options must be an object, not ${kindOf(options)}.`);
  }
  const { signal, headers } = options as { signal?: unknown; headers?: unknown };
  if (Boolean(signal) && !isSignal(signal)) {
    throw new MultiplexerError(`options.signal must be an AbortSignal, not ${kindOf(signal)}.`);
  }
  if (Boolean(headers) && typeof headers !== "object") {
    throw new MultiplexerError(`options.headers must be an object, not ${kindOf(headers)}.`);
  }
  // A client that refuses them would be taken for one that has failed, and so would the next.
  if (isResilient) {
    wholeNumber("options.timeout", options.timeout);
    wholeNumber("options.maxRetries", options.maxRetries, mostRetries);
  }
}

/**
 * A number that may have been given, as it is.
 *
 * @throws {MultiplexerError} if it is none from 0 to `most`
 */
export function wholeNumber(
  name: string,
  value: unknown,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) {
    return value;
  }
  const given = typeof value === "number" ? String(value) : kindOf(value);
  throw new MultiplexerError(`${name} must be an integer from 0 to ${most}, not ${given}.`);
}
