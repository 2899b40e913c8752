// What `updateModels()` is given, checked and turned into targets.

import type { Connection } from "./connection.js";
import { MultiplexerError } from "./errors.js";
import { show } from "./resilience.js";
import { definitionToTarget } from "./target.js";
import type { Target } from "./target.js";
import type { ModelDefinition, ModelsUpdate } from "./types/index.js";

/** When targets are asked that name no tier, by where they are given. */
const tiers = { models: 0, fallbackModels: 1 };
const known = Object.keys(tiers);

/** @throws {MultiplexerError} naming what is wrong, or the id that occurs twice */
export function toTargets(update: ModelsUpdate, general: Connection): Target[] {
  checkObject("The update", update);
  const unknown = Object.keys(update).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new MultiplexerError(
      `There is no "${unknown}" to update; there are ${known.join(", ")}.`,
    );
  }
  const { models, fallbackModels } = update;
  const targets = [
    ...ofTier("models", models, general),
    ...ofTier("fallbackModels", fallbackModels ?? [], general),
  ];
  const ids = new Set(targets.map(({ id }) => id));
  const twice = targets.find(({ id }) => !ids.delete(id));
  if (twice !== undefined) throw new MultiplexerError(`The id "${twice.id}" occurs twice.`);
  return targets;
}

function ofTier(name: keyof typeof tiers, definitions: unknown, general: Connection): Target[] {
  if (!Array.isArray(definitions)) {
    throw new MultiplexerError(`${name} must be an array, not ${show(definitions)}.`);
  }
  return definitions.map((definition: ModelDefinition, index) => {
    checkObject(`${name}[${index}]`, definition);
    return definitionToTarget(definition, tiers[name], general);
  });
}

function checkObject(what: string, value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MultiplexerError(`${what} must be an object, not ${show(value)}.`);
  }
}
