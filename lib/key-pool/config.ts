// What `new KeyPool()` is given: checked at once.

import { checkKey } from "../endpoint.js";
import { MultiplexerError } from "../errors.js";
import { isSignal, kindOf } from "../given.js";
import { checkLogger } from "../log.js";
import { checkMembers, show } from "../resilience.js";
import { checkModelOptions } from "../target.js";
import { atLeast, checkNames, configured, oneOf } from "../router/config.js";
import type { KeyPoolCallOptions, KeyPoolConfig, KeyPoolProvider } from "../types/index.js";
import { ConfigurationError } from "./errors.js";

const known = [
  "providers",
  "cooldownMs",
  "strategy",
  "onKeyFailure",
  "onModelSwitch",
  "onProviderSwitch",
  "state",
  "share",
  "logger",
];
const ofProvider = ["name", "keys", "models", "limits", "sharedLimits", "maxConcurrent"];

/** @throws {ConfigurationError} naming the field, what was given (never a key) and what is expected */
export function checkPool(config: KeyPoolConfig): { cooldownMs: number } {
  checkNames("config", config, known);
  const { providers, strategy } = config;
  if (!Array.isArray(providers) || providers.length === 0) {
    const not = Array.isArray(providers) ? "one of none" : kindOf(providers);
    throw new ConfigurationError(`providers must be an array of at least one, not ${not}`);
  }
  configured("", () => {
    checkLogger(config.logger);
  });
  if (strategy !== undefined) oneOf("strategy", strategy, ["priority", "sticky", "round-robin"]);
  for (const name of ["onKeyFailure", "onModelSwitch", "onProviderSwitch"] as const) {
    const hook: unknown = config[name];
    if (hook === undefined || typeof hook === "function") continue;
    throw new ConfigurationError(`${name} must be a function, not ${show(hook)}`);
  }
  const names = new Set<string>();
  config.providers.forEach((provider, index) => {
    const what = `providers[${index}]`;
    checkProvider(what, provider);
    if (names.has(provider.name)) {
      throw new ConfigurationError(`${what}.name: "${provider.name}" occurs twice`);
    }
    names.add(provider.name);
  });
  return { cooldownMs: atLeast("cooldownMs", config.cooldownMs, 0, 60_000) };
}

function checkProvider(what: string, provider: KeyPoolProvider): void {
  checkNames(what, provider, ofProvider);
  const { name, keys, models, limits, sharedLimits, maxConcurrent } = provider;
  if (typeof name !== "string" || name === "") {
    throw new ConfigurationError(`${what}.name must be a non-empty string, not ${show(name)}`);
  }
  if (!Array.isArray(keys) || keys.length === 0) {
    throw new ConfigurationError(`${what}.keys must be an array of at least one key`);
  }
  keys.forEach((key: unknown, index) => {
    if (typeof key === "function") return;
    try {
      checkKey(key);
    } catch {
      throw new ConfigurationError(
        `${what}.keys[${index}] must be a key: a non-empty string that fits into a header, or a function that tells it`,
      );
    }
  });
  if (sharedLimits !== undefined) {
    checkNames(`${what}.sharedLimits`, sharedLimits, ["key", "provider", "model"]);
  }
  configured(what, () => {
    checkModelOptions({ limits, sharedLimits, maxConcurrent, key: name, provider: name });
  });
  const isName = (model: unknown): boolean => typeof model === "string" && model !== "";
  if (!Array.isArray(models) || models.length === 0 || !models.every(isName)) {
    throw new ConfigurationError(`${what}.models must be an array of at least one name`);
  }
  if (new Set(models).size < models.length) {
    throw new ConfigurationError(`${what}.models must not name a model twice`);
  }
}

/** @throws {MultiplexerError} for a handler that is no function, and for a call's options that are wrong */
export function checkCall(
  handler: unknown,
  options: KeyPoolCallOptions | null | undefined,
): AbortSignal | undefined {
  if (typeof handler !== "function") {
    throw new MultiplexerError(`handler must be a function, not ${kindOf(handler)}.`);
  }
  if (options === undefined || options === null) return undefined;
  checkMembers("options", options, ["signal"]);
  const { signal } = options;
  if (signal === undefined || signal === null) return undefined;
  if (isSignal(signal)) return signal;
  throw new MultiplexerError(`options.signal must be an AbortSignal, not ${kindOf(signal)}.`);
}
