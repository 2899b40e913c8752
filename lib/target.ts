// One registered model: who answers for it and how it is reached. Checks what a program gives.

import { checkConnection } from "./connection.js";
import type { Connection } from "./connection.js";
import { checkEndpoint, isEndpoint, isMeantAsEndpoint } from "./endpoint.js";
import type { CheckedEndpoint } from "./endpoint.js";
import { MultiplexerError } from "./errors.js";
import { kindOf } from "./given.js";
import { checkLimits } from "./limits.js";
import { inDefinition } from "./place.js";
import { checkMembers, checkTags, show } from "./resilience.js";
import { isSdkClient, whyNeverNative } from "./sdk/stock.js";
import type { TargetDto } from "../native.js";
import type { Endpoint, ModelClient, ModelDefinition, ModelOptions } from "./types/index.js";

/** A model as it is registered. */
export interface Target {
  readonly id: string;
  readonly client: ModelClient | CheckedEndpoint;
  readonly modelName: string;
  readonly transport: "auto" | "native" | "client";
  readonly maxConcurrent: number;
  readonly connection: Connection;
  readonly finishOptional: boolean;
  /** Undefined where its name tells. */
  readonly reasoning: boolean | undefined;
  /** What the engine is told. */
  readonly dto: TargetDto;
}

/** Options that only the engine looks at. */
const ofTheEngine = [
  "tier",
  "key",
  "account",
  "provider",
  "tags",
  "contextWindow",
  "finishOptional",
  "prefill",
  "reasoning",
];
const ofLimits = ["limits", "sharedLimits"];
const knownOptions = [
  "id",
  "maxConcurrent",
  "transport",
  "proxy",
  "http2",
  ...ofTheEngine,
  ...ofLimits,
];
const prefills = ["prefix", "continue_final_message", "assistant"];
const transports = ["auto", "native", "client"];

/**
 * Checks a registration: the weight first, then the name, as `@upstash/model-multiplexer` does.
 *
 * @throws {Error} naming the field and what is expected
 */
export function toTarget(
  client: ModelClient | Endpoint,
  weight: number,
  modelName: string,
  options: ModelOptions | undefined,
  usualTier: number,
  general: Connection,
): Target {
  if (!Number.isInteger(weight) || weight <= 0) {
    throw new MultiplexerError("Weight must be a positive integer.");
  }
  if (typeof modelName !== "string" || modelName === "") {
    throw new MultiplexerError("modelName must be a non-empty string.");
  }
  const { id, maxConcurrent, transport } = checkOptions(options);
  return {
    id: id ?? modelName,
    client: checkClient(client, transport),
    modelName,
    transport,
    maxConcurrent,
    connection: options === undefined ? general : checkConnection("options", options, general),
    finishOptional: options?.finishOptional === true,
    reasoning: options?.reasoning,
    dto: {
      id: id ?? modelName,
      model: modelName,
      weight,
      tier: options?.tier ?? usualTier,
      maxConcurrent,
      ...toEngine(options),
    },
  };
}

/**
 * The targets of a list of `updateModels()`, which is called `what`.
 *
 * @throws {MultiplexerError} naming the definition, its field and what is expected
 */
export function definitionsToTargets(
  what: string,
  definitions: unknown,
  usualTier: number,
  general: Connection,
): Target[] {
  if (!Array.isArray(definitions)) {
    throw new MultiplexerError(`${what} must be an array, not ${show(definitions)}.`);
  }
  return definitions.map((definition: ModelDefinition | null, index) => {
    const place = `${what}[${index}]`;
    if (typeof definition !== "object" || definition === null || Array.isArray(definition)) {
      throw new MultiplexerError(`${place} must be an object, not ${kindOf(definition)}.`);
    }
    const { client, weight, modelName, ...options } = definition;
    try {
      return toTarget(client, weight, modelName, options, usualTier, general);
    } catch (error) {
      if (!(error instanceof MultiplexerError)) throw error;
      throw new MultiplexerError(inDefinition(place, error.message));
    }
  });
}

/** @throws {MultiplexerError} for options that `addModel` would not take, where no key can be one of them */
export function checkModelOptions(options: ModelOptions): void {
  checkOptions(options);
  toEngine(options);
}

