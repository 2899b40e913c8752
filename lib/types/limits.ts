// What may be spent in a time, and what is left of it.

/** One limit: so many, or so many in a time that does not pass by UTC minutes, hours and days. */
export type Limit =
  | number
  | {
      /** So many requests or tokens: a positive integer. */
      limit: number;
      /**
       * The time zone by whose clock hours and days begin: `"America/Los_Angeles"` for Gemini's day.
       *
       * @default "UTC"
       */
      zone?: string | undefined;
      /**
       * `"fixed"`: the whole limit anew with each minute, hour or day. `"sliding"`: a bucket of the
       * limit's size that refills evenly in the limit's time, as OpenAI's and Anthropic's do.
       *
       * @default "fixed"
       */
      window?: "fixed" | "sliding" | undefined;
    };

/** What may be spent by minute, hour and day. Tokens are those of prompts and answers together. */
export interface Limits {
  /** Requests a minute. */
  rpm?: Limit | undefined;
  /** Requests an hour. */
  rph?: Limit | undefined;
  /** Requests a day. */
  rpd?: Limit | undefined;
  /** Tokens a minute. */
  tpm?: Limit | undefined;
  /** Tokens an hour. */
  tph?: Limit | undefined;
  /** Tokens a day. */
  tpd?: Limit | undefined;
}

/** What those who share something may spend together, and how many calls they may have under way. */
export interface LimitsTogether extends Limits {
  /**
   * So many calls may be under way at a time, streams until they end: a positive integer. They are
   * counted by each multiplexer for itself, as those of `maxConcurrent` are.
   *
   * @default undefined, without limit
   */
  concurrent?: number | undefined;
}

/** Limits that a target shares with all that have the same `key`, `account` or `provider`. */
export interface SharedLimits {
  /** Of the key: needs `key`. */
  key?: LimitsTogether | undefined;
  /** Of the account: needs `account`. */
  account?: LimitsTogether | undefined;
  /** Of the model with the account, whatever the key, as OpenAI, Anthropic and Groq have it: needs `account`. */
  accountModel?: LimitsTogether | undefined;
  /** Of the provider: needs `provider`. */
  provider?: LimitsTogether | undefined;
  /** Of the model at the provider, whatever the key and the account: needs `provider`. */
  model?: LimitsTogether | undefined;
}

/** What is left of a limit. */
export interface LimitStatus {
  /** Whose limit it is: the target's own, or one that it shares. */
  scope: "target" | "model" | "accountModel" | "key" | "account" | "provider";
  /** The name of that: the target's id, or what its options call the key, account or provider, with the model behind it. */
  scopeName: string;
  /** Which limit. */
  name: "rpm" | "rph" | "rpd" | "tpm" | "tph" | "tpd";
  /** The whole of it. */
  limit: number;
  /** What may still be spent: less what was spent, and less what calls under way have reserved. */
  remaining: number;
  /** When it is whole again, in milliseconds since the Unix epoch; undefined where that is not known. */
  resetsAt: number | undefined;
}
