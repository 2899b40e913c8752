// In which order a call tries providers and models: the pool's strategy.

import type { KeyPoolConfig, KeyPoolProvider } from "../types/index.js";
import { ConfigurationError } from "./errors.js";

/** The strategy of one pool, and what it has to remember. */
export class Order {
  readonly #strategy: KeyPoolConfig["strategy"];
  readonly #providers: ReadonlyMap<string, KeyPoolProvider>;
  /** Where the next call begins, under "round-robin". */
  #turn = 0;
  /** Who has succeeded last, under "sticky". */
  #last: { provider: string; model: string } | undefined;

  constructor({ strategy, providers }: KeyPoolConfig) {
    this.#strategy = strategy;
    this.#providers = new Map(providers.map((provider) => [provider.name, provider]));
  }

  /**
   * The providers of a call in the order in which they are tried.
   *
   * @throws {ConfigurationError} for an order that names none, or one that does not exist
   */
  providers(fallbackOrder: readonly string[]): KeyPoolProvider[] {
    if (!Array.isArray(fallbackOrder) || fallbackOrder.length === 0) {
      throw new ConfigurationError("fallbackOrder must be an array of at least one provider");
    }
    const providers = (fallbackOrder as readonly string[]).map((name) => this.#named(name));
    let first = 0;
    if (this.#strategy === "round-robin") first = this.#turn++ % providers.length;
    if (this.#strategy === "sticky" && this.#last !== undefined) {
      const { provider } = this.#last;
      const last = providers.findIndex(({ name }) => name === provider);
      if (last > 0) return [...providers.splice(last, 1), ...providers];
    }
    return [...providers.slice(first), ...providers.slice(0, first)];
  }

  /** The models of a provider in the order in which they are tried. */
  models({ name, models }: KeyPoolProvider): string[] {
    const last = this.#strategy === "sticky" ? this.#last : undefined;
    if (last?.provider !== name) return [...models];
    return [last.model, ...models.filter((model) => model !== last.model)];
  }

  /** A call has been answered by this model. */
  succeeded(provider: string, model: string): void {
    this.#last = { provider, model };
  }

  #named(name: string): KeyPoolProvider {
    const provider = this.#providers.get(name);
    if (provider !== undefined) return provider;
    const names = [...this.#providers.keys()].join(", ");
    throw new ConfigurationError(
      `fallbackOrder: there is no provider "${name}"; there are ${names || "none"}`,
    );
  }
}
