// Limits as programs give them, checked and turned into the engine's, and what is left of them.

import type { LimitDto, QuotaDto } from "../native.js";
import { MultiplexerError } from "./errors.js";
import { native } from "./hub.js";
import { show } from "./resilience.js";
import type { LimitStatus, ModelOptions } from "./types/index.js";

const names = ["rpm", "rph", "rpd", "tpm", "tph", "tpd"];
/** What can be shared, and the option that names it. */
const namedBy = {
  key: "key",
  account: "account",
  accountModel: "account",
  provider: "provider",
  model: "provider",
} as const;
const scopes = Object.keys(namedBy) as (keyof typeof namedBy)[];

/** @throws {MultiplexerError} naming the field, its value and what is expected */
export function checkLimits({ limits, sharedLimits, ...options }: ModelOptions): LimitDto[] {
  const own = limits === undefined ? [] : ofScope("options.limits", "target", limits);
  if (sharedLimits === undefined) return own;
  const shared = object("options.sharedLimits", sharedLimits, scopes);
  const ofShared = scopes.flatMap((scope) => {
    const given = shared[scope];
    if (given === undefined) return [];
    const what = `options.sharedLimits.${scope}`;
    const sharer = namedBy[scope];
    if (options[sharer] === undefined) {
      throw new MultiplexerError(
        `${what} needs options.${sharer}: the name by which targets share the limits.`,
      );
    }
    const { concurrent, ...limits } = object(what, given, [...names, "concurrent"]);
    return [...ofScope(what, scope, limits), ...ofConcurrent(what, scope, concurrent)];
  });
  return [...own, ...ofShared];
}

/** True if tokens are limited: then calls are counted before they are made. */
export function limitsTokens(limits: readonly LimitDto[] | null | undefined): boolean {
  return limits?.some(({ name }) => name.startsWith("tp")) ?? false;
}

/** What is left of a target's limits. */
export function toLimitStatus(dto: QuotaDto): LimitStatus {
  return {
    scope: dto.scope as LimitStatus["scope"],
    scopeName: dto.scopeName,
    name: dto.name as LimitStatus["name"],
    limit: dto.most,
    remaining: dto.remaining,
    resetsAt: dto.resetsAt ?? undefined,
  };
}

function ofScope(what: string, scope: string, given: unknown): LimitDto[] {
  const limits = object(what, given, names);
  return Object.entries(limits)
    .filter(([, limit]) => limit !== undefined)
    .map(([name, limit]) => ofLimit(`${what}.${name}`, scope, name, limit));
}

/** How many calls may be under way at a time, as the engine is told of it. */
function ofConcurrent(what: string, scope: string, given: unknown): LimitDto[] {
  if (given === undefined) return [];
  const name = "concurrent";
  if (typeof given !== "number" || !Number.isInteger(given) || given < 1 || given > 0xffff_ffff) {
    throw new MultiplexerError(
      `${what}.${name} must be an integer from 1 to 4294967295, not ${show(given)}.`,
    );
  }
  return [{ scope, name, most: given, slides: false }];
}

function ofLimit(what: string, scope: string, name: string, given: unknown): LimitDto {
  if (typeof given === "number") {
    return { scope, name, most: positive(what, given), slides: false };
  }
  const known = ["limit", "zone", "window"];
  const { limit, zone, window } = object(what, given, known, "a positive integer or an object");
  if (window !== undefined && window !== "fixed" && window !== "sliding") {
    throw new MultiplexerError(`${what}.window must be "fixed" or "sliding", not ${show(window)}.`);
  }
  if (zone !== undefined && !(typeof zone === "string" && native.NativeFleet.isTimeZone(zone))) {
    throw new MultiplexerError(
      `${what}.zone must be an IANA time zone such as "America/Los_Angeles", not ${show(zone)}.`,
    );
  }
  if (zone !== undefined && window === "sliding") {
    throw new MultiplexerError(`${what}.zone is of no use where the window is "sliding".`);
  }
  return {
    scope,
    name,
    most: positive(`${what}.limit`, limit),
    slides: window === "sliding",
    ...(typeof zone === "string" ? { zone } : undefined),
  };
}

function positive(what: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new MultiplexerError(
    `${what} must be an integer from 1 to ${Number.MAX_SAFE_INTEGER}, not ${show(value)}.`,
  );
}

function object(
  what: string,
  value: unknown,
  known: readonly string[],
  expected = "an object",
): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MultiplexerError(`${what} must be ${expected}, not ${show(value)}.`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return value as Record<string, unknown>;
  throw new MultiplexerError(
    `${what}: there is no option "${unknown}"; there are ${known.join(", ")}.`,
  );
}
