// What comes of asking one target, as a call goes by it.

import type { MultiplexerError } from "../errors.js";

/** What came of asking one target. `status` is the HTTP status where it is known. */
export type Outcome =
  | { kind: "success"; status: number | undefined; value: unknown }
  | {
      kind: "rate_limited";
      status: number;
      retryAfterMs: string | null;
      retryAfter: string | null;
      error: () => unknown;
    }
  | {
      kind: "failed";
      status: number | undefined;
      error: unknown;
      /** No target is to blame, and the lease is settled. */
      isOwn?: boolean;
    }
  | { kind: "passed_over"; status: undefined; error: () => MultiplexerError }
  | { kind: "aborted"; status: undefined; error: unknown };
