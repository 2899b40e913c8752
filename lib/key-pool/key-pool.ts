// The door `KeyPool`: any SDK in a handler, keys, models and providers underneath. The cascade is
// here: key, model, provider. Each key is a target of a multiplexer, which leases it to the handler,
// judges what the handler threw, and lets it rest.

import { Call } from "../call/run.js";
import { mark } from "../call/trail.js";
import type { Failed, Surroundings } from "../call/run.js";
import { evidenceOf } from "../call/evidence.js";
import { surroundingsOf } from "../multiplexer.js";
import type { Multiplexer } from "../multiplexer.js";
import { MultiplexerError } from "../errors.js";
import type { Operation } from "../operation.js";
import { chatCompletionsResource } from "../sdk/resource.js";
import { openMultiplexer } from "../router/config.js";
import type {
  Endpoint,
  EventListener,
  EventName,
  FailureName,
  KeyPoolAttempt,
  KeyPoolCallOptions,
  KeyPoolConfig,
  KeyPoolContext,
  KeyPoolHook,
  KeyPoolProvider,
  ModelClient,
  TargetReport,
} from "../types/index.js";
import { orAborted } from "./abort.js";
import { checkCall, checkPool } from "./config.js";
import { KeyPoolExhaustedError } from "./errors.js";
import { tell, withoutErrors } from "./hooks.js";
import { Order } from "./order.js";
import { PoolKey } from "./pool-key.js";

/** What one step of the cascade has come to when none of its keys could help. */
class Step {
  constructor(
    readonly error: unknown,
    readonly failed: Failed,
  ) {}
}

/** As under the policy "resilient", where the cool-down is not shorter. */
const shortestRest = 250;
const longestRest = 86_400_000;

/** One call on its way. */
interface Under<T> {
  readonly handler: (context: KeyPoolContext) => T | Promise<T>;
  readonly signal: AbortSignal | undefined;
  readonly attempts: KeyPoolAttempt[];
  /** All secrets that the handler was given, however often a key was rotated meanwhile. */
  readonly secrets: Set<string>;
  /** The key that failed last, for the hooks. */
  lastKey: string;
}

/**
 * Keys, models and providers for calls that a handler of yours makes, with any SDK.
 *
 * @example
 * ```ts
 * const pool = new KeyPool({
 *   providers: [{ name: "openai", keys: ["sk-one", "sk-two"], models: ["gpt-4o", "gpt-4o-mini"] }],
 * });
 * const answer = await pool.executeWithFallback(["openai"], ({ apiKey, model }) =>
 *   new OpenAI({ apiKey, maxRetries: 0 }).chat.completions.create({ model, messages }),
 * );
 * ```
 */
export class KeyPool {
  readonly #config: KeyPoolConfig;
  readonly #order: Order;
  readonly #multiplexer: Multiplexer;
  readonly #around: Surroundings;
  /** By the key's id. */
  readonly #keys = new Map<string, PoolKey>();

