// The class that programs use: registers models and makes calls. The engine decides.

import type { Surroundings } from "./call/run.js";
import type { Connection } from "./connection.js";
import { MultiplexerError } from "./errors.js";
import { Events } from "./events.js";
import { makeFetch } from "./fetch/fetch.js";
import { hub, native } from "./hub.js";
import { limitsTokens } from "./limits.js";
import { Log } from "./log.js";
import { checkOptions } from "./options.js";
import { checkMembers, show, toEngine } from "./resilience.js";
import { hostNow } from "./clock.js";
import { toReport } from "./report.js";
import { Rests } from "./rests.js";
import {
  makeChat,
  makeEmbeddings,
  makeModels,
  makePost,
  makeResponses,
} from "./surface/surface.js";
import { isEndpoint } from "./endpoint.js";
import { State } from "./state.js";
import { definitionsToTargets, keyFunctionOf, toTarget, withKey } from "./target.js";
import { decide } from "./transport.js";
import type { Target } from "./target.js";
import type { NativeFleet } from "../native.js";
import type {
  ChatCompletionsCreate,
  ChatCompletionsHelpers,
  EmbeddingsCreate,
  Endpoint,
  EventListener,
  EventName,
  LimitStatus,
  ModelClient,
  ModelOptions,
  ModelStats,
  ModelsList,
  ModelsUpdate,
  MultiplexerOptions,
  Post,
  Responses,
  TargetReport,
  TransportDecision,
} from "./types/index.js";

/** What calls need of a multiplexer, for the other doors to it. */
export let surroundingsOf: (multiplexer: Multiplexer) => Surroundings;

/** When targets are asked that name no tier: the fallbacks after the primaries. */
const [primary, fallback] = [0, 1];

/**
 * Many models, keys and providers behind one `chat.completions.create()`: weighted choice, and the
 * next target where one answers 429 or 529.
 *
 * @example
 * ```ts
 * const multiplexer = new Multiplexer();
 * multiplexer.addModel(new OpenAI(), 3, "gpt-4.1-mini");
 * multiplexer.addFallbackModel({ baseURL: "https://api.groq.com/openai/v1", apiKey }, 1, "llama-3.3-70b-versatile");
 * const completion = await multiplexer.chat.completions.create({ model: "any", messages });
 * ```
 */
export class Multiplexer {
  static {
    surroundingsOf = (multiplexer) => multiplexer.#around;
  }

  readonly chat: {
    readonly completions: ChatCompletionsHelpers & {
      /** Sends a chat completion. It may be detached from its object. */
      readonly create: ChatCompletionsCreate;
    };
  };
  /** The helpers of `chat.completions`, where openai 4 has them. */
  readonly beta: { readonly chat: { readonly completions: ChatCompletionsHelpers } };
  readonly embeddings: {
    /** Makes embeddings. A multiplexer for them holds embedding models, and those of one kind only. */
    readonly create: EmbeddingsCreate;
  };
  /** The Responses API. */
  readonly responses: Responses;
  readonly models: {
    /** The models that can answer: those that were added, each name once. Sends no request. */
    list(): ModelsList;
  };
  /** Sends a POST to any path of a target: see {@link Post}. */
  readonly post: Post;
  /**
   * A `fetch` for any SDK that takes one. The target's base URL, key and model take the place of the
   * caller's; what follows the caller's base URL stays. Whatever the targets answer is a `Response`,
   * after which no SDK tries again: failover and retries are done.
   *
   * @throws the signal's reason once it is aborted, and nothing else that a target is the reason for
   *
   * @example
   * ```ts
   * const client = new OpenAI({ apiKey: "unused", fetch: multiplexer.fetch });
   * ```
   */
  readonly fetch: typeof globalThis.fetch;

  readonly #fleet: NativeFleet;
  readonly #connection: Connection;
  readonly #targets = new Map<number, Target>();
  readonly #around: Surroundings;
  readonly #state: State | undefined;

