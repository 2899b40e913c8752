// What `new Multiplexer()` is given: checked at once, with defaults put in.

import { checkConnection, openedWithin } from "./connection.js";
import type { Connection } from "./connection.js";
import { MultiplexerError } from "./errors.js";
import { checkLogger } from "./log.js";
import { checkMembers, checkResilience, show } from "./resilience.js";
import type { Resilience } from "./resilience.js";
import { checkState } from "./state.js";
import type { CheckedState } from "./state.js";
import type { CooldownOptions, MultiplexerOptions } from "./types/index.js";

/** Options with nothing left out. */
export interface CheckedOptions {
  logger: MultiplexerOptions["logger"];
  cooldown: { defaultMs: number; failureMs: number; minMs: number; maxMs: number };
  connection: Connection;
  resilience: Resilience;
  state: CheckedState;
}

/** @throws {MultiplexerError} naming the option and what is expected */
export function checkOptions(options: MultiplexerOptions | undefined): CheckedOptions {
  checkMembers("options", options, [
    "logger",
    "cooldown",
    "proxy",
    "http2",
    "policy",
    "strategy",
    "timeouts",
    "outcomes",
    "retryBudget",
    "hedge",
    "maxWaitMs",
    "midStream",
    "state",
    "share",
  ]);
  const logger: unknown = options?.logger;
  checkLogger(logger);
  const resilience = checkResilience(options ?? {});
  return {
    logger,
    cooldown: checkCooldown(options?.cooldown, resilience),
    connection: checkConnection("options", options ?? {}, openedWithin(resilience.connectMs)),
    resilience,
    state: checkState(options ?? {}),
  };
}

function checkCooldown(
  cooldown: CooldownOptions | undefined,
  { policy }: Resilience,
): CheckedOptions["cooldown"] {
  const isResilient = policy === "resilient";
  checkMembers("options.cooldown", cooldown, ["defaultMs", "failureMs", "minMs", "maxMs"]);
  const milliseconds = (name: keyof CooldownOptions, otherwise: number): number => {
    const value = cooldown?.[name] ?? otherwise;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw new MultiplexerError(
      `options.cooldown.${name} must be a number of milliseconds from 0, not ${show(value)}.`,
    );
  };
  const checked = {
    defaultMs: milliseconds("defaultMs", 60_000),
    failureMs: milliseconds("failureMs", 1_000),
    minMs: milliseconds("minMs", isResilient ? 250 : 1_000),
    maxMs: milliseconds("maxMs", isResilient ? 86_400_000 : 600_000),
  };
  if (checked.minMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.minMs (${checked.minMs}) must not be above maxMs (${checked.maxMs}).`,
    );
  }
  return checked;
}
