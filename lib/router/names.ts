// What the names of models stand for in one router: the program's own names first, then the
// catalogue's.

import { ConfigurationError } from "./errors.js";
import type { NativeCatalogue, ResolvedDto } from "../../native.js";
import type { Planned, Required } from "./plan.js";

/** True if the target has what is required. */
export function fits({ tags }: Planned, required: Required): boolean {
  return Object.entries(required).every(([name, value]) => tags[name] === value);
}

/** The names of one router. */
export class Names {
  readonly #catalogue: NativeCatalogue;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #planned: readonly Planned[];
  /** What has been resolved before, of names that are known. */
  readonly #resolved = new Map<string, Required>();

  /** @param aliases by name in lower case */
  constructor(
    catalogue: NativeCatalogue,
    aliases: ReadonlyMap<string, string>,
    planned: readonly Planned[],
  ) {
    this.#catalogue = catalogue;
    this.#aliases = aliases;
    this.#planned = planned;
  }

  /** What a name requires; undefined for one that nobody knows. */
  resolve(name: string): Required | undefined {
    const lower = name.toLowerCase();
    const before = this.#resolved.get(lower);
    if (before !== undefined) return before;
    const asked = this.#aliases.get(lower) ?? name;
    const required = toRequired(this.#catalogue.resolve(asked), this.#own(asked));
    if (required !== undefined) this.#resolved.set(lower, required);
    return required;
  }

  /** @throws {ConfigurationError} for an alias of what nobody knows */
  checkAliases(): void {
    for (const [alias, name] of this.#aliases) {
      if (this.resolve(alias) !== undefined) continue;
      throw new ConfigurationError(
        `modelAliases.${alias} must be the name of a model, which ${JSON.stringify(name)} is not`,
      );
    }
  }

  /** True if some target has what is required. */
  has(required: Required): boolean {
    return this.#planned.some((one) => fits(one, required));
  }

  /** One of the configuration's own models, which the catalogue does not know. */
  #own(name: string): string | undefined {
    const lower = name.toLowerCase();
    return this.#planned.find(({ model }) => model.toLowerCase() === lower)?.model;
  }
}

function toRequired(found: ResolvedDto | null, own: string | undefined): Required | undefined {
  const model = found?.model ?? own;
  if (model !== undefined) return { model };
  if (found?.tier === undefined) return undefined;
  // 0 is any tier.
  return found.tier === 0 ? {} : { tier: String(found.tier) };
}