  /** @throws {MultiplexerError} for an option that does not exist or has a wrong value */
  constructor(options?: MultiplexerOptions) {
    const { logger, cooldown, connection, resilience, state } = checkOptions(options);
    this.#connection = connection;
    const log = new Log(logger);
    const { policy, strategy } = resilience;
    this.#fleet = new native.NativeFleet(hub.native, {
      cooldownDefault: cooldown.defaultMs,
      cooldownFailure: cooldown.failureMs,
      cooldownMin: cooldown.minMs,
      cooldownMax: cooldown.maxMs,
      strategy,
      ...(policy === "resilient" ? { resilient: toEngine(resilience) } : undefined),
    });
    this.#state = State.open(state, this.#fleet, log);
    this.#around = {
      fleet: this.#fleet,
      state: this.#state,
      targets: this.#targets,
      log,
      events: new Events(log),
      rests: new Rests(this.#fleet, log),
      rested: new Set(),
      resilience,
      countsTokens: false,
      closed: false,
    };
    const completions = makeChat(this.#around);
    this.chat = { completions };
    this.beta = { chat: { completions } };
    this.embeddings = makeEmbeddings(this.#around);
    this.responses = makeResponses(this.#around);
    this.models = makeModels(this.#around);
    this.post = makePost(this.#around);
    this.fetch = makeFetch(this.#around);
  }

  /**
   * Registers a model. An id that is there already is skipped with a warning.
   *
   * @param client an OpenAI client of any version, anything else with `chat.completions.create`, or an endpoint
   * @param weight a positive integer: its share of the calls
   * @param modelName the `model` that is sent
   * @throws {MultiplexerError} for a weight, name, endpoint or option that is wrong
   */
  addModel(
    client: ModelClient | Endpoint,
    weight: number,
    modelName: string,
    options?: ModelOptions,
  ): void {
    this.#add(toTarget(client, weight, modelName, options, primary, this.#connection));
  }

  /** Registers a model that is asked only while no other can be. As `addModel`. */
  addFallbackModel(
    client: ModelClient | Endpoint,
    weight: number,
    modelName: string,
    options?: ModelOptions,
  ): void {
    this.#add(toTarget(client, weight, modelName, options, fallback, this.#connection));
  }

  /**
   * Makes these the models, all at once. One whose id stays keeps its statistics, its rest, its
   * calls under way and what it has spent of its limits; its options are those given now, and what
   * is not given is the default.
   *
   * @throws {MultiplexerError} for a definition that is wrong or an id that occurs twice; then
   * nothing has changed
   */
  updateModels(update: ModelsUpdate): void {
    if (this.#around.closed) throw closedError();
    if ((update as unknown) === undefined) {
      throw new MultiplexerError("update must be an object, not undefined.");
    }
    checkMembers("update", update, ["models", "fallbackModels"]);
    const { models, fallbackModels = [] } = update;
    const targets = [
      ...definitionsToTargets("models", models, primary, this.#connection),
      ...definitionsToTargets("fallbackModels", fallbackModels, fallback, this.#connection),
    ];
    const ids = new Set(targets.map(({ id }) => id));
    const twice = targets.find(({ id }) => !ids.delete(id));
    if (twice !== undefined) throw new MultiplexerError(`The id "${twice.id}" occurs twice.`);
    const keys = this.#fleet.replace(targets.map(({ dto }) => dto));
    const kept = new Set(keys);
    for (const [key, target] of this.#targets) if (!kept.has(key)) this.#forget(key, target);
    this.#targets.clear();
    keys.forEach((key, index) => this.#targets.set(key, targets[index] as Target));
    this.#around.countsTokens = targets.some(({ dto }) => limitsTokens(dto.limits));
  }

  /** Removes the model of this id; calls that it is answering go on. False if there is none. */
  removeModel(id: string): boolean {
    for (const [key, target] of this.#targets) {
      if (target.id !== id) continue;
      this.#targets.delete(key);
      this.#forget(key, target);
      return this.#fleet.remove(id);
    }
    return false;
  }

  /**
   * Gives an endpoint another key, and with it all endpoints that share its `key` by name. Their
   * statistics and limits stay; a rest for what concerned the old key (401, 403, its own quota) is
   * over. Where the key is a function, it is enough to say that it has changed.
   *
   * @param id the model's id
   * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
   * @throws {MultiplexerError} when there is no model with this id, it is no endpoint, or the key is wrong
   *
   * @example
   * ```ts
   * multiplexer.rotateKey("openai-1", process.env.NEW_OPENAI_API_KEY);
   * ```
   */
  rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void {
    const [at, target] = this.#find(id);
    const given = apiKey ?? keyFunctionOf(target);
    if (given === undefined) throw new MultiplexerError("apiKey must be a non-empty string.");
    const { key } = target.dto;
    for (const [each, one] of this.#targets) {
      const isSame = each === at || (key !== undefined && one.dto.key === key);
      if (isSame && (each === at || isEndpoint(one.client))) {
        this.#targets.set(each, withKey(one, given));
      }
    }
    this.#fleet.changeKey(at);
  }

  /** Ends every rest at once, whatever it was for. Limits and statistics stay. */
  endRests(): void {
    this.#around.rests.clear();
    this.#fleet.endAllRests();
  }

  /**
   * Who would put a plain call to the model of this id on the wire now, and why. What is done to
   * its client, and what comes between programs and the network, changes the answer.
   *
   * @throws {MultiplexerError} when there is no model with this id
   */
  explainTransport(id: string): TransportDecision {
    return decide(this.#find(id)[1]);
  }

  /** What has become of the calls, by id; models not asked yet are there with zeros. */
  getStats(): Record<string, ModelStats> {
    const stats: Record<string, ModelStats> = {};
    for (const { id, success, rateLimited, failed } of this.#fleet.stats()) {
      // An id may be any string, also one that means something to objects.
      Object.defineProperty(stats, id, {
        value: { success, rateLimited, failed },
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return stats;
  }

  /** All that is known of each model: attempts by outcome, latencies, and what it is doing now. */
  getReport(): TargetReport[] {
    return this.#fleet.report(hostNow()).map(toReport);
  }

  /**
   * What is left of each model's limits, by id: its own and those that it shares. Models without
   * limits are there with none.
   */
  getQuota(): Record<string, LimitStatus[]> {
    return Object.fromEntries(this.getReport().map(({ id, limits }) => [id, limits]));
  }

  /**
   * Calls `listener` whenever this happens, from now on, for calls that begin from now on. It runs
   * after what has caused the event, never in the middle of it; what it throws goes to the logger.
   *
   * @throws {MultiplexerError} if there is no such event
   *
   * @example
   * ```ts
   * multiplexer.on("cooldown", ({ id, failure, restMs }) => metrics.rests.add(restMs, { id, failure }));
   * ```
   */
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#around.events.add(name, listener);
    return this;
  }

  /** Calls `listener` no longer. */
  off<Name extends EventName>(name: Name, listener: EventListener<Name>): this {
    this.#around.events.remove(name, listener);
    return this;
  }

  /** Removes all models, their statistics and their rests. Calls under way go on. */
  reset(): void {
    this.#targets.clear();
    this.#around.countsTokens = false;
    this.#around.rests.clear();
    this.#around.rested.clear();
    this.#fleet.clear();
  }

  /**
   * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
   * that was called itself goes on with its own call. A file is written, and what is unused goes
   * back to Redis. May be called more than once.
   *
   * @throws {MultiplexerError} if the file of the state cannot be written
   */
  async close(): Promise<void> {
    this.#around.closed = true;
    hub.endAll(this.#around);
    try {
      // Until then the fleet is what there is to be written.
      if (this.#state !== undefined) await this.#state.close();
    } finally {
      this.reset();
    }
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #find(id: string): [number, Target] {
    for (const entry of this.#targets) if (entry[1].id === id) return entry;
    throw new MultiplexerError(`There is no model with the id ${show(id)}.`);
  }

  /** A target is gone, and with it whether it rested. */
  #forget(key: number, { id }: Target): void {
    this.#around.rests.forget(key);
    this.#around.rested.delete(id);
  }

  #add(target: Target): void {
    if (this.#around.closed) throw closedError();
    const key = this.#fleet.add(target.dto);
    if (key === 0) this.#around.log.addedTwice(target.id);
    else {
      this.#targets.set(key, target);
      this.#around.countsTokens ||= limitsTokens(target.dto.limits);
    }
  }
}

function closedError(): MultiplexerError {
  return new MultiplexerError("The multiplexer was closed.");
}
