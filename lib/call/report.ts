// What programs ask about a call of theirs: see trail.ts.

import type { CallReport } from "../types/index.js";
import { CallPromise } from "./promise.js";
import { trailOf } from "./trail.js";

/**
 * What became of a call: which target answered, which were asked, and how long it took.
 *
 * @param result what the call gave (a completion, a stream, a `Response` of `multiplexer.fetch`),
 * the error that it failed with, or its promise, also while it is pending
 * @returns undefined for anything that no call of a multiplexer has given, a copy of an answer too
 *
 * @example
 * ```ts
 * const completion = await multiplexer.chat.completions.create({ model: "any", messages });
 * console.log(reportOf(completion)?.id);
 * ```
 */
export function reportOf(result: unknown): CallReport | undefined {
  const trail = result instanceof CallPromise ? result.trail() : trailOf(result);
  return trail?.report();
}
