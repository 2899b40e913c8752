// The door `createRouter()`: models by name, whoever has them. It plans the targets and resolves
// names; who is asked, and what is done when they fail, is the multiplexer's.

import { failedCall } from "../call/failed.js";
import { reportOf } from "../call/report.js";
import type { Failed } from "../call/run.js";
import { openCatalogue } from "../catalogue.js";
import { ModelSelectionError, MultiplexerError } from "../errors.js";
import { kindOf } from "../given.js";
import { surroundingsOf } from "../multiplexer.js";
import type { Multiplexer } from "../multiplexer.js";
import type {
  CallOptions,
  Catalogue,
  ChatCompletion,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionCreateParamsStreaming,
  ChatCompletionsCreate,
  ChatCompletionStream,
  CompletionMetadata,
  CompletionResult,
  CompletionStreamResult,
  Endpoint,
  EventListener,
  EventName,
  FailureName,
  MultiplexerPromise,
  QuotaStatus,
  RequestOptions,
  RouterConfig,
  RouterModel,
  TargetReport,
} from "../types/index.js";
import { checkConfig, openMultiplexer } from "./config.js";
import type { CheckedConfig } from "./config.js";
import { AllProvidersExhaustedError, ModelNotAvailableError } from "./errors.js";
import { fits, Names } from "./names.js";
import { plan } from "./plan.js";
import type { Planned, Required } from "./plan.js";
import { toQuota } from "./quota.js";

/** Outcomes that say something of the request, not of who was asked. */
const ofTheRequest = new Set<FailureName | undefined>([
  "bad_request",
  "context_too_long",
  "content_refused",
]);

/** The tags that a model's name stands for. */
const ofTheName = ["model", "tier"];

/**
 * Models by name, whoever of the configured providers has them: {@link createRouter}.
 */
export class Router {
  readonly chat: {
    readonly completions: {
      /**
       * Sends a chat completion to a provider that has the model, and to the next while they are
       * limited or fail. `model` is a canonical id, an alias, a provider's own name for it, or a
       * generic name such as `best` or `fast`. It may be detached from its object.
       *
       * @throws {AllProvidersExhaustedError} when nobody is left who could be asked in time
       * @throws {ModelNotAvailableError} when no configured provider has the model
       * @throws {APIError} what the provider answered, where that is the request's own fault
       */
      readonly create: ChatCompletionsCreate;
    };
  };

  readonly #multiplexer: Multiplexer;
  readonly #config: CheckedConfig;
  /** By the target's id. */
  readonly #planned: ReadonlyMap<string, Planned>;
  readonly #names: Names;

