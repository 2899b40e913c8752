// What a `Multiplexer` is constructed with.

/** Where messages go. `console` fits, and so do pino, winston and others that take a message first. */
export interface Logger {
  /** A target rests, or has come back. */
  log?(message: string): void;
  /** A target was rate limited, or was registered twice. */
  warn?(message: string, ...rest: unknown[]): void;
  /** A call failed; the failure follows the message. */
  error?(message: string, ...rest: unknown[]): void;
}

/** How long a rate-limited target rests. */
export interface CooldownOptions {
  /**
   * The rest in milliseconds after a refusal that names no time of its own.
   *
   * @default 60000
   */
  defaultMs?: number | undefined;
  /**
   * The shortest rest in milliseconds, however soon a server invites the next call.
   *
   * @default 1000
   */
  minMs?: number | undefined;
  /**
   * The longest rest in milliseconds, whatever a server asks for.
   *
   * @default 600000
   */
  maxMs?: number | undefined;
}

/** Options of `new Multiplexer()`. */
export interface MultiplexerOptions {
  /**
   * Where messages go; `false` for nowhere.
   *
   * @default console
   */
  logger?: Logger | false | undefined;
  /** How long a rate-limited target rests. */
  cooldown?: CooldownOptions | undefined;
}