/** The same target with another key. */
export function withKey(target: Target, apiKey: Endpoint["apiKey"]): Target {
  const { client, id } = target;
  if (!isEndpoint(client)) {
    throw new MultiplexerError(
      `The model "${id}" is no endpoint: give its client the new key itself.`,
    );
  }
  const { baseURL, headers } = client;
  return { ...target, client: checkEndpoint({ baseURL, apiKey, headers }) };
}

/** The function that tells a target's key, if it has one. */
export function keyFunctionOf({ client }: Target): Endpoint["apiKey"] | undefined {
  return isEndpoint(client) && typeof client.apiKey === "function" ? client.apiKey : undefined;
}

function checkOptions(options: ModelOptions | undefined): {
  id: string | undefined;
  maxConcurrent: number;
  transport: Target["transport"];
} {
  if (options === undefined) return { id: undefined, maxConcurrent: 0, transport: "auto" };
  checkMembers("options", options, knownOptions);
  const { id, maxConcurrent, transport } = options;
  if (id !== undefined && (typeof id !== "string" || id === "")) {
    throw new MultiplexerError(`options.id must be a non-empty string, not ${show(id)}.`);
  }
  const most = maxConcurrent ?? 0;
  if (!Number.isInteger(most) || most < 0 || most > 0xffff_ffff) {
    throw new MultiplexerError(
      `options.maxConcurrent must be an integer from 0 to 4294967295, or null for no limit, not ${show(maxConcurrent)}.`,
    );
  }
  if (transport !== undefined && !transports.includes(transport)) {
    throw new MultiplexerError(
      `options.transport must be one of ${transports.join(", ")}, not ${show(transport)}.`,
    );
  }
  return { id, maxConcurrent: most, transport: transport ?? "auto" };
}

type OfTheEngine = Pick<
  TargetDto,
  "key" | "account" | "provider" | "tags" | "contextWindow" | "prefill" | "limits"
>;

/** What the engine looks at besides. */
function toEngine(options: ModelOptions = {}): OfTheEngine {
  const { tier, key, account, provider, tags, contextWindow = 0, prefill } = options;
  if (tier !== undefined && (!Number.isInteger(tier) || tier < 0 || tier > 0xffff)) {
    throw new MultiplexerError(
      `options.tier must be an integer from 0 to 65535, not ${show(tier)}.`,
    );
  }
  for (const [name, value] of Object.entries({ key, account, provider })) {
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw new MultiplexerError(`options.${name} must be a non-empty string, not ${show(value)}.`);
    }
  }
  if (tags !== undefined) checkTags("options.tags", tags);
  if (!Number.isInteger(contextWindow) || contextWindow < 0 || contextWindow > 0xffff_ffff) {
    throw new MultiplexerError(
      `options.contextWindow must be a whole number of tokens from 0 to 4294967295, not ${show(contextWindow)}.`,
    );
  }
  const { finishOptional, reasoning } = options;
  for (const [name, value] of Object.entries({ finishOptional, reasoning })) {
    if (value !== undefined && typeof value !== "boolean") {
      throw new MultiplexerError(`options.${name} must be true or false, not ${show(value)}.`);
    }
  }
  if (prefill !== undefined && !prefills.includes(prefill)) {
    throw new MultiplexerError(
      `options.prefill must be one of ${prefills.join(", ")}, not ${show(prefill)}.`,
    );
  }
  const limits = checkLimits(options);
  return { key, account, provider, tags, contextWindow, prefill, limits } as OfTheEngine;
}

function checkClient(client: unknown, transport: Target["transport"]): Target["client"] {
  const isObject = (typeof client === "object" && client !== null) || typeof client === "function";
  if (!isObject || Array.isArray(client)) {
    throw new MultiplexerError(
      "client must be an OpenAI client, anything else that has chat.completions.create, or an " +
        `endpoint { baseURL, apiKey }, not ${kindOf(client)}.`,
    );
  }
  if (isMeantAsEndpoint(client)) {
    const endpoint = checkEndpoint(client);
    if (transport === "client") {
      throw new MultiplexerError(
        'options.transport must not be "client" for an endpoint: there is no client to call.',
      );
    }
    return endpoint;
  }
  if (transport === "native") {
    const why = isSdkClient(client) ? whyNeverNative(client) : "it is no OpenAI client";
    if (why !== undefined) {
      throw new MultiplexerError(`options.transport must not be "native" for this client: ${why}.`);
    }
  }
  // It is called when its turn comes, as `@upstash/model-multiplexer` does.
  return client as ModelClient;
}
