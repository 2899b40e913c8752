// Where the state of a multiplexer lies.

/** A file, which outlives the process. One multiplexer at a time can have it. */
export interface FileState {
  type: "file";
  /** The file, in a folder that is there. Beside it are one with `.lock` and, at times, one with `.tmp` behind its name. */
  path: string;
  /**
   * How often it is written, in milliseconds, if something has changed. What has changed since is
   * lost when the process is killed.
   *
   * @default 1000
   */
  flushIntervalMs?: number | undefined;
}

/** Redis 6.2 or later, or what speaks its protocol, for any number of processes. */
export interface RedisState {
  type: "redis";
  /**
   * `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. An array is some nodes of a
   * cluster. The password is in no message, error or report.
   */
  url: string | readonly string[];
  /**
   * What all keys begin with, within braces. Multiplexers with the same one share their state.
   *
   * @default "model-multiplexer"
   */
  prefix?: string | undefined;
  /**
   * What is spent while Redis cannot be reached. `"stop"`: what was granted before. `"share"`: the
   * limits divided by the number of members last seen.
   *
   * @default "stop"
   */
  onStateLoss?: "stop" | "share" | undefined;
  /** The certificate authority to trust instead of the system's, as PEM. */
  ca?: string | undefined;
}

/** Where what is left of limits, rests and latencies are kept. */
export type StateOptions = "memory" | FileState | RedisState;
