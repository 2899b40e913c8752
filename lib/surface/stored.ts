// Where a stored response lies, and calls that are about it.

import { failedCall } from "../call/failed.js";
import { CallPromise } from "../call/promise.js";
import { Call } from "../call/run.js";
import type { Surroundings } from "../call/run.js";
import { MultiplexerError } from "../errors.js";
import type { Operation } from "../operation.js";
import type { RequestOptions } from "../types/index.js";

/**
 * The target that made a response.
 *
 * @throws {MultiplexerError} where it is not known, or no longer there
 */
export function boundTarget({ places, targets }: Surroundings, id: string): number {
  const known = places.get(id);
  if (known !== undefined && targets.has(known)) return known;
  const [only, ...others] = targets.keys();
  if (known === undefined && only !== undefined && others.length === 0) return only;
  throw new MultiplexerError(
    known === undefined
      ? `Which model has made the response ${JSON.stringify(id)} is not known: this multiplexer has ` +
          "not made it, or it was made long ago or as a stream of a client that is called itself."
      : `The model that has made the response ${JSON.stringify(id)} was removed.`,
  );
}

/** A call about a stored response, to the target that has it. Fails as a promise. */
export function callStored(
  around: Surroundings,
  id: string,
  operationOf: (id: string) => Operation,
  params: object,
  options: RequestOptions | undefined,
): CallPromise<unknown> {
  try {
    const operation = operationOf(id);
    const boundTo = boundTarget(around, id);
    return new CallPromise(new Call(around, { operation, params, options, boundTo }));
  } catch (error) {
    return failedCall(error);
  }
}
