// The targets of a router: each model of each key that is configured, as the catalogue knows them.

import { checkEndpoint } from "../endpoint.js";
import { kindOf } from "../given.js";
import { show } from "../resilience.js";
import { checkModelOptions } from "../target.js";
import type {
  Catalogue,
  CatalogueModel,
  CatalogueOffer,
  CatalogueProvider,
  Endpoint,
  Limit,
  Limits,
  ModelOptions,
  RouterProvider,
} from "../types/index.js";
import { atLeast, checkNames, configured, isBoolean, misconfigured } from "./config.js";
import { ConfigurationError } from "./errors.js";

/** A model at one key. */
export interface Planned {
  readonly id: string;
  /** The entry of the configuration that it is of. */
  readonly instance: string;
  readonly provider: string;
  /** The canonical id. */
  readonly model: string;
  /** What the provider calls it. */
  readonly modelName: string;
  readonly endpoint: Endpoint;
  readonly known: CatalogueModel | undefined;
  readonly contextWindow: number | undefined;
  /** As the engine has it: lower is asked first. */
  readonly tier: number;
  /** What a call may require of it. */
  readonly tags: Required;
  /** As `addModel` takes them. */
  readonly options: ModelOptions;
}

/** What a call requires of its targets, as tags. */
export type Required = Readonly<Record<string, string>>;

/** What the plan is made from, and how a name is resolved. */
export interface Known {
  readonly catalogue: Catalogue;
  /** The canonical id of a model by any of its names. */
  readonly canonical: (name: string) => string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Today (ISO 8601). */
  readonly today: string;
}

const names = [
  "type",
  "apiKey",
  "priority",
  "enabled",
  "isFreeCredits",
  "baseUrl",
  "id",
  "account",
  "models",
  "limits",
  "sharedLimits",
  "headers",
  "maxConcurrent",
];

/** The engine's tiers: the catalogue's from the highest, then the unknown, then what is retired. */
const unknownTier = 4;
const retiredTier = 8;

/** One offer of one key. */
interface Offered {
  readonly offer: Pick<CatalogueOffer, "id"> & Partial<CatalogueOffer>;
  readonly model: string;
  readonly known: CatalogueModel | undefined;
}

/**
 * All targets, in the order in which they are asked.
 *
 * @throws {ConfigurationError} naming the field, what was given (never a key) and what is expected
 */
export function plan(providers: readonly RouterProvider[], known: Known): Planned[] {
  const taken = new Map<string, number>();
  const entries = providers.map((given, index) => {
    const what = `providers[${index}]`;
    checkNames(what, given, names);
    const { type, priority, enabled = true, isFreeCredits = false } = given;
    const provider = known.catalogue.providers.find(({ id }) => id === type);
    if (provider === undefined) {
      const ids = known.catalogue.providers.map(({ id }) => id).join(", ");
      // A string may be a key in the wrong place: it is not repeated.
      const not = typeof type === "string" ? "another string" : kindOf(type);
      throw new ConfigurationError(`${what}.type must be one of ${ids}, not ${not}`);
    }
    isBoolean(`${what}.enabled`, enabled);
    isBoolean(`${what}.isFreeCredits`, isFreeCredits);
    const number = (taken.get(type) ?? 0) + 1;
    taken.set(type, number);
    const { id = number === 1 ? type : `${type}-${number}` } = given;
    return {
      what,
      given,
      provider,
      enabled,
      order: atLeast(`${what}.priority`, priority, Number.NEGATIVE_INFINITY, 0),
      id,
    };
  });
  const active = entries.filter(({ enabled }) => enabled).sort((a, b) => a.order - b.order);
  if (active.length === 0) {
    throw new ConfigurationError("At least one provider must be configured and enabled");
  }
  const ids = new Set<string>();
  return active.flatMap(({ what, given, provider, id }) => {
    if (typeof id !== "string" || id === "" || ids.has(id)) {
      throw new ConfigurationError(`${what}.id must be a name of its own, not ${show(id)}`);
    }
    ids.add(id);
    return planOne(what, id, given, provider, known);
  });
}

function planOne(
  what: string,
  instance: string,
  given: RouterProvider,
  provider: CatalogueProvider,
  known: Known,
): Planned[] {
  const endpoint = endpointOf(what, given, provider, known.environment);
  const { limits, sharedLimits, maxConcurrent, account = instance } = given;
  const names = { key: instance, account, provider: provider.id };
  configured(what, () => {
    checkModelOptions({
      sharedLimits,
      maxConcurrent,
      ...names,
      ...(limits !== false && { limits }),
    });
  });
  const offered = offersOf(what, given, provider, known);
  checkOnce(what, offered);
  return offered.map(({ offer, model, known: of }) => {
    const id = `${instance}/${offer.id}`;
    const contextWindow = offer.contextWindow ?? of?.contextWindow;
    const tier = tierOf(offer, of, known.today);
    const tags: Required = { provider: provider.id, ...tagsOf(model, of) };
    const options: ModelOptions = {
      id,
      tier,
      ...names,
      tags,
      contextWindow,
      reasoning: of?.capabilities?.reasoning,
      maxConcurrent,
      ...limitsOf(given, provider, offer),
    };
    configured(`${what} (${offer.id})`, () => {
      checkModelOptions(options);
    });
    const who = { instance, provider: provider.id, model, modelName: offer.id };
    return { id, ...who, endpoint, known: of, contextWindow, tier, tags, options };
  });
}

