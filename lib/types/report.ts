// What `reportOf()` tells of a call.

/** One target that a call asked. */
export interface CallAttempt {
  /** The target's id, as in `getStats()`. */
  id: string;
  /** The `model` that it was asked for. */
  modelName: string;
  /**
   * `rate_limited`: 429 or 529, and the next target was asked. `failed`: any other failure, which
   * under the policy `"compat"` the call fails with. `aborted`: by the caller, or because another
   * target that was asked beside it has answered. `passed_over`: its client has no method for this
   * kind of call. `pending`: it has not answered yet. With `midStream: "recover"`, `interrupted`: its stream broke off;
   * `diverged`: it was to go on with an answer and said something else.
   */
  outcome:
    | "success"
    | "rate_limited"
    | "failed"
    | "aborted"
    | "passed_over"
    | "pending"
    | "interrupted"
    | "diverged";
  /** The HTTP status where it is known; a client that is called itself tells it only of its errors. */
  status: number | undefined;
  /** Milliseconds until the answer; for a stream, until its headers. Retries at this target are in it. */
  durationMs: number;
  /** Milliseconds to the first token of a stream, under the policy `"resilient"`, once it has come. */
  firstTokenMs: number | undefined;
  /**
   * Under the policy `"resilient"`: the tokens that it read and wrote; for a stream, once it has ended
   * or was left. Undefined where they are not known, as when it was refused before any work.
   */
  tokens: AttemptTokens | undefined;
  /** Who could not be asked in its place, under the policy `"resilient"`. */
  passedOver: readonly PassedOver[];
}

/** The tokens of an attempt. */
export interface AttemptTokens {
  /** Of the prompt. */
  input: number;
  /** Of the answer. */
  output: number;
  /**
   * The provider has not told them: the input is a token for every four bytes of the request
   * (without what is sent as base64), the output one for each event of the stream.
   */
  isEstimated: boolean;
}

/** A target that a call was not given. */
export interface PassedOver {
  /** The target's id. */
  id: string;
  /**
   * `probing`: another call finds out whether it is back. `unmatched`: it lacks a tag that the call
   * requires. `too_small`: the request is known to be too long for its context.
   */
  reason: "resting" | "probing" | "at_capacity" | "unmatched" | "too_small";
}

/** What became of a call. */
export interface CallReport {
  /** The id of the target that answered; undefined if none has. */
  id: string | undefined;
  /** The `model` that answered; undefined if none has. */
  modelName: string | undefined;
  /** Every target that was asked, in order. */
  attempts: CallAttempt[];
  /** Who could not be asked when nobody was left to ask, under the policy `"resilient"`. */
  passedOver: readonly PassedOver[];
  /** Milliseconds from the call to its answer; for a stream, to its headers. */
  durationMs: number;
}
