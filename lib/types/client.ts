// What a multiplexer can send requests to, and how each target is set up.

import type { Limits, SharedLimits } from "./limits.js";
import type { ConnectionOptions } from "./options.js";
import type { PrefillForm } from "./resilience.js";

/**
 * Anything that has `chat.completions.create`: an `OpenAI` or `AzureOpenAI` of any SDK version,
 * your own class, a Proxy, a mock. It is called with a copy of the request's body whose `model` is
 * the registered name, and with the caller's options.
 */
export interface ModelClient {
  chat: {
    completions: {
      // Clients of several SDK versions, whose parameter types contradict each other, fit side by side.
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      create: (...args: any[]) => any;
    };
  };
}

/** An OpenAI-compatible server that is spoken to directly, without any SDK. */
export interface Endpoint {
  /**
   * The API's root, as the SDK takes it: `https://api.openai.com/v1`. It holds no user name and no
   * password; a query is sent with every request.
   */
  baseURL: string;
  /**
   * Sent as `Authorization: Bearer <apiKey>`. Never logged, and never part of an error. A function
   * is asked before each request; under the policy `"resilient"` once more where its key was
   * refused, and a new one is tried at once. One that throws, or tells no key, fails the call; under
   * `"resilient"` it counts as a server that cannot be reached, and the next target is asked.
   */
  apiKey: string | (() => string | Promise<string>);
  /** Further headers of every request. A name given here wins over the one the package would send. */
  headers?: Record<string, string> | Headers | undefined;
}

/** How one target is used. Its `proxy` and `http2` count before those of the multiplexer. */
export interface ModelOptions extends ConnectionOptions {
  /**
   * The target's name in `getStats()` and for `removeModel()`. Give it where one model is
   * registered more than once, for two keys or two providers.
   *
   * @default the model name
   */
  id?: string | undefined;
  /**
   * How many calls may be under way at once. A stream is under way until it has ended or was left.
   * A target that is full is passed over. `0`, `null` and `undefined` mean no limit.
   *
   * @default undefined
   */
  maxConcurrent?: number | null | undefined;
  /**
   * Who puts the request on the wire. `"auto"`: the Rust core for an unmodified `OpenAI` client,
   * the client itself for anything else. `"client"`: always the client. `"native"`: always the
   * Rust core; `addModel` throws where the client cannot be served by it.
   *
   * @default "auto"
   */
  transport?: "auto" | "native" | "client" | undefined;
  /**
   * When it is asked: only while no target of a lower number can be.
   *
   * @default 0 for `addModel`, 1 for `addFallbackModel`
   */
  tier?: number | undefined;
  /**
   * A name for its key, never the key itself: under the policy `"resilient"`, targets of one key
   * rest together when a failure concerns the key.
   *
   * @default a key of its own
   */
  key?: string | undefined;
  /** The same for the account that the key belongs to. */
  account?: string | undefined;
  /** The same for the provider. */
  provider?: string | undefined;
  /** What a call may require, such as `{ region: "eu" }`. */
  tags?: Record<string, string> | undefined;
  /** How many tokens its context takes: what was too long for a smaller one is asked of it. */
  contextWindow?: number | undefined;
  /**
   * In which form it takes the beginning of its answer, for `midStream: "recover"`; always as a
   * last message of the assistant. `"prefix"`: with `prefix: true` in that message (DeepSeek,
   * Mistral). `"continue_final_message"`: with `continue_final_message: true` and
   * `add_generation_prompt: false` in the body (vLLM). `"assistant"`: as it is (Anthropic's models
   * that take it).
   *
   * @default undefined, it takes none
   */
  prefill?: PrefillForm | undefined;
  /**
   * Its streams may end without `finish_reason`; else that is an error under the policy
   * `"resilient"`.
   *
   * @default false
   */
  finishOptional?: boolean | undefined;
  /**
   * What may be spent at this target. A call is let in only where it fits in every limit of its
   * target; else the next target is asked, or the call waits, or it is refused.
   */
  limits?: Limits | undefined;
  /** The same for what it shares with others. Of two targets that declare limits, the last counts. */
  sharedLimits?: SharedLimits | undefined;
  /**
   * Its model thinks before it answers, for as long as the question takes: no deadline for its first
   * token is learned.
   *
   * @default told from the model's name: o1, o3, o4, gpt-5, deepseek-reasoner, r1, …-thinking
   */
  reasoning?: boolean | undefined;
}

/** One target, as `updateModels()` takes it. */
export interface ModelDefinition extends ModelOptions {
  /** Where its requests go. */
  client: ModelClient | Endpoint;
  /** A positive integer: its share of the requests among the targets of its tier. */
  weight: number;
  /** The `model` that its requests carry. */
  modelName: string;
}

/** The whole new set of targets, as `updateModels()` takes it. */
export interface ModelsUpdate {
  /** The primary targets. */
  models: ModelDefinition[];
  /**
   * The targets used while no primary one can be.
   *
   * @default []
   */
  fallbackModels?: ModelDefinition[] | undefined;
}

/** How a plain call to one target would be made now. */
export interface TransportDecision {
  /** `"native"`: by the Rust core. `"client"`: by the registered client itself. */
  transport: "native" | "client";
  /** Why, in words for people. They may change in any release. */
  reason: string;
}

/** What has become of the calls that one target was given. */
export interface ModelStats {
  /** Calls that were answered. A stream counts when it is opened, until it dies: then it has failed. */
  success: number;
  /** Calls that were refused with status 429 or 529. */
  rateLimited: number;
  /** Calls that failed in another way. Aborted calls are not counted at all. */
  failed: number;
}
