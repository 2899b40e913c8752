// What is known of providers and models, as `catalogue()` tells it and as a program adds to it.

/** Limits of a plan. What is absent is without a limit, or not known. */
export interface PlanLimits {
  /** Requests a minute. */
  rpm?: number | undefined;
  /** Requests an hour. */
  rph?: number | undefined;
  /** Requests a day. */
  rpd?: number | undefined;
  /** Tokens a minute. */
  tpm?: number | undefined;
  /** Tokens an hour. */
  tph?: number | undefined;
  /** Tokens a day. */
  tpd?: number | undefined;
}

/** A provider in the catalogue. */
export interface CatalogueProvider {
  /** Its name in configurations: `groq`. */
  id: string;
  /** Its name for people. */
  name?: string | undefined;
  /** The root of its OpenAI-compatible API; absent where every customer has one of their own. */
  baseUrl?: string | undefined;
  /** The environment variables in which its key is looked for, in this order. */
  apiKeyEnv?: string[] | undefined;
  /** It answers without a key. */
  keyOptional?: boolean | undefined;
  /** How it is spoken to. */
  dialect?: "openai" | undefined;
  /** The IANA time zone in which its days begin. */
  zone?: string | undefined;
  /** Whether each model has the limits to itself, or all models of an account share them. */
  limitsPer?: "model" | "account" | undefined;
  /** The limits of its free plan where an offer names none; `null` where there is no such plan. */
  freePlan?: PlanLimits | null | undefined;
  /** How it goes on from a partial answer. */
  prefill?: "prefix" | "continue_final_message" | "assistant" | undefined;
  /** Where it does so, if not at `baseUrl`. */
  prefillBaseUrl?: string | undefined;
  /** Where the facts are from. */
  source?: string | undefined;
  /** The day (ISO 8601) as of which they were true. */
  asOf?: string | undefined;
}

/** A model at one provider. */
export interface CatalogueOffer {
  /** The provider's id. */
  provider: string;
  /** What the provider calls the model. */
  id: string;
  /** How many tokens the context takes there, if not as many as the model's. */
  contextWindow?: number | undefined;
  /** How many tokens an answer may have there, if not as many as the model's. */
  maxOutputTokens?: number | undefined;
  /** The limits of the free plan, if not the provider's own; `null` where there is none. */
  freePlan?: PlanLimits | null | undefined;
  /** How it goes on from a partial answer, if not as the provider's other models. */
  prefill?: CatalogueProvider["prefill"];
  /** US dollars per million tokens. What is absent is unknown. */
  price?:
    | {
        inputPerMillion?: number | undefined;
        outputPerMillion?: number | undefined;
        cachedInputPerMillion?: number | undefined;
      }
    | undefined;
  /** The day (ISO 8601) from which the provider no longer has it. */
  retiresOn?: string | undefined;
  /** Where the facts are from. */
  source?: string | undefined;
  /** The day (ISO 8601) as of which they were true. */
  asOf?: string | undefined;
}

/** A model in the catalogue. */
export interface CatalogueModel {
  /** Its canonical id. */
  id: string;
  /** Which models it belongs to: `Llama`. */
  family?: string | undefined;
  /** 4 for the largest to 1 for the smallest. */
  tier: number;
  /** Other names for it. */
  aliases?: string[] | undefined;
  /** How many tokens its context takes. */
  contextWindow?: number | undefined;
  /** How many tokens an answer may have. */
  maxOutputTokens?: number | undefined;
  /** What it can do, where that is known. */
  capabilities?:
    | {
        tools?: boolean | undefined;
        vision?: boolean | undefined;
        reasoning?: boolean | undefined;
      }
    | undefined;
  /** Who has it. */
  offers: CatalogueOffer[];
}

/** What is known of providers and models. */
export interface Catalogue {
  providers: CatalogueProvider[];
  /** Names that stand for a tier; `null` for any tier, the highest first. */
  generic: Record<string, number | null>;
  models: CatalogueModel[];
}

/** Any of an entry's members; `null` removes one that may be absent. */
type Override<Entry> = {
  [Name in keyof Entry]?: undefined extends Entry[Name] ? Entry[Name] | null : Entry[Name];
};

/**
 * What a program adds to the catalogue. An entry whose `id` is known replaces the members that it
 * names (`null` removes one); a model's offers are matched by `provider` and `id`.
 */
export interface CatalogueOverrides {
  providers?: (Override<CatalogueProvider> & { id: string })[] | undefined;
  models?:
    | (Override<Omit<CatalogueModel, "offers">> & {
        id: string;
        offers?: (Override<CatalogueOffer> & { provider: string; id: string })[] | undefined;
      })[]
    | undefined;
  generic?: Record<string, number | null> | undefined;
}
