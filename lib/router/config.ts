// What `createRouter()` is given: checked at once, with defaults put in.

import { checkConnection } from "../connection.js";
import { show } from "../resilience.js";
import type { MultiplexerOptions, RouterConfig, RouterStateStore } from "../types/index.js";
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
  if (!Array.isArray(config.providers) || config.providers.length === 0) {
    throw new ConfigurationError("At least one provider must be configured");
  }
  const { strategy = "priority", debug = false, throwOnExhausted = true, logger } = config;
  oneOf("strategy", strategy, ["priority", "least-used"]);
  isBoolean("debug", debug);
  isBoolean("throwOnExhausted", throwOnExhausted);
  checkConnection("config", config);
  return {
    multiplexer: {
      policy: "resilient",
      strategy: strategy === "least-used" ? "least-busy" : strategy,
      maxWaitMs: patienceMs(config.retry),
      logger: logger ?? (debug ? console : false),
      proxy: config.proxy,
      http2: config.http2,
      ...stateOf(config.stateStore),
    },
    aliases: checkAliases(config.modelAliases),
    timeoutMs: atLeast("timeoutMs", config.timeoutMs, 1, 60_000),
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
  const initial = atLeast("retry.initialBackoffMs", retry?.initialBackoffMs, 0, 1000);
  const most = atLeast("retry.maxBackoffMs", retry?.maxBackoffMs, 0, 30_000);
  const multiplier = atLeast("retry.backoffMultiplier", retry?.backoffMultiplier, 1, 2);
  let sum = 0;
  for (let number = 0; number < retries; number++) {
    sum += Math.min(initial * multiplier ** number, most);
  }
  return sum;
}

function checkAliases(aliases: RouterConfig["modelAliases"]): Map<string, string> {
  if (aliases === undefined) return new Map();
  if (typeof aliases !== "object" || (aliases as unknown) === null) {
    throw new ConfigurationError(`modelAliases must be an object, not ${show(aliases)}`);
  }
  const entries = Object.entries(aliases).map(([name, model]): [string, string] => {
    if (typeof model === "string" && model !== "") return [name.toLowerCase(), model];
    throw new ConfigurationError(
      `modelAliases.${name} must be the name of a model, not ${show(model)}`,
    );
  });
  return new Map(entries);
}

function stateOf(_store: RouterStateStore | undefined): object {
  return {};
}

/** @throws {ConfigurationError} for what is no object, or has a member that does not exist */
export function checkNames(what: string, value: unknown, names: readonly string[]): void {
  if (typeof value !== "object" || value === null) {
    throw new ConfigurationError(`${what} must be an object, not ${show(value)}`);
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
  throw new ConfigurationError(`${what} must be a number from ${least}, not ${show(value)}`);
}
