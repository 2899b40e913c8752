// An attempt at an endpoint whose function has told no key: it has thrown, or what it told is none.

import type { Answer } from "../exchange.js";
import { hub } from "../hub.js";

/** A request that there is no key for. */
export class NoKey {
  constructor(readonly reason: unknown) {}
}

/**
 * What came of the attempt. Nothing was sent, and another target may have its key: the policy is
 * told of it as of a server that cannot be reached.
 *
 * @param request what was asked, as JSON; empty where the engine has it
 */
export function withoutKey(call: number, { reason }: NoKey, request: string): Answer {
  hub.native.judgeUnsent(call, request);
  return { kind: "noKey", error: reason };
}
