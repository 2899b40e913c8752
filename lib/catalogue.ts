// The catalogue of providers and models. The engine has it, reads it and resolves names; this
// hands it over.

import { native } from "./hub.js";
import { show } from "./resilience.js";
import { ConfigurationError } from "./router/errors.js";
import type { Catalogue, CatalogueOverrides } from "./types/index.js";
import type { NativeCatalogue } from "../native.js";

/** @throws {ConfigurationError} naming what is wrong with the overrides, and where */
export function openCatalogue(overrides: CatalogueOverrides | undefined): NativeCatalogue {
  if (overrides === undefined) return new native.NativeCatalogue();
  if (typeof overrides !== "object" || (overrides as unknown) === null) {
    throw new ConfigurationError(`catalogue must be an object, not ${show(overrides)}`);
  }
  try {
    return new native.NativeCatalogue(JSON.stringify(overrides));
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigurationError(`catalogue: ${message.replace(/^catalogue: /, "")}`);
  }
}

/**
 * What is known of providers and models, with `overrides` laid over it: a new object each time.
 *
 * @throws {ConfigurationError} naming what is wrong with the overrides, and where
 *
 * @example
 * ```ts
 * const { providers } = catalogue();
 * console.log(providers.find(({ id }) => id === "groq")?.baseUrl);
 * ```
 */
export function catalogue(overrides?: CatalogueOverrides): Catalogue {
  return JSON.parse(openCatalogue(overrides).json()) as Catalogue;
}
