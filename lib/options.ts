// What `new Multiplexer()` is given: checked at once, with defaults put in.

import { checkConnection, openedWithin } from "./connection.js";
import type { Connection } from "./connection.js";
import { MultiplexerError } from "./errors.js";
import { checkResilience } from "./resilience.js";
import type { Resilience } from "./resilience.js";
import type { CooldownOptions, MultiplexerOptions } from "./types/index.js";

/** Options with nothing left out. */
export interface CheckedOptions {
  logger: MultiplexerOptions["logger"];
  cooldown: { defaultMs: number; minMs: number; maxMs: number };
  connection: Connection;
  resilience: Resilience;
}

/** @throws {MultiplexerError} naming the option and what is expected */
export function checkOptions(options: MultiplexerOptions | undefined): CheckedOptions {
  checkNames("options", options, [
    "logger",
    "cooldown",
    "proxy",
    "http2",
    "policy",
    "strategy",
    "timeouts",
    "outcomes",
    "retryBudget",
    "maxWaitMs",
  ]);
  const logger = options?.logger;
  const isLogger = logger === undefined || logger === false || typeof logger === "object";
  if (!isLogger || (logger as unknown) === null) {
    throw new MultiplexerError(
      "options.logger must be false or an object with log, warn and error, such as console.",
    );
  }
  const resilience = checkResilience(options ?? {});
  return {
    logger,
    cooldown: checkCooldown(options?.cooldown, resilience),
    connection: checkConnection("options", options ?? {}, openedWithin(resilience.connectMs)),
    resilience,
  };
}

function checkCooldown(
  cooldown: CooldownOptions | undefined,
  { policy }: Resilience,
): CheckedOptions["cooldown"] {
  const isResilient = policy === "resilient";
  checkNames("options.cooldown", cooldown, ["defaultMs", "minMs", "maxMs"]);
  const milliseconds = (name: keyof CooldownOptions, otherwise: number): number => {
    const value = cooldown?.[name] ?? otherwise;
    if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return value;
    throw new MultiplexerError(
      `options.cooldown.${name} must be a number of milliseconds from 0, not ${String(value)}.`,
    );
  };
  const checked = {
    defaultMs: milliseconds("defaultMs", 60_000),
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

function checkNames(what: string, value: object | undefined, known: readonly string[]): void {
  if (value === undefined) return;
  if (typeof value !== "object" || (value as unknown) === null) {
    throw new MultiplexerError(`${what} must be an object.`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new MultiplexerError(
    `${what}: there is no option "${unknown}"; there are ${known.join(", ")}.`,
  );
}
