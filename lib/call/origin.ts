// Where an id has come from, as the engine remembers it, and who therefore has to answer.

import type { Surroundings } from "./run.js";

/** Who alone can answer a call. */
export type Place =
  /** This target, also while it rests. */
  | { readonly target: number | undefined; readonly accountOf?: undefined }
  /** Any target of the account from which this id has come. */
  | { readonly target?: undefined; readonly accountOf: string };

/** Where to ask about what has this id: under "resilient" an account, else the target itself. */
export function placeOf(around: Surroundings, id: string): Place {
  if (around.resilience.policy === "resilient") return { accountOf: id };
  return { target: originOf(around, id) };
}

/** The target that has made this; undefined if that is not known, or it was removed. */
export function originOf({ fleet, targets }: Surroundings, id: string): number | undefined {
  const origin = fleet.origin(id);
  return targets.has(origin) ? origin : undefined;
}

/** @param id undefined for what has none */
export function remember({ fleet }: Surroundings, id: string | undefined, target: number): void {
  if (id !== undefined) fleet.remember(id, target);
}
