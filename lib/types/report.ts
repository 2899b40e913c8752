// What `reportOf()` tells of a call.

/** One target that a call asked. */
export interface CallAttempt {
  /** The target's id, as in `getStats()`. */
  id: string;
  /** The `model` that it was asked for. */
  modelName: string;
  /**
   * `rateLimited`: 429 or 529, and the next target was asked. `failed`: any other failure, which
   * under the policy `"compat"` the call fails with. `passedOver`: its client has no method for this kind of call. `pending`:
   * it has not answered yet. With `midStream: "recover"`, `interrupted`: its stream broke off;
   * `diverged`: it was to go on with an answer and said something else.
   */
  outcome:
    | "answered"
    | "rateLimited"
    | "failed"
    | "aborted"
    | "passedOver"
    | "pending"
    | "interrupted"
    | "diverged";
  /** The HTTP status where it is known; a client that is called itself tells it only of its errors. */
  status: number | undefined;
  /** Milliseconds until the answer; for a stream, until its headers. Retries at this target are in it. */
  durationMs: number;
  /**
   * With `midStream: "recover"`, the usage that this attempt's own stream has told, which is what
   * was billed; undefined where it told none. What the caller reads in the stream is the usage of
   * the whole answer.
   */
  usage: unknown;
}

/** What became of a call. */
export interface CallReport {
  /** The id of the target that answered; undefined if none has. */
  id: string | undefined;
  /** The `model` that answered; undefined if none has. */
  modelName: string | undefined;
  /** Every target that was asked, in order. */
  attempts: CallAttempt[];
  /** Milliseconds from the call to its answer; for a stream, to its headers. */
  durationMs: number;
}
