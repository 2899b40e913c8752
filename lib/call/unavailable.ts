// The errors for calls of which there was no target to ask.

import { AccountBoundError, ModelSelectionError, MultiplexerError } from "../errors.js";
import type { BindingDto, UnavailableDto } from "../../native.js";

/** The error for a pick that found no target. */
export function unavailable(why: UnavailableDto | null): MultiplexerError {
  const retryAfterMs = why?.retryAfterMs;
  if (why?.binding !== undefined) return unavailableInAccount(why, why.binding);
  switch (why?.reason) {
    case "resting":
      return new ModelSelectionError("All models are temporarily rate limited.", {
        code: "rate_limited",
        retryAfterMs,
      });
    case "at_capacity":
      return new ModelSelectionError(
        retryAfterMs === undefined
          ? "All models are at capacity."
          : "All models are at capacity or temporarily rate limited.",
        { code: "at_capacity", retryAfterMs },
      );
    case "unmatched":
      return new ModelSelectionError("No model has the tags that the call requires.", {
        code: "no_models",
      });
    case "empty":
      return new ModelSelectionError("No models available in the multiplexer.", {
        code: "no_models",
      });
    default:
      return new MultiplexerError("The multiplexer was closed.");
  }
}

/** The error for a call that is held to an account, of which there was no target. */
function unavailableInAccount(
  { reason, retryAfterMs }: UnavailableDto,
  { field, atOdds, targets }: BindingDto,
): AccountBoundError {
  const of = `The call's ${field} belongs to the account of ${targets.map((id) => JSON.stringify(id)).join(", ")}`;
  const details = { field, targets, retryAfterMs };
  if (atOdds !== undefined) {
    return new AccountBoundError(
      `The call's ${field} and ${atOdds} belong to different accounts: no model knows both.`,
      { ...details, code: "no_models" },
    );
  }
  if (targets.length === 0) {
    return new AccountBoundError(
      `The call's ${field} belongs to an account of which there is no model any more.`,
      { ...details, code: "no_models" },
    );
  }
  switch (reason) {
    case "resting":
      return new AccountBoundError(`${of}, all of whose models are temporarily rate limited.`, {
        ...details,
        code: "rate_limited",
      });
    case "at_capacity":
      return new AccountBoundError(`${of}, all of whose models are at capacity.`, {
        ...details,
        code: "at_capacity",
      });
    default:
      return new AccountBoundError(`${of}, no model of which has what the call requires.`, {
        ...details,
        code: "no_models",
      });
  }
}