  /** @throws {ConfigurationError} naming the field, what was given and what is expected */
  constructor(config: RouterConfig) {
    this.#config = checkConfig(config);
    const catalogue = openCatalogue(config.catalogue);
    const planned = plan(config.providers, {
      catalogue: JSON.parse(catalogue.json()) as Catalogue,
      canonical: (name) => catalogue.resolve(name)?.model ?? undefined,
      environment: process.env,
      today: new Date().toISOString().slice(0, 10),
    });
    this.#planned = new Map(planned.map((one) => [one.id, one]));
    this.#names = new Names(catalogue, this.#config.aliases, planned);
    this.#names.checkAliases();
    const state = config.stateStore === undefined ? "state" : "stateStore";
    this.#multiplexer = openMultiplexer(this.#config.multiplexer, state);
    for (const { endpoint, modelName, options } of planned) {
      this.#multiplexer.addModel(endpoint, 1, modelName, options);
    }
    surroundingsOf(this.#multiplexer).failure = (error, failed) => this.#failure(error, failed);
    const create = (
      params: ChatCompletionCreateParams,
      options?: RequestOptions,
    ): MultiplexerPromise<unknown> => this.#create(params, options);
    this.chat = { completions: { create: create as ChatCompletionsCreate } };
  }

  /**
   * A completion and who made it.
   *
   * @throws what `chat.completions.create()` throws
   */
  async createCompletion(
    params: ChatCompletionCreateParamsNonStreaming,
    options?: RequestOptions,
  ): Promise<CompletionResult> {
    const response = await this.#create({ ...params, stream: false }, options);
    return { response: response as ChatCompletion, metadata: this.#metadata(response, false) };
  }

  /**
   * A stream and who makes it. It is there when its first token is.
   *
   * @throws what `chat.completions.create()` throws
   */
  async createCompletionStream(
    params: Omit<ChatCompletionCreateParamsStreaming, "stream"> & { stream?: boolean | undefined },
    options?: RequestOptions,
  ): Promise<CompletionStreamResult> {
    const streamed = { ...params, stream: true } as ChatCompletionCreateParamsStreaming;
    const stream = (await this.#create(streamed, options)) as ChatCompletionStream;
    return { stream, metadata: this.#metadata(stream, true) };
  }

  /** The models that can be asked for, the largest first. */
  listModels(): RouterModel[] {
    const available = new Set(this.#available().map(({ model }) => model));
    const models = new Map<string, RouterModel>();
    const inOrder = [...this.#planned.values()].sort((one, other) => one.tier - other.tier);
    for (const { model, provider, known, contextWindow } of inOrder) {
      const entry = models.get(model) ?? {
        id: model,
        tier: known?.tier,
        family: known?.family,
        contextWindow,
        providers: [],
        available: available.has(model),
      };
      models.set(model, entry);
      if (!entry.providers.includes(provider)) entry.providers.push(provider);
    }
    return [...models.values()];
  }

  /** True if somebody could be asked for this model, by whatever name, now. */
  isModelAvailable(model: string): boolean {
    const required = typeof model === "string" ? this.#names.resolve(model) : undefined;
    return required !== undefined && this.#available().some((one) => fits(one, required));
  }

  /** What is left of the limits of each model at each key. */
  getQuotaStatus(): QuotaStatus[] {
    return this.#multiplexer.getReport().flatMap((report): QuotaStatus[] => {
      const { provider, model, instance } = this.#planned.get(report.id) ?? {};
      if (provider === undefined || model === undefined || instance === undefined) return [];
      return [{ provider, model, id: instance, quota: toQuota(report) }];
    });
  }

  /** All that is known of each model at each key: attempts by outcome, latencies, what it is doing. */
  getReport(): TargetReport[] {
    return this.#multiplexer.getReport();
  }

  /** As the multiplexer's `on()`: calls `listener` whenever this happens. Ids are those of `getReport()`. */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#multiplexer.on(name, listener);
    return this;
  }

  /** Calls `listener` no longer. */
  off<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#multiplexer.off(name, listener);
    return this;
  }

  /**
   * Gives a provider another key: its limits and statistics stay, and a rest that concerned the
   * old key is over.
   *
   * @param id the provider's `id` in the configuration, by default its type
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no such provider, or the key is wrong
   */
  rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void {
    const first = [...this.#planned.values()].find(({ instance }) => instance === id);
    this.#multiplexer.rotateKey(first?.id ?? id, apiKey);
  }

  /** Ends every rest. What the limits have counted stays. */
  clearAllCooldowns(): void {
    this.#multiplexer.endRests();
  }

  /** Ends it: calls under way are aborted, and further calls are refused. */
  close(): Promise<void> {
    return this.#multiplexer.close();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #create(
    params: ChatCompletionCreateParams,
    options: RequestOptions | undefined,
  ): MultiplexerPromise<unknown> {
    const model = (params as { model?: unknown } | null | undefined)?.model;
    const require = typeof model === "string" ? this.#names.resolve(model) : undefined;
    if (require === undefined || !this.#names.has(require)) {
      const known = new Set([...this.#planned.values()].map(({ model }) => model));
      return failedCall(new ModelNotAvailableError(String(model), [...known]));
    }
    const given: unknown = options ?? {};
    if (typeof given !== "object") {
      const what = kindOf(given);
      return failedCall(new MultiplexerError(`options must be an object, not ${what}.`));
    }
    const further = options?.multiplexer?.require;
    const named = ofTheName.find((tag) => Object.keys(further ?? {}).includes(tag));
    if (named !== undefined) {
      const what = `options.multiplexer.require.${named}`;
      return failedCall(
        new MultiplexerError(`${what} must not be given: the call's model says it.`),
      );
    }
    return this.#multiplexer.chat.completions.create(params, {
      ...options,
      timeout: options?.timeout ?? this.#config.timeoutMs,
      multiplexer: withRequired(options?.multiplexer, require),
    });
  }

  /** Those that could be asked now. */
  #available(): Planned[] {
    const closed = new Set(["resting", "at_capacity"]);
    return this.#multiplexer
      .getReport()
      .filter(({ state }) => !closed.has(state))
      .flatMap(({ id }) => this.#planned.get(id) ?? []);
  }

  #metadata(result: unknown, isStream: boolean): CompletionMetadata {
    const {
      id = "",
      attempts,
      durationMs,
    } = reportOf(result) ?? {
      attempts: [],
      durationMs: 0,
    };
    const { provider = "", model = "" } = this.#planned.get(id) ?? {};
    return {
      provider,
      model,
      latencyMs: durationMs,
      retryCount: Math.max(0, attempts.length - 1),
      timeToFirstTokenMs: isStream ? durationMs : undefined,
    };
  }

  /** What a call fails with. */
  #failure(error: unknown, { exhausted, outcomes, trail }: Failed): unknown {
    const isOver = exhausted !== undefined && this.#config.throwOnExhausted;
    if (!isOver || ofTheRequest.has(outcomes.at(-1)) || isUnmatched(error)) return error;
    const asked = trail.report().attempts.flatMap(({ id }) => this.#planned.get(id) ?? []);
    const { retryAfterMs } = exhausted;
    return new AllProvidersExhaustedError(
      [...new Set(asked.map(({ provider }) => provider))],
      retryAfterMs === undefined ? undefined : new Date(Date.now() + retryAfterMs),
      error,
    );
  }
}

/** What the call requires itself, and what its model's name stands for. */
function withRequired(own: CallOptions | undefined, required: Required): CallOptions {
  const { require } = own ?? {};
  // What is no options, or no tags, is refused where the multiplexer's own calls are.
  if (own !== undefined && !isTagged(own)) return own;
  return { ...own, require: { ...require, ...required } };
}

function isTagged(own: CallOptions): boolean {
  const isObject = (value: unknown): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject(own) && (own.require === undefined || isObject(own.require));
}

/** Nobody has the tags that the call requires besides its model's. */
function isUnmatched(error: unknown): boolean {
  return error instanceof ModelSelectionError && error.code === "no_models";
}

/**
 * A router over the free plans and keys that you have: it knows which provider has which model under
 * which name, and within which limits.
 *
 * @throws {ConfigurationError} naming the field, what was given and what is expected
 *
 * @example
 * ```ts
 * const router = createRouter({
 *   providers: [
 *     { type: "groq", apiKey: process.env.GROQ_API_KEY },
 *     { type: "cerebras", apiKey: process.env.CEREBRAS_API_KEY, priority: 1 },
 *   ],
 * });
 * const { response, metadata } = await router.createCompletion({ model: "best", messages });
 * ```
 */
export function createRouter(config: RouterConfig): Router {
  return new Router(config);
}
