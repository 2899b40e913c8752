// Where messages go: the program's logger, with the texts of `@upstash/model-multiplexer`. A
// logger that fails does not fail a call.

import { MultiplexerError } from "./errors.js";
import { show } from "./resilience.js";
import type { StateEventDto } from "../native.js";
import type { Logger } from "./types/index.js";

type Level = keyof Logger;
const levels: readonly Level[] = ["log", "warn", "error"];

/** @throws {MultiplexerError} for what messages could not be written to */
export function checkLogger(given: unknown): asserts given is Logger | false | undefined {
  if (given === undefined || given === false) return;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new MultiplexerError(
      `options.logger must be false or an object with log, warn and error, such as console, not ${show(given)}.`,
    );
  }
  for (const level of levels) {
    const write = (given as { [Name in Level]?: unknown })[level];
    if (write === undefined || typeof write === "function") continue;
    throw new MultiplexerError(`options.logger.${level} must be a function, not ${show(write)}.`);
  }
}

/** Writes messages. */
export class Log {
  readonly #logger: Logger | false | undefined;

  /** @param logger undefined means the console that there is at the time of each message */
  constructor(logger: Logger | false | undefined) {
    this.#logger = logger;
  }

  rateLimited(modelName: string, spanMs: number): void {
    this.#write("warn", `Model ${modelName} hit rate limit. Trying next model.`);
    const seconds = spanMs / 1000;
    this.#write(
      "log",
      `Model ${modelName} temporarily disabled for ${seconds}s due to rate limit.`,
    );
  }

  rests(modelName: string, outcome: string, spanMs: number): void {
    this.#write("warn", `Model ${modelName} rests for ${spanMs / 1000}s: ${outcome}.`);
  }

  returned(modelName: string): void {
    this.#write("log", `Model ${modelName} re-enabled after rate limit.`);
  }

  failed(modelName: string, error: unknown): void {
    this.#write("error", `Error in Multiplexer: ${modelName}`, error);
  }

  listenerFailed(name: string, reason: unknown): void {
    this.#write("error", `A listener of "${name}" failed:`, reason);
  }

  addedTwice(id: string): void {
    this.#write(
      "warn",
      `Attempted to add a model with the same name '${id}' multiple times. Skipping.`,
    );
  }

  /** What has become of the store of the state. */
  state({ kind, place, reason }: StateEventDto): void {
    switch (kind) {
      case "lost":
        this.#write(
          "warn",
          `The state in Redis at ${place} cannot be reached: ${reason}. It is tried again until it can.`,
        );
        break;
      case "reconnected":
        this.#write("log", `The state in Redis at ${place} can be reached again.`);
        break;
      case "reseeded":
        this.#write(
          "warn",
          `Redis at ${place} was restarted or has lost data. Limits go on when all that share them have told what they know.`,
        );
        break;
      case "unwritten":
        this.#write("warn", `The state was not written: ${reason}.`);
        break;
    }
  }

  #write(level: Level, message: string, ...rest: unknown[]): void {
    if (this.#logger === false) return;
    const logger: Logger = this.#logger ?? console;
    try {
      logger[level]?.(message, ...rest);
    } catch {
      // What a logger throws is not the caller's concern.
    }
  }
}
