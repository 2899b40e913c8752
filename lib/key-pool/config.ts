// What `new KeyPool()` is given: checked at once.

import { checkKey } from "../endpoint.js";
import { checkLimits } from "../limits.js";
import { show } from "../resilience.js";
import { atLeast, checkNames, configured, oneOf } from "../router/config.js";
import type { KeyPoolConfig, KeyPoolProvider } from "../types/index.js";
import { checkMaxConcurrent } from "../target.js";
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
  const { providers, strategy, logger } = config;
  if (!Array.isArray(providers)) {
    throw new ConfigurationError(`providers must be an array, not ${show(providers)}`);
  }
  if (providers.length === 0) {
    throw new ConfigurationError("At least one provider must be configured");
  }
  if (logger !== undefined && logger !== false && typeof logger !== "object") {
    throw new ConfigurationError(
      `logger must be false or an object with log, warn and error, such as console, not ${show(logger)}`,
    );
  }
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

/** @throws {ConfigurationError} for what is no function, no option, or no signal, which is returned */
export function checkCall(handler: unknown, options: unknown): AbortSignal | undefined {
  if (typeof handler !== "function") {
    throw new ConfigurationError(`handler must be a function, not ${show(handler)}`);
  }
  if (options === undefined) return undefined;
  checkNames("options", options, ["signal"]);
  const { signal } = options as { signal?: AbortSignal | null };
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal === "object" && typeof signal.addEventListener === "function") return signal;
  throw new ConfigurationError(`options.signal must be an AbortSignal, not ${show(signal)}`);
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
  if (typeof sharedLimits === "object" && (sharedLimits as unknown) !== null) {
    checkNames(`${what}.sharedLimits`, sharedLimits, ["key", "model", "provider"]);
  }
  configured(what, () => checkMaxConcurrent(maxConcurrent));
  configured(what, () => checkLimits({ limits, sharedLimits, key: name, provider: name }));
  const isName = (model: unknown): boolean => typeof model === "string" && model !== "";
  if (!Array.isArray(models) || models.length === 0 || !models.every(isName)) {
    throw new ConfigurationError(`${what}.models must be an array of at least one name`);
  }
  if (new Set(models).size < models.length) {
    throw new ConfigurationError(`${what}.models must not name a model twice`);
  }
}
