// The class that programs use: registers models and makes calls. The engine decides.

import { CallPromise } from "./call/promise.js";
import type { Answered } from "./call/promise.js";
import { Call } from "./call/run.js";
import type { Surroundings } from "./call/run.js";
import { MultiplexerError } from "./errors.js";
import { hub, native } from "./hub.js";
import { Log } from "./log.js";
import { checkOptions } from "./options.js";
import { Rests } from "./rests.js";
import { definitionToTarget, toTarget } from "./target.js";
import { decide } from "./transport.js";
import type { Target } from "./target.js";
import type { NativeFleet } from "../native.js";
import type {
  ChatCompletionsCreate,
  Endpoint,
  ModelClient,
  ModelOptions,
  ModelStats,
  ModelsUpdate,
  MultiplexerOptions,
  RequestOptions,
  TransportDecision,
} from "./types/index.js";

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
  readonly chat: {
    readonly completions: {
      /** Sends a chat completion. It may be detached from its object. */
      readonly create: ChatCompletionsCreate;
    };
  };

  readonly #fleet: NativeFleet;
  readonly #targets = new Map<number, Target>();
  readonly #around: Surroundings;
  #closed = false;

  /** @throws {MultiplexerError} for an option that does not exist or has a wrong value */
  constructor(options?: MultiplexerOptions) {
    const { logger, cooldown } = checkOptions(options);
    const log = new Log(logger);
    this.#fleet = new native.NativeFleet(
      hub.native,
      cooldown.defaultMs,
      cooldown.minMs,
      cooldown.maxMs,
    );
    this.#around = {
      fleet: this.#fleet,
      targets: this.#targets,
      log,
      rests: new Rests(this.#fleet, log),
    };
    const create = (params: unknown, requestOptions?: RequestOptions): Promise<unknown> =>
      this.#create(params, requestOptions);
    this.chat = { completions: { create: create as ChatCompletionsCreate } };
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
    this.#add(toTarget(client, weight, modelName, options, false));
  }

  /** Registers a model that is asked only while no other can be. As `addModel`. */
  addFallbackModel(
    client: ModelClient | Endpoint,
    weight: number,
    modelName: string,
    options?: ModelOptions,
  ): void {
    this.#add(toTarget(client, weight, modelName, options, true));
  }

  /**
   * Makes these the models, all at once. One whose id stays keeps its statistics, its rest and its
   * calls under way.
   *
   * @throws {MultiplexerError} for a definition that is wrong or an id that occurs twice; then
   * nothing has changed
   */
  updateModels(update: ModelsUpdate): void {
    if (this.#closed) throw closedError();
    const targets = [
      ...update.models.map((definition) => definitionToTarget(definition, false)),
      ...(update.fallbackModels ?? []).map((definition) => definitionToTarget(definition, true)),
    ];
    const ids = new Set(targets.map(({ id }) => id));
    const twice = targets.find(({ id }) => !ids.delete(id));
    if (twice !== undefined) throw new MultiplexerError(`The id "${twice.id}" occurs twice.`);
    const keys = this.#fleet.replace(targets.map(({ dto }) => dto));
    const kept = new Set(keys);
    for (const key of this.#targets.keys()) if (!kept.has(key)) this.#around.rests.forget(key);
    this.#targets.clear();
    keys.forEach((key, index) => this.#targets.set(key, targets[index] as Target));
  }

  /** Removes the model of this id; calls that it is answering go on. False if there is none. */
  removeModel(id: string): boolean {
    for (const [key, target] of this.#targets) {
      if (target.id !== id) continue;
      this.#targets.delete(key);
      this.#around.rests.forget(key);
      return this.#fleet.remove(id);
    }
    return false;
  }

  /**
   * Who would put a plain call to the model of this id on the wire now, and why. What is done to
   * its client, and what comes between programs and the network, changes the answer.
   *
   * @throws {MultiplexerError} when there is no model with this id
   */
  explainTransport(id: string): TransportDecision {
    for (const target of this.#targets.values()) if (target.id === id) return decide(target);
    throw new MultiplexerError(`There is no model with the id "${id}".`);
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

  /** Removes all models, their statistics and their rests. Calls under way go on. */
  reset(): void {
    this.#targets.clear();
    this.#around.rests.clear();
    this.#fleet.clear();
  }

  /**
   * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
   * that was called itself goes on with its own call. May be called more than once.
   */
  close(): Promise<void> {
    this.#closed = true;
    hub.endAll(this.#around);
    this.reset();
    return Promise.resolve();
  }

  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(target: Target): void {
    if (this.#closed) throw closedError();
    const key = this.#fleet.add(target.dto);
    if (key === 0) this.#around.log.addedTwice(target.id);
    else this.#targets.set(key, target);
  }

  #create(params: unknown, options: RequestOptions | undefined): Promise<unknown> {
    if (this.#closed) return new CallPromise(refused());
    return new CallPromise(new Call(this.#around, params, options));
  }
}

function closedError(): MultiplexerError {
  return new MultiplexerError("The multiplexer was closed.");
}

/** What a call is after `close()`. */
function refused(): Answered<never> {
  const value = Promise.reject(closedError());
  return { value, response: () => value };
}
