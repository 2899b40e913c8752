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
  // What is not given makes room for what is.
  const usual = Math.max(60_000, milliseconds("minMs", 0));
  const defaultMs = milliseconds("defaultMs", Math.min(usual, milliseconds("maxMs", usual)));
  const checked = {
    defaultMs,
    failureMs: milliseconds("failureMs", 1_000),
    minMs: milliseconds("minMs", Math.min(isResilient ? 250 : 1_000, defaultMs)),
    maxMs: milliseconds("maxMs", Math.max(isResilient ? 86_400_000 : 600_000, defaultMs)),
  };
  if (checked.minMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.minMs (${checked.minMs}) must not be above maxMs (${checked.maxMs}).`,
    );
  }
  if (defaultMs < checked.minMs || defaultMs > checked.maxMs) {
    throw new MultiplexerError(
      `options.cooldown.defaultMs (${defaultMs}) must be from minMs (${checked.minMs}) to maxMs (${checked.maxMs}).`,
    );
  }
  return checked;
}
