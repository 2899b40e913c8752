// Where a stored response lies, and calls that are about it.

import { failedCall } from "../call/failed.js";
import { placeOf } from "../call/origin.js";
import type { Place } from "../call/origin.js";
import { CallPromise } from "../call/promise.js";
import { Call } from "../call/run.js";
import type { Surroundings } from "../call/run.js";
import { MultiplexerError } from "../errors.js";
import type { Operation } from "../operation.js";
import type { RequestOptions } from "../types/index.js";

/**
 * Where a stored response lies.
 *
 * @throws {MultiplexerError} where it is not known, or no longer there
 */
export function placeOfStored(around: Surroundings, id: string): Place {
  const { fleet, targets } = around;
  const isKnown = fleet.origin(id) !== 0;
  const place = placeOf(around, id);
  if (isKnown && (place.accountOf !== undefined || place.target !== undefined)) return place;
  const [only, ...others] = targets.keys();
  if (!isKnown && only !== undefined && others.length === 0) return { target: only };
  throw new MultiplexerError(
    isKnown
      ? `The model that has made the response ${JSON.stringify(id)} was removed.`
      : `Which model has made the response ${JSON.stringify(id)} is not known: this multiplexer has ` +
          "not made it, or it was made long ago or as a stream of a client that is called itself.",
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
    const place = placeOfStored(around, id);
    return new CallPromise(new Call(around, { operation, params, options, place }));
  } catch (error) {
    return failedCall(error);
  }
}