  /** @throws {ConfigurationError} naming the field, what was given (never a key) and what is expected */
  constructor(config: KeyPoolConfig) {
    const { cooldownMs } = checkPool(config);
    this.#config = config;
    this.#order = new Order(config);
    this.#multiplexer = openMultiplexer({
      state: config.state,
      share: config.share,
      policy: "resilient",
      strategy: "priority",
      logger: withoutErrors(config.logger),
      cooldown: {
        defaultMs: cooldownMs,
        failureMs: cooldownMs,
        minMs: Math.min(cooldownMs, shortestRest),
        maxMs: Math.max(cooldownMs, longestRest),
      },
      // The next key is tried at once, but where none would help.
      outcomes: {
        unavailable: "failOver",
        timed_out: "failOver",
        truncated: "failOver",
        context_too_long: "giveUp",
        content_refused: "giveUp",
      },
      retryBudget: { share: 1_000 },
    });
    this.#around = surroundingsOf(this.#multiplexer);
    this.#around.failure = (error, failed) => new Step(error, failed);
    for (const provider of config.providers) this.#add(provider);
  }

  /**
   * Calls the handler with a key and a model until it succeeds: with each key of the provider's
   * first model that does not rest, then with its next model, then with the next provider. Keys that
   * fail rest: for as long as the server asks (`Retry-After` and the like), else `cooldownMs`.
   *
   * @param fallbackOrder the names of the providers, in the order in which they are tried
   * @param handler makes the call; what it returns is returned
   * @throws {KeyPoolExhaustedError} when all have failed or rest; it lists every attempt
   * @throws what the handler threw, where the request itself is at fault: no other key would help
   * @throws {MultiplexerError} for an order, a handler or options that are wrong
   * @throws the signal's reason, once it is aborted
   */
  async executeWithFallback<T>(
    fallbackOrder: readonly string[],
    handler: (context: KeyPoolContext) => T | Promise<T>,
    options?: KeyPoolCallOptions | null,
  ): Promise<T> {
    const signal = checkCall(handler, options);
    const order = this.#order.providers(fallbackOrder);
    signal?.throwIfAborted();
    const run = this.#cascade(order, {
      handler,
      signal,
      attempts: [],
      secrets: new Set(),
      lastKey: "",
    });
    return signal === undefined ? run : orAborted(run, signal);
  }

  /** All that is known of each model at each key. The ids hold no key. */
  getReport(): TargetReport[] {
    return this.#multiplexer.getReport();
  }

  /** As the multiplexer's `on()`: calls `listener` whenever this happens. Events hold no key. */
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
   * Gives a key's place to another one: its statistics and limits stay, and a rest that concerned
   * the old key (401, 403, its own quota) is over.
   *
   * @param id the key's id: `openai/key-1` for the first of the provider "openai"
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no such key, or the new one is wrong
   */
  rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void {
    const key = this.#keys.get(id);
    if (key === undefined) {
      const ids = [...this.#keys.keys()].join(", ");
      throw new MultiplexerError(`There is no key with the id "${id}"; there are ${ids}.`);
    }
    key.replace(apiKey);
    for (const [number, { dto }] of this.#around.targets) {
      if (dto.key === id) this.#around.fleet.changeKey(number);
    }
  }

  /** Ends every rest. */
  clearAllCooldowns(): void {
    this.#multiplexer.endRests();
  }

  /** Ends it: further calls are refused. A handler that is at work goes on. */
  close(): Promise<void> {
    return this.#multiplexer.close();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add({ name, keys, models, limits, sharedLimits, maxConcurrent }: KeyPoolProvider): void {
    keys.forEach((given, index) => {
      const id = `${name}/key-${index + 1}`;
      const key = new PoolKey(id, given);
      this.#keys.set(id, key);
      for (const model of models) {
        this.#multiplexer.addModel(key as unknown as ModelClient, 1, model, {
          id: `${id}/${model}`,
          transport: "client",
          key: id,
          account: id,
          provider: name,
          tags: { provider: name, model },
          limits,
          sharedLimits,
          maxConcurrent,
        });
      }
    });
  }

  async #cascade<T>(order: readonly KeyPoolProvider[], under: Under<T>): Promise<T> {
    let retryAfterMs: number | undefined;
    for (const [at, provider] of order.entries()) {
      const models = this.#order.models(provider);
      const before = under.attempts.length;
      for (const [index, model] of models.entries()) {
        const asked = under.attempts.length;
        try {
          const value = await this.#step(provider.name, model, under);
          this.#order.succeeded(provider.name, model);
          return value as T;
        } catch (step) {
          if (!(step instanceof Step)) throw step;
          this.#judged(under, asked, step.failed);
          if (!goesOn(step.failed)) {
            mark(step.error, step.failed.trail);
            throw step.error;
          }
          retryAfterMs = least(retryAfterMs, step.failed.exhausted?.retryAfterMs);
        }
        const isLast = index === models.length - 1;
        if (!isLast) this.#tell(this.#config.onModelSwitch, provider.name, under, asked);
      }
      const isLast = at === order.length - 1;
      if (!isLast) this.#tell(this.#config.onProviderSwitch, provider.name, under, before);
    }
    throw new KeyPoolExhaustedError(under.attempts, retryAfterMs, (attempt) =>
      this.#describe(attempt, under.secrets),
    );
  }

  /** One model of one provider: each of its keys that does not rest, in their order. */
  #step<T>(provider: string, model: string, under: Under<T>): Promise<unknown> {
    const operation: Operation = {
      name: "executeWithFallback",
      method: "post",
      path: "",
      profileKey: "",
      resource: chatCompletionsResource,
      streams: () => false,
      call: (client, params) => {
        const { model } = params as { model: string };
        return { result: this.#ask(client as PoolKey, provider, model, under) };
      },
    };
    const { signal } = under;
    return new Call(this.#around, {
      operation,
      params: {},
      options: { multiplexer: { require: { provider, model } }, ...(signal && { signal }) },
    }).value;
  }

  async #ask<T>(key: PoolKey, provider: string, model: string, under: Under<T>): Promise<T> {
    const startedAt = performance.now();
    under.lastKey = "";
    try {
      under.lastKey = await key.secret();
      under.secrets.add(under.lastKey);
      const context = { apiKey: under.lastKey, provider, model, signal: under.signal };
      return await under.handler(context);
    } catch (error) {
      if (under.signal?.aborted !== true) {
        under.attempts.push({
          provider,
          model,
          key: key.id,
          outcome: undefined,
          status: evidenceOf(error).status,
          durationMs: performance.now() - startedAt,
          error,
        });
        tell(this.#config.onKeyFailure, { provider, apiKey: under.lastKey, error });
      }
      throw error;
    }
  }

  /** Notes what the attempts of a step have been judged to be. */
  #judged(under: Under<unknown>, from: number, { outcomes }: Failed): void {
    outcomes.forEach((outcome, index) => {
      const attempt = under.attempts[from + index];
      if (attempt !== undefined) under.attempts[from + index] = { ...attempt, outcome };
    });
  }

  /** Tells a hook of what has failed since the attempt `from`; nothing where nobody was asked. */
  #tell(
    hook: KeyPoolHook | undefined,
    provider: string,
    { attempts, lastKey }: Under<unknown>,
    from: number,
  ): void {
    const last = attempts.length > from ? attempts.at(-1) : undefined;
    if (last !== undefined) tell(hook, { provider, apiKey: lastKey, error: last.error });
  }

  /** An attempt in words, without any key. */
  #describe(
    { provider, model, key, outcome, status, error }: KeyPoolAttempt,
    secrets: ReadonlySet<string>,
  ): string {
    const what = error instanceof Error ? error.message : String(error);
    const kind = [outcome, status].filter((part) => part !== undefined).join(" ");
    const text = `${provider}, ${model}, ${key}: ${kind === "" ? "" : `${kind}: `}${what}`;
    // One may be the beginning of another.
    const given = [...secrets].sort((one, other) => other.length - one.length);
    let redacted = given.reduce((before, secret) => before.replaceAll(secret, "***"), text);
    for (const one of this.#keys.values()) redacted = one.redact(redacted);
    return redacted;
  }
}

/** Outcomes after which no other key of the same model would help, but another model may. */
const ofTheModel = new Set<FailureName | undefined>(["context_too_long", "content_refused"]);

/** True if the cascade goes on: its keys are used up, or another model may answer. */
function goesOn({ exhausted, outcomes }: Failed): boolean {
  return exhausted !== undefined || ofTheModel.has(outcomes.at(-1));
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}
