// What `createRouter()` is given: checked at once, with defaults put in.

import { checkConnection } from "../connection.js";
import { kindOf } from "../given.js";
import { Multiplexer } from "../multiplexer.js";
import { inPlace } from "../place.js";
import { show } from "../resilience.js";
import type { MultiplexerOptions, RouterConfig } from "../types/index.js";
import { ConfigurationError } from "./errors.js";

/** A configuration with nothing left out. */
export interface CheckedConfig {
  readonly multiplexer: MultiplexerOptions;
  /** By name in lower case. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly timeoutMs: number;
  readonly throwOnExhausted: boolean;
}

const known = [
  "providers",
  "strategy",
  "modelAliases",
  "timeoutMs",
  "retry",
  "stateStore",
  "state",
  "share",
  "throwOnExhausted",
  "debug",
  "logger",
  "catalogue",
  "proxy",
  "http2",
];

/** @throws {ConfigurationError} naming the field, what was given and what is expected */
export function checkConfig(config: RouterConfig): CheckedConfig {
  checkNames("config", config, known);
  const providers: unknown = config.providers;
  if (providers !== undefined && !Array.isArray(providers)) {
    throw new ConfigurationError(`providers must be an array, not ${kindOf(providers)}`);
  }
  if (providers === undefined || providers.length === 0) {
    throw new ConfigurationError("At least one provider must be configured");
  }
  const { strategy = "priority", debug = false, throwOnExhausted = true } = config;
  const { logger = debug ? console : false } = config;
  oneOf("strategy", strategy, ["priority", "least-used"]);
  isBoolean("debug", debug);
  isBoolean("throwOnExhausted", throwOnExhausted);
  configured("", () => checkConnection("options", config));
  return {
    multiplexer: {
      policy: "resilient",
      strategy,
      maxWaitMs: patienceMs(config.retry),
      logger,
      proxy: config.proxy,
      http2: config.http2,
      ...stateOf(config),
    },
    aliases: checkAliases(config.modelAliases),
    timeoutMs: checkTimeout(config.timeoutMs),
    throwOnExhausted,
  };
}

/** For how long a call waits when everybody has failed: all the pauses that `retry` names. */
function patienceMs(retry: RouterConfig["retry"]): number {
  if (retry !== undefined) {
    const names = ["maxRetries", "initialBackoffMs", "maxBackoffMs", "backoffMultiplier"];
    checkNames("retry", retry, names);
  }
  const retries = atLeast("retry.maxRetries", retry?.maxRetries, 0, 3);
  if (!Number.isInteger(retries) || retries > 1000) {
    throw new ConfigurationError(
      `retry.maxRetries must be an integer from 0 to 1000, not ${retries}`,
    );
  }
  const initial = pauseMs("retry.initialBackoffMs", retry?.initialBackoffMs, 1000);
  const most = pauseMs("retry.maxBackoffMs", retry?.maxBackoffMs, 30_000);
  const multiplier = atLeast("retry.backoffMultiplier", retry?.backoffMultiplier, 1, 2);
  let sum = 0;
  for (let number = 0; number < retries; number++) {
    sum += Math.min(initial * multiplier ** number, most);
  }
  return sum;
}

/** What a timer takes at most. */
const longestTimer = 2 ** 31 - 1;
/** No pause is longer than a day. */
const longestPauseMs = 86_400_000;

function pauseMs(what: string, value: unknown, otherwise: number): number {
  const given = atLeast(what, value, 0, otherwise);
  if (given <= longestPauseMs) return given;
  throw new ConfigurationError(
    `${what} must be a number from 0 to ${longestPauseMs}, not ${given}`,
  );
}

function checkTimeout(value: unknown): number {
  if (value === undefined) return 60_000;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= longestTimer) {
    return value;
  }
  throw new ConfigurationError(
    `timeoutMs must be a whole number of milliseconds from 1 to ${longestTimer}, not ${show(value)}`,
  );
}

function checkAliases(aliases: RouterConfig["modelAliases"]): Map<string, string> {
  if (aliases === undefined) return new Map();
  if (typeof aliases !== "object" || (aliases as unknown) === null || Array.isArray(aliases)) {
    throw new ConfigurationError(`modelAliases must be an object, not ${kindOf(aliases)}`);
  }
  const entries = Object.entries(aliases).map(([name, model]): [string, string] => {
    if (typeof model === "string" && model !== "") return [name.toLowerCase(), model];
    throw new ConfigurationError(
      `modelAliases.${name} must be the name of a model, not ${show(model)}`,
    );
  });
  return new Map(entries);
}

/** The multiplexer's options of the state, which it checks itself. */
function stateOf({
  stateStore,
  state,
  share,
}: RouterConfig): Pick<MultiplexerOptions, "state" | "share"> {
  if (stateStore === undefined) return { state, share };
  if (state !== undefined) {
    throw new ConfigurationError("stateStore and state say the same: give one of them");
  }
  if (typeof stateStore !== "object" || (stateStore as unknown) === null) {
    throw new ConfigurationError(`stateStore must be an object, not ${kindOf(stateStore)}`);
  }
  oneOf("stateStore.type", stateStore.type, ["memory", "file", "redis"]);
  switch (stateStore.type) {
    case "memory":
      return { share };
    case "file":
      return { state: { ...stateStore, path: stateStore.path ?? "state.json" }, share };
    case "redis":
      return { state: { ...stateStore, url: stateStore.url ?? "redis://127.0.0.1:6379" }, share };
  }
}

/** @throws {ConfigurationError} for what is no object, or has a member that does not exist */
export function checkNames(what: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    // What was given may be a key.
    throw new ConfigurationError(`${what} must be an object, not ${kindOf(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `${what}: there is no option "${unknown}"; there are ${names.join(", ")}`,
  );
}

/** @throws {ConfigurationError} for what is none of these */
export function oneOf(what: string, value: unknown, values: readonly string[]): void {
  if (typeof value === "string" && values.includes(value)) return;
  throw new ConfigurationError(`${what} must be one of ${values.join(", ")}, not ${show(value)}`);
}

/** @throws {ConfigurationError} for what is neither true nor false */
export function isBoolean(what: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new ConfigurationError(`${what} must be true or false, not ${show(value)}`);
}

/** @throws {ConfigurationError} for what is no number from `least` */
export function atLeast(what: string, value: unknown, least: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
  const from = Number.isFinite(least) ? ` from ${least}` : "";
  throw new ConfigurationError(`${what} must be a number${from}, not ${show(value)}`);
}

/**
 * Makes what a check of the multiplexer's complains of a matter of the configuration.
 *
 * @throws {ConfigurationError} naming the field at `what`, and what the check has said
 */
export function configured<T>(what: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw misconfigured(what, (error as Error).message);
  }
}

/**
 * A multiplexer with these options; `state` is what the configuration calls that option.
 *
 * @throws {ConfigurationError} for what the multiplexer does not take, as a file that another has
 */
export function openMultiplexer(options: MultiplexerOptions, state = "state"): Multiplexer {
  try {
    return new Multiplexer(options);
  } catch (error) {
    const { message } = error as Error;
    throw misconfigured("", message.replace(/^options\.state\b/, `options.${state}`));
  }
}

/** What a check of the multiplexer's complains of, with the field at `what`. */
export function misconfigured(what: string, message: string): ConfigurationError {
  return new ConfigurationError(inPlace(what, message).replace(/\.$/, ""));
}
