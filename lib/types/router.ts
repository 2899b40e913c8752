// What `createRouter()` takes and tells.

import type { CatalogueOverrides } from "./catalogue.js";
import type { Endpoint } from "./client.js";
import type { ChatCompletionStream } from "./create.js";
import type { Limits, LimitStatus, SharedLimits } from "./limits.js";
import type { ConnectionOptions, Logger } from "./options.js";
import type { TargetReport } from "./resilience.js";
import type { ChatCompletion } from "./sdk.js";
import type { FileState, RedisState, StateOptions } from "./state.js";

/** One key of a provider. Several of one `type` are several keys: all of them are used. */
export interface RouterProvider {
  /** The provider's id in the catalogue: `"groq"`, `"cerebras"`, `"openai-compatible"`, … */
  type: string;
  /**
   * Its key, or a function that tells it.
   *
   * @default the first of the provider's environment variables that is set, such as `GROQ_API_KEY`
   */
  apiKey?: Endpoint["apiKey"] | undefined;
  /**
   * Lower is asked first, among models of the same tier.
   *
   * @default 0
   */
  priority?: number | undefined;
  /**
   * `false` leaves it out.
   *
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * The key is paid for, if only by credits: the free plan's limits do not hold for it.
   *
   * @default false
   */
  isFreeCredits?: boolean | undefined;
  /**
   * The root of its API.
   *
   * @default `MODEL_MULTIPLEXER_<TYPE>_BASE_URL` of the environment, else the catalogue's
   */
  baseUrl?: string | undefined;
  /**
   * Its name in `getReport()` and for `rotateKey()`.
   *
   * @default the type; with `-2`, `-3`, … where a type occurs more than once
   */
  id?: string | undefined;
  /**
   * The account that the key belongs to: keys of one account rest together where a failure concerns
   * the account.
   *
   * @default an account of its own
   */
  account?: string | undefined;
  /**
   * The models that it has: names, or what it calls them by names of yours. Needed where the
   * catalogue knows none: `azure`, `openai-compatible`, `lm-studio`, `vllm`. Each model once: further
   * names for it are `modelAliases`.
   *
   * @default those that the catalogue knows of this type
   */
  models?: readonly string[] | Readonly<Record<string, string>> | undefined;
  /**
   * The limits of each of its models, or of all together where the catalogue says that an account
   * shares them; `false` for none. Days are the provider's own where no zone is given.
   *
   * @default the free plan's in the catalogue
   */
  limits?: Limits | false | undefined;
  /**
   * Limits that its models share with each other, or with other entries: of the `key`, of the
   * `account`, of a model with the account (`accountModel`), of a `model` at the provider or of the
   * `provider`, whatever the key.
   */
  sharedLimits?: SharedLimits | undefined;
  /** Further headers of every request. */
  headers?: Record<string, string> | undefined;
  /** How many calls each of its models may have under way; none is without limit. */
  maxConcurrent?: number | undefined;
}

/** Configuration of `createRouter()`. */
export interface RouterConfig extends ConnectionOptions {
  /** At least one. */
  providers: readonly RouterProvider[];
  /**
   * How one is chosen among the models of a tier: `"priority"` the lowest `priority` first;
   * `"least-used"` the one with the largest share of its limits left.
   *
   * @default "priority"
   */
  strategy?: "priority" | "least-used" | undefined;
  /**
   * Names of yours for models, in capital letters or not. They come before the catalogue's.
   *
   * @default {}
   */
  modelAliases?: Readonly<Record<string, string>> | undefined;
  /**
   * The milliseconds, a whole number, that one attempt may take until the response's headers are
   * there.
   *
   * @default 60000
   */
  timeoutMs?: number | undefined;
  /**
   * What is done when everybody has failed. Another provider is asked at once; this is for when
   * none is left: the call then waits for the first that comes back, for as long as these pauses
   * are together (1 s + 2 s + 4 s), and is refused at once if nobody can be back by then.
   */
  retry?:
    | {
        /** @default 3 */
        maxRetries?: number | undefined;
        /** @default 1000 */
        initialBackoffMs?: number | undefined;
        /** @default 30000 */
        maxBackoffMs?: number | undefined;
        /** @default 2 */
        backoffMultiplier?: number | undefined;
      }
    | undefined;
  /**
   * Where limits, rests and latencies are kept: as the multiplexer's `state`.
   *
   * @default { type: "memory" }
   */
  stateStore?: RouterStateStore | undefined;
  /** As the multiplexer's: another way to say the same as `stateStore`. */
  state?: StateOptions | undefined;
  /** As the multiplexer's: routers of this process with the same name share limits and rests. */
  share?: string | undefined;
  /**
   * `false`: where everybody has failed, the call fails with the last provider's own error instead
   * of an `AllProvidersExhaustedError`.
   *
   * @default true
   */
  throwOnExhausted?: boolean | undefined;
  /**
   * `true` writes messages to the console.
   *
   * @default false
   */
  debug?: boolean | undefined;
  /** Where messages go instead; counts before `debug`. */
  logger?: Logger | false | undefined;
  /** Providers and models of yours, laid over the catalogue. */
  catalogue?: CatalogueOverrides | undefined;
}

/** Where a router keeps its state. */
export type RouterStateStore =
  | { type: "memory" }
  | (Omit<FileState, "path"> & {
      /** @default "state.json" */
      path?: string | undefined;
    })
  | (Omit<RedisState, "url"> & {
      /** @default "redis://127.0.0.1:6379" */
      url?: RedisState["url"] | undefined;
    });

/** Who answered a call of a router. */
export interface CompletionMetadata {
  /** The provider's type: `"groq"`. */
  provider: string;
  /** The model's canonical id. */
  model: string;
  /** Milliseconds from the call to its answer; for a stream, to its first token. */
  latencyMs: number;
  /** How often others, or the same once more, had been asked before. */
  retryCount: number;
  /** Milliseconds from the call to the first token; undefined for what is no stream. */
  timeToFirstTokenMs: number | undefined;
}

/** A completion and who made it. */
export interface CompletionResult {
  response: ChatCompletion;
  metadata: CompletionMetadata;
}

/** A stream and who makes it. */
export interface CompletionStreamResult {
  stream: ChatCompletionStream;
  metadata: CompletionMetadata;
}

/** A model that a router can be asked for. */
export interface RouterModel {
  /** Its canonical id. */
  id: string;
  /** 4 for the largest to 1 for the smallest; undefined for a model that the catalogue does not know. */
  tier: number | undefined;
  /** Which models it belongs to. */
  family: string | undefined;
  /** How many tokens its context takes, where that is known. */
  contextWindow: number | undefined;
  /** The types of the providers that have it, in the order in which they are asked. */
  providers: string[];
  /** Somebody could be asked for it now. */
  available: boolean;
}

/** What is left of the limits of a model at a key. */
export interface QuotaStatus {
  /** The provider's type. */
  provider: string;
  /** The model's canonical id. */
  model: string;
  /** The provider's `id` in the configuration, which tells several keys of one type apart. */
  id: string;
  quota: {
    /** By the limit's name; empty where there is none. */
    limits: Partial<Record<LimitStatus["name"], QuotaOfLimit>>;
    /** What the target is doing. */
    state: TargetReport["state"];
    /** Until when it rests; undefined if it does not. */
    restsUntil: Date | undefined;
  };
}

/** What is left of one limit. */
export interface QuotaOfLimit {
  limit: number;
  /** What was spent, or is reserved by calls under way. */
  used: number;
  remaining: number;
  /** When it is whole again; undefined where that is not known. */
  resetsAt: Date | undefined;
}