function tagsOf(model: string, known: CatalogueModel | undefined): Required {
  return known === undefined ? { model } : { model, tier: String(known.tier) };
}

/** Two names for one model of a key would be two targets, each with the whole of its limits. */
function checkOnce(what: string, offered: readonly Offered[]): void {
  const names = new Map<string, string>();
  for (const { offer, model } of offered) {
    const other = names.get(offer.id);
    if (other !== undefined) {
      const both = other === model ? `"${model}" twice` : `both "${other}" and "${model}"`;
      throw new ConfigurationError(
        `${what}.models must name each model once: "${offer.id}" is ${both}; further names belong into modelAliases`,
      );
    }
    names.set(offer.id, model);
  }
}

function tierOf({ retiresOn }: Offered["offer"], known: CatalogueModel | undefined, today: string) {
  const tier = known === undefined ? unknownTier : 4 - known.tier;
  return retiresOn !== undefined && retiresOn <= today ? retiredTier + tier : tier;
}

/** What is limited at one key: by the configuration, else by the free plan. */
function limitsOf(
  { limits, sharedLimits, isFreeCredits }: RouterProvider,
  provider: CatalogueProvider,
  offer: Offered["offer"],
): Pick<ModelOptions, "limits" | "sharedLimits"> {
  if (limits === false) return { sharedLimits };
  const isPaid = isFreeCredits === true;
  const plan = offer.freePlan === undefined ? provider.freePlan : offer.freePlan;
  const given = limits ?? (isPaid ? undefined : plan);
  if (given === undefined || given === null) return { sharedLimits };
  const inZone = ofZone(given, provider.zone ?? "UTC");
  return provider.limitsPer === "account"
    ? { sharedLimits: { ...sharedLimits, account: { ...inZone, ...sharedLimits?.account } } }
    : { limits: inZone, sharedLimits };
}

/** The limits by the provider's own hours and days, where they name no others. */
function ofZone(limits: Limits, zone: string): Limits {
  if (zone === "UTC") return limits;
  const entries = Object.entries(limits).map(([name, limit]: [string, Limit | undefined]) => {
    const isPlain = typeof limit === "number" && !name.endsWith("m");
    return [name, isPlain ? { limit, zone } : limit];
  });
  return Object.fromEntries(entries) as Limits;
}

/** The models of one key: those that it names, else those that the catalogue knows. */
function offersOf(
  what: string,
  { models }: RouterProvider,
  provider: CatalogueProvider,
  { catalogue, canonical }: Known,
): Offered[] {
  const all = catalogue.models.flatMap((model) =>
    model.offers
      .filter((offer) => offer.provider === provider.id)
      .map((offer): Offered => ({ offer, model: model.id, known: model })),
  );
  if (models === undefined) {
    if (all.length > 0) return all;
    throw new ConfigurationError(
      `${what}.models must name the models of a provider of type "${provider.id}": the catalogue knows none`,
    );
  }
  const pairs = namesOf(models);
  const areNames = pairs.every(([name, own]) => isName(name) && (own === undefined || isName(own)));
  if (pairs.length === 0 || !areNames) {
    const not = typeof models === "object" ? "" : `, not ${kindOf(models)}`;
    throw new ConfigurationError(
      `${what}.models must be an array of names of models, or an object from names to the provider's own${not}`,
    );
  }
  return pairs.flatMap(([name, own]): Offered[] => {
    const model = canonical(name);
    const offered = all.filter((one) => one.model === model);
    if (own === undefined && offered.length > 0) return offered;
    const known = catalogue.models.find(({ id }) => id === model);
    const same = offered.find(({ offer }) => offer.id === own);
    return [same ?? { offer: { id: own ?? name }, model: model ?? name, known }];
  });
}

/** Names with the provider's own for them; none of what are no names. */
function namesOf(models: NonNullable<RouterProvider["models"]>): [string, string | undefined][] {
  if (typeof models !== "object" || (models as unknown) === null) return [];
  return Array.isArray(models)
    ? Array.from(models as readonly string[], (name) => [name, undefined])
    : Object.entries(models as Record<string, string>);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function endpointOf(
  what: string,
  { apiKey, baseUrl, headers }: RouterProvider,
  provider: CatalogueProvider,
  environment: NodeJS.ProcessEnv,
): Endpoint {
  const variable = `MODEL_MULTIPLEXER_${provider.id.toUpperCase().replaceAll("-", "_")}_BASE_URL`;
  const baseURL = baseUrl ?? environment[variable] ?? provider.baseUrl;
  if (baseURL === undefined) {
    throw new ConfigurationError(
      `${what}.baseUrl must be given for a provider of type "${provider.id}"`,
    );
  }
  const variables = provider.apiKeyEnv ?? [];
  const found = variables.map((name) => environment[name]).find(isName);
  const key = apiKey ?? found ?? (provider.keyOptional === true ? "none" : undefined);
  if (key === undefined || key === "") {
    const or = variables.length > 0 ? `, or ${variables.join(" or ")} be set` : "";
    throw new ConfigurationError(`${what}.apiKey must be a non-empty string${or}`);
  }
  const endpoint: Endpoint = { baseURL, apiKey: key, ...(headers !== undefined && { headers }) };
  try {
    checkEndpoint(endpoint);
  } catch (error) {
    throw misconfigured(what, (error as Error).message.replace(/^baseURL\b/, "baseUrl"));
  }
  return endpoint;
}
