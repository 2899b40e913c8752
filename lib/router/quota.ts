// What `getQuotaStatus()` tells of a target, from its report.

import type { QuotaStatus, TargetReport } from "../types/index.js";

export function toQuota({ limits, state, restsUntil }: TargetReport): QuotaStatus["quota"] {
  // Of two of the same name, as its own and its account's, the one that ends first: it comes last.
  const byRemaining = [...limits].sort((one, other) => other.remaining - one.remaining);
  const entries = byRemaining.map(({ name, limit, remaining, resetsAt }) => {
    const resets = resetsAt === undefined ? undefined : new Date(resetsAt);
    return [name, { limit, used: limit - remaining, remaining, resetsAt: resets }];
  });
  return {
    limits: Object.fromEntries(entries) as QuotaStatus["quota"]["limits"],
    state,
    restsUntil: restsUntil === undefined ? undefined : new Date(restsUntil),
  };
}
