// Built from lib/ by scripts/build-js.mjs. Do not edit.
/// <reference lib="esnext.disposable" />
// @ts-ignore openai is optional
import type * as Sdk from 'openai/resources/chat/completions';
// @ts-ignore openai is optional
import type * as BetaChat from 'openai/resources/beta/chat/completions';
// @ts-ignore openai is optional
import type * as Sdk$1 from 'openai/resources/embeddings';
// @ts-ignore openai is optional
import type * as SdkResponses from 'openai/resources/responses/responses';

/** Limits of a plan. What is absent is without a limit, or not known. */
interface PlanLimits {
    /** Requests a minute. */
    rpm?: number | undefined;
    /** Requests an hour. */
    rph?: number | undefined;
    /** Requests a day. */
    rpd?: number | undefined;
    /** Tokens a minute. */
    tpm?: number | undefined;
    /** Tokens an hour. */
    tph?: number | undefined;
    /** Tokens a day. */
    tpd?: number | undefined;
}
/** A provider in the catalogue. */
interface CatalogueProvider {
    /** Its name in configurations: `groq`. */
    id: string;
    /** Its name for people. */
    name?: string | undefined;
    /** The root of its OpenAI-compatible API; absent where every customer has one of their own. */
    baseUrl?: string | undefined;
    /** The environment variables in which its key is looked for, in this order. */
    apiKeyEnv?: string[] | undefined;
    /** It answers without a key. */
    keyOptional?: boolean | undefined;
    /** How it is spoken to. */
    dialect?: "openai" | undefined;
    /** The IANA time zone in which its days begin. */
    zone?: string | undefined;
    /** Whether each model has the limits to itself, or all models of an account share them. */
    limitsPer?: "model" | "account" | undefined;
    /** The limits of its free plan where an offer names none; `null` where there is no such plan. */
    freePlan?: PlanLimits | null | undefined;
    /** How it goes on from a partial answer. */
    prefill?: "prefix" | "continue_final_message" | "assistant" | undefined;
    /** Where it does so, if not at `baseUrl`. */
    prefillBaseUrl?: string | undefined;
    /** Where the facts are from. */
    source?: string | undefined;
    /** The day (ISO 8601) as of which they were true. */
    asOf?: string | undefined;
}
/** A model at one provider. */
interface CatalogueOffer {
    /** The provider's id. */
    provider: string;
    /** What the provider calls the model. */
    id: string;
    /** How many tokens the context takes there, if not as many as the model's. */
    contextWindow?: number | undefined;
    /** How many tokens an answer may have there, if not as many as the model's. */
    maxOutputTokens?: number | undefined;
    /** The limits of the free plan, if not the provider's own; `null` where there is none. */
    freePlan?: PlanLimits | null | undefined;
    /** How it goes on from a partial answer, if not as the provider's other models. */
    prefill?: CatalogueProvider["prefill"];
    /** US dollars per million tokens. What is absent is unknown. */
    price?: {
        inputPerMillion?: number | undefined;
        outputPerMillion?: number | undefined;
        cachedInputPerMillion?: number | undefined;
    } | undefined;
    /** The day (ISO 8601) from which the provider no longer has it. */
    retiresOn?: string | undefined;
    /** Where the facts are from. */
    source?: string | undefined;
    /** The day (ISO 8601) as of which they were true. */
    asOf?: string | undefined;
}
/** A model in the catalogue. */
interface CatalogueModel {
    /** Its canonical id. */
    id: string;
    /** Which models it belongs to: `Llama`. */
    family?: string | undefined;
    /** 4 for the largest to 1 for the smallest. */
    tier: number;
    /** Other names for it. */
    aliases?: string[] | undefined;
    /** How many tokens its context takes. */
    contextWindow?: number | undefined;
    /** How many tokens an answer may have. */
    maxOutputTokens?: number | undefined;
    /** What it can do, where that is known. */
    capabilities?: {
        tools?: boolean | undefined;
        vision?: boolean | undefined;
        reasoning?: boolean | undefined;
    } | undefined;
    /** Who has it. */
    offers: CatalogueOffer[];
}
/** What is known of providers and models. */
interface Catalogue {
    providers: CatalogueProvider[];
    /** Names that stand for a tier; `null` for any tier, the highest first. */
    generic: Record<string, number | null>;
    models: CatalogueModel[];
}
/**
 * What a program adds to the catalogue. An entry whose `id` is known replaces the members that it
 * names (`null` removes one); a model's offers are matched by `provider` and `id`.
 */
interface CatalogueOverrides {
    providers?: (Partial<CatalogueProvider> & {
        id: string;
    })[] | undefined;
    models?: (Partial<CatalogueModel> & {
        id: string;
    })[] | undefined;
    generic?: Record<string, number | null> | undefined;
}

/** One limit: so many, or so many in a time that does not pass by UTC minutes, hours and days. */
type Limit = number | {
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
interface Limits {
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
interface LimitsTogether extends Limits {
    /**
     * So many calls may be under way at a time, streams until they end: a positive integer. They are
     * counted by each multiplexer for itself, as those of `maxConcurrent` are.
     *
     * @default undefined, without limit
     */
    concurrent?: number | undefined;
}
/** Limits that a target shares with all that have the same `key`, `account` or `provider`. */
interface SharedLimits {
    /** Of the key: needs `key`. */
    key?: LimitsTogether | undefined;
    /** Of the account: needs `account`. */
    account?: LimitsTogether | undefined;
    /** Of the provider: needs `provider`. */
    provider?: LimitsTogether | undefined;
    /** Of the model at the provider, whatever the key: needs `provider`. */
    model?: LimitsTogether | undefined;
}
/** What is left of a limit. */
interface LimitStatus {
    /** Whose limit it is: the target's own, or one that it shares. */
    scope: "target" | "model" | "key" | "account" | "provider";
    /** The name of that: the target's id, or what its options call the key, account or provider. */
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

/**
 * `"compat"`: as `@upstash/model-multiplexer`: 429 and 529 go to the next target, anything else is
 * the caller's. `"resilient"`: every failure is judged by status, headers and body; what another
 * target may do better goes to another target; whom a failure concerns (target, key, account,
 * provider) rests, longer each time, and comes back by one probe; a stream is handed over at its
 * first token, and one that breaks off is an error.
 */
type PolicyName = "compat" | "resilient";
/**
 * How a target is chosen among those that can be asked: `"weighted"` by chance, in proportion to
 * the weights; `"priority"` the first in the order of adding; `"round-robin"` each in its turn;
 * `"sticky"` calls of one `session` stay with one target; `"latency"` the sooner of two to give its
 * first token, as measured on streams under the policy `"resilient"`; `"least-busy"` the one with
 * the fewest calls under way; `"least-used"` the one of whose scarcest limit the largest part is
 * left.
 */
type StrategyName = "weighted" | "priority" | "round-robin" | "sticky" | "latency" | "least-busy" | "least-used";
/**
 * What becomes of a chat completion's stream that breaks off after something of it was handed over.
 * `"error"`: a `StreamInterruptedError` with what came before. `"recover"`: another target goes on
 * with it. A target with a `prefill` is handed the text so far and answers what follows; any other
 * is asked the same anew, and its answer is withheld until it has said all that was given, letter for
 * letter. Where it says something else, or nobody can be asked, it is the `StreamInterruptedError`.
 * A tool call is handed over when it is complete.
 *
 * Not attempted after a complete tool call; for requests with `n` above 1, `logprobs`,
 * `response_format`, audio or signed thinking; for those that must not be sent twice (`store: true`,
 * tools that the provider runs); and where a client was called itself.
 */
type MidStream = "error" | "recover";
/** In which form a target takes the beginning of its answer. */
type PrefillForm = "prefix" | "continue_final_message" | "assistant";
/** Deadlines in milliseconds, under the policy `"resilient"`. 0 is none. */
interface Timeouts {
    /**
     * To open a connection, with TLS and a proxy's tunnel; then the next target is asked. For requests
     * that the Rust core sends.
     *
     * @default 10000
     */
    connectMs?: number | undefined;
    /**
     * From the request to the first token of a stream; then the next target is asked. Without it, it is
     * learned for each target and size of prompt: three times what 95 % of the last answers took, and
     * a second at least; none before there were 50, and none for models that think before they answer
     * (`reasoning`).
     *
     * @default learned
     */
    firstTokenMs?: number | undefined;
    /**
     * From one event of a stream to the next; then the stream has broken off. Comments and bytes that
     * make no event do not count. In a JSON answer, from one piece of its body to the next; then the
     * next target is asked.
     *
     * @default 120000
     */
    stallMs?: number | undefined;
    /**
     * Of the whole call, with its waits and all its attempts, to the end of the answer.
     *
     * @default 0
     */
    totalMs?: number | undefined;
}
/**
 * How many attempts may be repeated after which work may have begun (5xx, time-outs, broken
 * connections), over the last ten seconds, so that retries do not bury providers that are down.
 */
interface RetryBudget {
    /**
     * Retries for each call.
     *
     * @default 0.2
     */
    share?: number | undefined;
    /**
     * Retries a second that are always allowed.
     *
     * @default 10
     */
    minPerSecond?: number | undefined;
}
/** When a second target is asked beside one that is late. */
interface HedgeOptions {
    /**
     * At most this share of the calls of the last ten seconds, from 0 to 1. Each counts against the
     * `retryBudget` as well.
     *
     * @default 0.05
     */
    share?: number | undefined;
}
/** A failure of an attempt, in the words of `getReport()`. */
type FailureName = Exclude<OutcomeName, "success" | "aborted">;
/**
 * What is done after a failure: `"giveUp"`: it is the caller's; `"failOver"`: the other targets are
 * asked, once each; `"retry"`: the same target once more after a moment, then the others.
 */
type OutcomeRules = {
    [Failure in FailureName]?: (Failure extends "unavailable" | "timed_out" | "truncated" ? "giveUp" | "failOver" | "retry" : "giveUp" | "failOver") | undefined;
};
/** What one call asks of its targets. It reaches no client and no wire. */
interface CallOptions {
    /** What the call belongs to, for the strategy `"sticky"`. */
    session?: string | undefined;
    /** Only targets that have all of these tags are asked. */
    require?: Record<string, string> | undefined;
    /** As the multiplexer's `maxWaitMs`, for this call. */
    maxWaitMs?: number | undefined;
    /** As the multiplexer's `timeouts.totalMs`, for this call: milliseconds above 0. */
    deadlineMs?: number | undefined;
    /**
     * Among calls that wait, those with the higher number go first. A whole number.
     *
     * @default 0
     */
    priority?: number | undefined;
    /** As the multiplexer's `midStream`, for this call. */
    midStream?: MidStream | undefined;
}
/** A tool call as far as it has come. */
interface PartialToolCall {
    /** Its id, once it has come. */
    id: string | undefined;
    /** The function's name. */
    name: string;
    /** The beginning of its arguments' JSON. */
    arguments: string;
}
/** What an attempt came to. */
type OutcomeName = "success" | "rate_limited" | "overloaded" | "quota_used_up" | "unavailable" | "timed_out" | "bad_credentials" | "model_not_found" | "context_too_long" | "content_refused" | "bad_request" | "aborted" | "truncated";
/** Milliseconds, of late. */
interface Percentiles {
    p50: number;
    p95: number;
    p99: number;
}
/** What has become of a target's calls, and what it is doing. */
interface TargetReport {
    /** The target's id. */
    id: string;
    /** `probing`: one call finds out whether it is back. `ramping`: its share grows again. */
    state: "ready" | "resting" | "probing" | "ramping" | "atCapacity";
    /** Until when it rests, in milliseconds since the Unix epoch; undefined if it does not. */
    restsUntil: number | undefined;
    /** Calls under way. */
    inFlight: number;
    /** Attempts by what they came to, under either policy; those that have not occurred are not there. */
    outcomes: Partial<Record<OutcomeName, number>>;
    /** Times to the first token, under the policy `"resilient"`; undefined while there are none. */
    firstTokenMs: Percentiles | undefined;
    /** What whole attempts took, under the policy `"resilient"`; undefined while there are none. */
    durationMs: Percentiles | undefined;
    /** Tokens of its attempts, under the policy `"resilient"`. */
    tokens: {
        /** As the provider has told them. */
        reported: TokenCount;
        /** Of attempts whose tokens were not told, as far as they had come: see `reportOf()`. */
        estimated: TokenCount;
    };
    /** What is left of its limits, and of those that it shares. */
    limits: LimitStatus[];
}
/** Tokens of prompts and of answers. */
interface TokenCount {
    input: number;
    output: number;
}

/** A file, which outlives the process. One multiplexer at a time can have it. */
interface FileState {
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
interface RedisState {
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
type StateOptions = "memory" | FileState | RedisState;

/** Where messages go. `console` fits, and so do pino, winston and others that take a message first. */
interface Logger {
    /** A target rests, or has come back. */
    log?(message: string): void;
    /** A target was rate limited, or was registered twice. */
    warn?(message: string, ...rest: unknown[]): void;
    /** A call failed; the failure follows the message. */
    error?(message: string, ...rest: unknown[]): void;
}
/** How long a rate-limited target rests. */
interface CooldownOptions {
    /**
     * The rest in milliseconds after a refusal that names no time of its own.
     *
     * @default 60000
     */
    defaultMs?: number | undefined;
    /**
     * The first rest in milliseconds after any other failure that names no time of its own, under the
     * policy `"resilient"`: overload, 5xx, broken connections, time-outs, broken streams. Each
     * failure in a row doubles it, to at most a minute or this, if this is longer.
     *
     * @default 1000
     */
    failureMs?: number | undefined;
    /**
     * The shortest rest in milliseconds, however soon a server invites the next call.
     *
     * @default 1000, under the policy `"resilient"` 250
     */
    minMs?: number | undefined;
    /**
     * The longest rest in milliseconds, whatever a server asks for.
     *
     * @default 600000, under the policy `"resilient"` 86400000
     */
    maxMs?: number | undefined;
}
/** How connections are made for requests that the Rust core sends. */
interface ConnectionOptions {
    /**
     * The http(s) URL of a proxy, which may hold a name and a password for it; it is asked for a
     * tunnel (`CONNECT`). `false` for none. Without it, `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
     * count where `NODE_USE_ENV_PROXY=1` says so, as in Node.js.
     *
     * @default undefined
     */
    proxy?: string | false | undefined;
    /**
     * `true`: HTTP/2 over TLS with servers that offer it, else HTTP/1.1. `"prior-knowledge"`: HTTP/2
     * without asking, over plain TCP as well. `false`: HTTP/1.1.
     *
     * @default false
     */
    http2?: boolean | "prior-knowledge" | undefined;
}
/** Options of `new Multiplexer()`. */
interface MultiplexerOptions extends ConnectionOptions {
    /**
     * Where messages go; `false` for nowhere.
     *
     * @default console
     */
    logger?: Logger | false | undefined;
    /** How long a rate-limited target rests. Under `"resilient"` from 250 ms to 24 h. */
    cooldown?: CooldownOptions | undefined;
    /**
     * What is done when an attempt fails.
     *
     * @default "compat"
     */
    policy?: PolicyName | undefined;
    /**
     * How a target is chosen.
     *
     * @default "weighted"
     */
    strategy?: StrategyName | undefined;
    /** Deadlines, under the policy `"resilient"`. */
    timeouts?: Timeouts | undefined;
    /** What is done after a failure where it is not what the policy `"resilient"` does. */
    outcomes?: OutcomeRules | undefined;
    /**
     * Asks a second target beside one that is later than 95 % of its last answers to prompts of the
     * size, under the policy `"resilient"`: one that shares no `key`, `account` or `provider` with it.
     * Whichever answers first is the call's; the other is cancelled, and what it has cost is billed.
     * Not for requests that must not be executed twice, nor for what is read as a `Response`.
     *
     * @default false
     */
    hedge?: boolean | HedgeOptions | undefined;
    /** How many attempts may be repeated, under the policy `"resilient"`. */
    retryBudget?: RetryBudget | undefined;
    /**
     * For how many milliseconds a call may wait, under the policy `"resilient"`, when every target
     * rests or is at capacity. It is refused at once where none can be free in time.
     *
     * @default 0
     */
    maxWaitMs?: number | undefined;
    /**
     * What becomes of a chat completion's stream that breaks off, under the policy `"resilient"`.
     *
     * @default "error"
     */
    midStream?: MidStream | undefined;
    /**
     * Where what is left of limits, rests and latencies are kept: in this process, in a file that
     * outlives it, or in Redis for any number of processes.
     *
     * @default "memory"
     */
    state?: StateOptions | undefined;
    /**
     * A name: multiplexers of this process that have the same one, in whatever worker thread, share
     * limits and rests. For `state: "memory"`.
     */
    share?: string | undefined;
}

/**
 * Anything that has `chat.completions.create`: an `OpenAI` or `AzureOpenAI` of any SDK version,
 * your own class, a Proxy, a mock. It is called with a copy of the request's body whose `model` is
 * the registered name, and with the caller's options.
 */
interface ModelClient {
    chat: {
        completions: {
            create: (...args: any[]) => any;
        };
    };
}
/** An OpenAI-compatible server that is spoken to directly, without any SDK. */
interface Endpoint {
    /** The API's root, as the SDK takes it: `https://api.openai.com/v1`. */
    baseURL: string;
    /**
     * Sent as `Authorization: Bearer <apiKey>`. Never logged, and never part of an error. A function
     * is asked before each request; under the policy `"resilient"` once more where its key was
     * refused, and a new one is tried at once.
     */
    apiKey: string | (() => string | Promise<string>);
    /** Further headers of every request. A name given here wins over the one the package would send. */
    headers?: Record<string, string>;
}
/** How one target is used. Its `proxy` and `http2` count before those of the multiplexer. */
interface ModelOptions extends ConnectionOptions {
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
interface ModelDefinition extends ModelOptions {
    /** Where its requests go. */
    client: ModelClient | Endpoint;
    /** A positive integer: its share of the requests among the targets of its tier. */
    weight: number;
    /** The `model` that its requests carry. */
    modelName: string;
}
/** The whole new set of targets, as `updateModels()` takes it. */
interface ModelsUpdate {
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
interface TransportDecision {
    /** `"native"`: by the Rust core. `"client"`: by the registered client itself. */
    transport: "native" | "client";
    /** Why, in words for people. They may change in any release. */
    reason: string;
}
/** What has become of the calls that one target was given. */
interface ModelStats {
    /** Calls that were answered. A stream counts when it is opened, until it dies: then it has failed. */
    success: number;
    /** Calls that were refused with status 429 or 529. */
    rateLimited: number;
    /** Calls that failed in another way. Aborted calls are not counted at all. */
    failed: number;
}

/** A provider of a pool: every key is good for every model. */
interface KeyPoolProvider {
    /** Its name in `executeWithFallback()`. */
    name: string;
    /** Its keys, or functions that tell them, in the order in which they are used. */
    keys: readonly Endpoint["apiKey"][];
    /** Its models, in the order in which they are used. */
    models: readonly string[];
    /** The limits of each model at each key. */
    limits?: Limits | undefined;
    /** The limits of each `key`, of each `model` whatever the key, and of the `provider`. */
    sharedLimits?: Omit<SharedLimits, "account"> | undefined;
    /** How many calls each model may have under way at each key; none is without limit. */
    maxConcurrent?: number | undefined;
}
/** What a hook is told. The key is the secret itself, here and nowhere else. */
interface KeyPoolFailure {
    /** The provider that failed. */
    provider: string;
    /** The key that failed last. */
    apiKey: string;
    /** What the handler threw. */
    error: unknown;
}
/** Called after something failed. What it throws, or rejects with, is not the call's concern. */
type KeyPoolHook = (failure: KeyPoolFailure) => unknown;
/** Configuration of `new KeyPool()`. */
interface KeyPoolConfig {
    /** At least one. */
    providers: readonly KeyPoolProvider[];
    /**
     * How many milliseconds a key rests after a failure that names no time of its own.
     *
     * @default 60000
     */
    cooldownMs?: number | undefined;
    /**
     * `"priority"`: each call begins with the first provider of its order. `"sticky"`: with the
     * provider and the model that have succeeded last. `"round-robin"`: with the next provider.
     *
     * @default "priority"
     */
    strategy?: "priority" | "sticky" | "round-robin" | undefined;
    /** A key has failed. */
    onKeyFailure?: KeyPoolHook | undefined;
    /** All keys have failed for a model: the provider's next one is tried. */
    onModelSwitch?: KeyPoolHook | undefined;
    /** A provider has failed: the next one is tried. */
    onProviderSwitch?: KeyPoolHook | undefined;
    /** As the multiplexer's: where limits, rests and latencies are kept. */
    state?: StateOptions | undefined;
    /** As the multiplexer's: pools of this process with the same name share limits and rests. */
    share?: string | undefined;
    /**
     * Where messages go. They hold no key.
     *
     * @default false
     */
    logger?: Logger | false | undefined;
}
/** What a handler is given. */
interface KeyPoolContext {
    /** The key to call with. */
    apiKey: string;
    /** The provider's name. */
    provider: string;
    /** The model to call. */
    model: string;
    /** Aborted when the call is. Undefined where the call has no signal. */
    signal: AbortSignal | undefined;
}
/** Options of one call. */
interface KeyPoolCallOptions {
    /** Ends the call: it rejects with the signal's reason, and nothing is counted. */
    signal?: AbortSignal | undefined;
}
/** One call of the handler that failed. */
interface KeyPoolAttempt {
    /** The provider's name. */
    provider: string;
    /** The model. */
    model: string;
    /** The key's id: `openai/key-1` for the first. Never the key itself. */
    key: string;
    /** What the failure has been judged to be. */
    outcome: OutcomeName | undefined;
    /** The HTTP status, where the error tells one. */
    status: number | undefined;
    /** How long the handler took. */
    durationMs: number;
    /** What the handler threw. */
    error: unknown;
}

/** One header's value. `null` takes away a header that the client would send. */
type HeaderValue = string | null | undefined;
/** Headers as the SDK's own helpers hand them on (SDK 5 and later): those to set, and the names to remove. */
interface NullableHeaders {
    readonly values: Headers;
    readonly nulls: ReadonlySet<string>;
}
/** Headers in any form that `fetch` or an OpenAI SDK takes. */
type HeadersLike = Headers | NullableHeaders | readonly (readonly HeaderValue[])[] | {
    readonly [name: string]: HeaderValue | readonly HeaderValue[];
};
/**
 * Options of one call. The names are those of the OpenAI SDK and of `@upstash/model-multiplexer`;
 * `RequestOptions` of every supported SDK version can be passed as they are.
 */
interface RequestOptions {
    /** What this call asks of its targets. It reaches no client and no wire. */
    multiplexer?: CallOptions | undefined;
    /** Ends the call, and a stream that it has opened. An aborted call rejects and counts nowhere. */
    signal?: AbortSignal | null | undefined;
    /**
     * The milliseconds that one attempt may take until the response's headers are there.
     *
     * @default the client's `timeout`, 600000 in the SDK
     */
    timeout?: number | undefined;
    /**
     * How many times one target is tried again after a connection failure or a status 408, 409 or
     * 5xx. A 429 or 529 goes to the next target at once.
     *
     * @default the client's `maxRetries`, 2 in the SDK
     */
    maxRetries?: number | undefined;
    /** Headers of this call, over the client's own. `null` takes a header away. */
    headers?: HeadersLike | null | undefined;
    /** An object whose members are added to the URL's query, over the client's own. */
    query?: unknown;
    /** The path below the base URL, in place of `/chat/completions`. */
    path?: string | undefined;
    /** The HTTP method, in place of `post`. */
    method?: "get" | "post" | "put" | "patch" | "delete" | undefined;
    /** The body, in place of the first argument. */
    body?: unknown;
    /** Sent as `Idempotency-Key` by clients that know one. */
    idempotencyKey?: string | undefined;
    /** The base URL for a client that was given none itself (SDK 5 and later). */
    defaultBaseURL?: string | undefined;
    /** Passed to `fetch` by the client (SDK 5 and later). A call that carries it is made by the client itself. */
    fetchOptions?: object | undefined;
    /** The agent that the client uses (SDK 4). A call that carries it is made by the client itself. */
    httpAgent?: unknown;
    /** Passed on to the client. To open a stream, set `stream` in the body. */
    stream?: boolean | undefined;
    /** Passed on to the client. To set headers of this call, use `headers`. */
    defaultHeaders?: Record<string, string> | undefined;
    /** Passed on to the client. To set the query of this call, use `query`. */
    defaultQuery?: Record<string, string> | undefined;
    /** Passed on to the client. To choose the format, set `response_format` in the body. */
    responseFormat?: "json" | "text" | undefined;
    /** Passed on to the client, which takes its base URL from its own construction. */
    baseURL?: string | undefined;
}

/** A function that a model may call. */
interface FunctionDefinition {
    /** `a-z`, `A-Z`, `0-9`, underscores and dashes, at most 64 characters. */
    name: string;
    /** What the function does: how the model decides when to call it. */
    description?: string;
    /** A JSON Schema of the arguments. Absent: no arguments. */
    parameters?: {
        [key: string]: unknown;
    };
    /** Whether the arguments follow the schema exactly. */
    strict?: boolean | null;
}
/** A tool that is a function. */
interface ChatCompletionFunctionTool {
    type: "function";
    function: FunctionDefinition;
}
/** A tool that takes text, free or in a grammar. */
interface ChatCompletionCustomTool {
    type: "custom";
    custom: {
        name: string;
        description?: string;
        format?: {
            type: "text";
        } | {
            type: "grammar";
            grammar: {
                definition: string;
                syntax: "lark" | "regex";
            };
        };
    };
}
/** A tool that a model may call. */
type ChatCompletionTool$1 = ChatCompletionFunctionTool | ChatCompletionCustomTool;
/** Which tool the model is to call, if any. */
type ChatCompletionToolChoiceOption = "none" | "auto" | "required" | {
    type: "function";
    function: {
        name: string;
    };
} | {
    type: "custom";
    custom: {
        name: string;
    };
} | {
    type: "allowed_tools";
    allowed_tools: {
        mode: "auto" | "required";
        tools: {
            [key: string]: unknown;
        }[];
    };
};
/** A call of a function. */
interface ChatCompletionMessageFunctionToolCall {
    id: string;
    type: "function";
    function: {
        name: string;
        /** JSON as the model wrote it, which may not parse and may not follow the schema. */
        arguments: string;
    };
}
/** A call of a custom tool. */
interface ChatCompletionMessageCustomToolCall {
    id: string;
    type: "custom";
    custom: {
        name: string;
        input: string;
    };
}
/** A call of a tool, as a model's message carries it. */
type ChatCompletionMessageToolCall = ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall;
/** A piece of a tool call, as a stream carries it: pieces with the same `index` belong together. */
interface ChatCompletionChunkToolCall {
    index: number;
    id?: string;
    type?: "function" | "custom";
    function?: {
        name?: string;
        arguments?: string;
    };
    custom?: {
        name?: string;
        input?: string;
    };
}

interface ChatCompletionContentPartText {
    type: "text";
    text: string;
}
interface ChatCompletionContentPartRefusal {
    type: "refusal";
    refusal: string;
}
interface ChatCompletionContentPartImage {
    type: "image_url";
    image_url: {
        /** A URL, or the image itself as a `data:` URL. */
        url: string;
        detail?: "auto" | "low" | "high" | "original";
    };
}
interface ChatCompletionContentPartInputAudio {
    type: "input_audio";
    input_audio: {
        /** Base64. */
        data: string;
        format: "wav" | "mp3";
    };
}
interface ChatCompletionContentPartFile {
    type: "file";
    file: {
        /** Base64. */
        file_data?: string;
        file_id?: string;
        filename?: string;
    };
}
/** A part of a user's message. */
type ChatCompletionContentPart = ChatCompletionContentPartText | ChatCompletionContentPartImage | ChatCompletionContentPartInputAudio | ChatCompletionContentPartFile;
/** Instructions, for o1 and later models in place of a system message. */
interface ChatCompletionDeveloperMessageParam {
    role: "developer";
    content: string | ChatCompletionContentPartText[];
    name?: string;
}
/** Instructions. */
interface ChatCompletionSystemMessageParam {
    role: "system";
    content: string | ChatCompletionContentPartText[];
    name?: string;
}
/** What the user says. */
interface ChatCompletionUserMessageParam {
    role: "user";
    content: string | ChatCompletionContentPart[];
    name?: string;
}
/** What the model has said before. */
interface ChatCompletionAssistantMessageParam {
    role: "assistant";
    /** Required unless there are `tool_calls` or a `function_call`. */
    content?: string | (ChatCompletionContentPartText | ChatCompletionContentPartRefusal)[] | null;
    audio?: {
        id: string;
    } | null;
    name?: string;
    refusal?: string | null;
    tool_calls?: ChatCompletionMessageToolCall[];
    /** @deprecated Use `tool_calls`. */
    function_call?: {
        name: string;
        arguments: string;
    } | null;
}
/** What a tool call has returned. */
interface ChatCompletionToolMessageParam {
    role: "tool";
    content: string | ChatCompletionContentPartText[];
    /** The `id` of the call that this answers. */
    tool_call_id: string;
}
/** Deprecated by the API in favour of tool messages. */
interface ChatCompletionFunctionMessageParam {
    role: "function";
    content: string | null;
    name: string;
}
/** A message of the conversation that a request carries. */
type ChatCompletionMessageParam$1 = ChatCompletionDeveloperMessageParam | ChatCompletionSystemMessageParam | ChatCompletionUserMessageParam | ChatCompletionAssistantMessageParam | ChatCompletionToolMessageParam | ChatCompletionFunctionMessageParam;
/** A message that a model has written. It can be sent back as it is. */
interface ChatCompletionMessage$1 {
    role: "assistant";
    content: string | null;
    refusal: string | null;
    annotations?: {
        type: "url_citation";
        url_citation: {
            start_index: number;
            end_index: number;
            title: string;
            url: string;
        };
    }[];
    audio?: {
        id: string;
        /** Base64. */
        data: string;
        /** Unix time in seconds. */
        expires_at: number;
        transcript: string;
    } | null;
    tool_calls?: ChatCompletionMessageToolCall[];
    /** @deprecated Use `tool_calls`. */
    function_call?: {
        name: string;
        arguments: string;
    } | null;
}

/** Why the model stopped. */
type ChatCompletionFinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "function_call";
type ChatCompletionServiceTier = "auto" | "default" | "flex" | "scale" | "priority" | "fast" | null;
/** Tokens used by one request. */
interface CompletionUsage {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: {
        audio_tokens?: number;
        cached_tokens?: number;
        cache_write_tokens?: number;
        image_tokens?: number;
        text_tokens?: number;
    };
    completion_tokens_details?: {
        accepted_prediction_tokens?: number;
        audio_tokens?: number;
        reasoning_tokens?: number;
        rejected_prediction_tokens?: number;
        text_tokens?: number;
    };
}
/** How likely one token was, and the others at its place. */
interface ChatCompletionTokenLogprob {
    token: string;
    /** UTF-8, for tokens that are parts of characters. */
    bytes: number[] | null;
    logprob: number;
    top_logprobs: {
        token: string;
        bytes: number[] | null;
        logprob: number;
    }[];
}
interface ChatCompletionLogprobs {
    content: ChatCompletionTokenLogprob[] | null;
    refusal: ChatCompletionTokenLogprob[] | null;
}
interface ChatCompletionChoice {
    index: number;
    finish_reason: ChatCompletionFinishReason;
    logprobs: ChatCompletionLogprobs | null;
    message: ChatCompletionMessage$1;
}
/** A finished chat completion. */
interface ChatCompletion$1 {
    id: string;
    object: "chat.completion";
    /** Unix time in seconds. */
    created: number;
    model: string;
    choices: ChatCompletionChoice[];
    service_tier?: ChatCompletionServiceTier;
    system_fingerprint?: string;
    usage?: CompletionUsage;
}
/** What a chunk adds to a choice's message. */
interface ChatCompletionChunkDelta {
    role?: "developer" | "system" | "user" | "assistant" | "tool";
    content?: string | null;
    refusal?: string | null;
    tool_calls?: ChatCompletionChunkToolCall[];
    /** @deprecated Use `tool_calls`. */
    function_call?: {
        name?: string;
        arguments?: string;
    };
}
interface ChatCompletionChunkChoice {
    index: number;
    delta: ChatCompletionChunkDelta;
    finish_reason: ChatCompletionFinishReason | null;
    logprobs?: ChatCompletionLogprobs | null;
}
/** One event of a streamed chat completion. */
interface ChatCompletionChunk$1 {
    id: string;
    object: "chat.completion.chunk";
    /** Unix time in seconds; the same in every chunk. */
    created: number;
    model: string;
    /** Empty in the last chunk when usage was asked for. */
    choices: ChatCompletionChunkChoice[];
    obfuscation?: string;
    service_tier?: ChatCompletionServiceTier;
    system_fingerprint?: string;
    /** In the last chunk, when `stream_options.include_usage` was set; `null` in the others. */
    usage?: CompletionUsage | null;
}

/** The form in which the model is to answer. */
type ChatCompletionResponseFormat = {
    type: "text";
} | {
    type: "json_object";
} | {
    type: "json_schema";
    json_schema: {
        name: string;
        description?: string;
        /** A JSON Schema. */
        schema?: {
            [key: string]: unknown;
        };
        strict?: boolean | null;
    };
};
/** Where a web search is to imagine the user. */
interface WebSearchOptions {
    search_context_size?: "low" | "medium" | "high";
    user_location?: {
        type: "approximate";
        approximate: {
            city?: string;
            country?: string;
            region?: string;
            timezone?: string;
        };
    } | null;
}
/** Everything but `stream`. */
interface ChatCompletionCreateParamsBase {
    messages: ChatCompletionMessageParam$1[];
    /** Replaced by the name of the target that is chosen. */
    model: string;
    audio?: {
        format: "wav" | "aac" | "mp3" | "flac" | "opus" | "pcm16";
        voice: string | {
            id: string;
        };
    } | null;
    frequency_penalty?: number | null;
    /** @deprecated Use `tool_choice`. */
    function_call?: "none" | "auto" | {
        name: string;
    };
    /** @deprecated Use `tools`. */
    functions?: Omit<FunctionDefinition, "strict">[];
    logit_bias?: {
        [token: string]: number;
    } | null;
    logprobs?: boolean | null;
    max_completion_tokens?: number | null;
    /** @deprecated Use `max_completion_tokens` where the server knows it. */
    max_tokens?: number | null;
    metadata?: {
        [key: string]: string;
    } | null;
    modalities?: ("text" | "audio")[] | null;
    n?: number | null;
    parallel_tool_calls?: boolean;
    prediction?: {
        type: "content";
        content: string | ChatCompletionContentPartText[];
    } | null;
    presence_penalty?: number | null;
    prompt_cache_key?: string | null;
    reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | null;
    response_format?: ChatCompletionResponseFormat;
    safety_identifier?: string | null;
    seed?: number | null;
    service_tier?: ChatCompletionServiceTier;
    stop?: string | string[] | null;
    store?: boolean | null;
    /** For streams only. */
    stream_options?: {
        include_usage?: boolean;
        include_obfuscation?: boolean;
    } | null;
    temperature?: number | null;
    tool_choice?: ChatCompletionToolChoiceOption;
    tools?: ChatCompletionTool$1[];
    top_logprobs?: number | null;
    top_p?: number | null;
    /** @deprecated Use `safety_identifier` and `prompt_cache_key` where the server knows them. */
    user?: string;
    verbosity?: "low" | "medium" | "high" | null;
    web_search_options?: WebSearchOptions;
}
/** The body of a request that asks for a whole completion. */
interface ChatCompletionCreateParamsNonStreaming$1 extends ChatCompletionCreateParamsBase {
    stream?: false | null;
}
/** The body of a request that asks for a stream. */
interface ChatCompletionCreateParamsStreaming$1 extends ChatCompletionCreateParamsBase {
    stream: true;
}
/** The body of a request, with or without `stream`. */
type ChatCompletionCreateParams$1 = ChatCompletionCreateParamsNonStreaming$1 | ChatCompletionCreateParamsStreaming$1;

/**
 * Without `openai` every name above is an unresolved type, which a conditional type cannot tell
 * from a real one; an interface that extends it merely ends up without members.
 */
interface SdkProbe extends Sdk.ChatCompletion {
}
type WhenInstalled<FromSdk, FromHere> = [keyof SdkProbe] extends [never] ? FromHere : FromSdk;
/** A finished chat completion, as your version of `openai` types it. */
type ChatCompletion = WhenInstalled<Sdk.ChatCompletion, ChatCompletion$1>;
/** One event of a streamed chat completion, as your version of `openai` types it. */
type ChatCompletionChunk = WhenInstalled<Sdk.ChatCompletionChunk, ChatCompletionChunk$1>;
/** The body of a request that asks for a whole completion. */
type ChatCompletionCreateParamsNonStreaming = WhenInstalled<Sdk.ChatCompletionCreateParamsNonStreaming, ChatCompletionCreateParamsNonStreaming$1>;
/** The body of a request that asks for a stream. */
type ChatCompletionCreateParamsStreaming = WhenInstalled<Sdk.ChatCompletionCreateParamsStreaming, ChatCompletionCreateParamsStreaming$1>;
/** The body of a request, with or without `stream`. */
type ChatCompletionCreateParams = WhenInstalled<Sdk.ChatCompletionCreateParams, ChatCompletionCreateParams$1>;
/** A message of the conversation that a request carries. */
type ChatCompletionMessageParam = WhenInstalled<Sdk.ChatCompletionMessageParam, ChatCompletionMessageParam$1>;
/** A message that a model has written. */
type ChatCompletionMessage = WhenInstalled<Sdk.ChatCompletionMessage, ChatCompletionMessage$1>;
/** A tool that a model may call. */
type ChatCompletionTool = WhenInstalled<Sdk.ChatCompletionTool, ChatCompletionTool$1>;

/** A promise of what a call answers, with two ways to the HTTP response behind it. */
interface MultiplexerPromise<T> extends Promise<T> {
    /**
     * The HTTP response alone: its status and headers are there, its body is yours to read. That of a
     * stream has the server's bytes if it is asked for at once, as in `create(…).asResponse()`, and
     * the promise then gives the response, too; later, a stream is read as a stream, and its response
     * has no body.
     *
     * @throws what the call itself rejects with
     */
    asResponse(): Promise<Response>;
    /**
     * The answer together with the HTTP response and the server's `x-request-id`.
     *
     * @throws what the call itself rejects with
     */
    withResponse(): Promise<{
        data: T;
        response: Response;
        request_id: string | null;
    }>;
}
/**
 * A stream that can be read once. Leaving its loop early, `return()` of its iterator and
 * `controller.abort()` end the request. The SDK's own `Stream` fits this type.
 */
interface ChatCompletionStream<Item = ChatCompletionChunk> extends AsyncIterable<Item> {
    /** Ends the request, and every branch that `tee()` has made. */
    controller: AbortController;
    /** Two streams of the same events, each read at its own pace. */
    tee(): [ChatCompletionStream<Item>, ChatCompletionStream<Item>];
    /** The events as a byte stream, one JSON text a line: what the SDK's `Stream.fromReadableStream()` reads. */
    toReadableStream(): ReadableStream;
}
/**
 * Sends a chat completion to one of the registered targets, and to the next while they are rate
 * limited. The body's `model` is replaced by the chosen target's name; the body itself is not changed.
 *
 * With `stream: true` the promise resolves when the response's headers are there.
 *
 * @throws {ModelSelectionError} when there is no target, or all of them rest or are full
 * @throws the last refusal (status 429 or 529), as its client threw it, when every target refused in this call
 * @throws any other failure of the chosen target, as its client threw it; `APIError` for an `Endpoint`
 */
interface ChatCompletionsCreate {
    (params: ChatCompletionCreateParamsNonStreaming, options?: RequestOptions): MultiplexerPromise<ChatCompletion>;
    (params: ChatCompletionCreateParamsStreaming, options?: RequestOptions): MultiplexerPromise<ChatCompletionStream>;
    /**
     * Where the body's type does not say whether it streams, neither does the result's: `any`, as in
     * `@upstash/model-multiplexer`, so that wrappers written for it compile.
     */
    (params: ChatCompletionCreateParams, options?: RequestOptions): MultiplexerPromise<any>;
    /**
     * No call gets here. It is what `Parameters`, `ReturnType`, and the spies of jest and vitest see,
     * which look at the last signature only: that of `@upstash/model-multiplexer`.
     */
    (params: ChatCompletionCreateParams, options?: RequestOptions): Promise<any>;
}

/** One key of a provider. Several of one `type` are several keys: all of them are used. */
interface RouterProvider {
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
     * catalogue knows none: `azure`, `openai-compatible`, `lm-studio`, `vllm`.
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
     * `account`, of a `model` at the provider or of the `provider`, whatever the key.
     */
    sharedLimits?: SharedLimits | undefined;
    /** Further headers of every request. */
    headers?: Record<string, string> | undefined;
    /** How many calls each of its models may have under way; none is without limit. */
    maxConcurrent?: number | undefined;
}
/** Configuration of `createRouter()`. */
interface RouterConfig extends ConnectionOptions {
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
     * The milliseconds that one attempt may take until the response's headers are there.
     *
     * @default 60000
     */
    timeoutMs?: number | undefined;
    /**
     * What is done when everybody has failed. Another provider is asked at once; this is for when
     * none is left: the call then waits for the first that comes back, for as long as these pauses
     * are together (1 s + 2 s + 4 s), and is refused at once if nobody can be back by then.
     */
    retry?: {
        /** @default 3 */
        maxRetries?: number | undefined;
        /** @default 1000 */
        initialBackoffMs?: number | undefined;
        /** @default 30000 */
        maxBackoffMs?: number | undefined;
        /** @default 2 */
        backoffMultiplier?: number | undefined;
    } | undefined;
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
type RouterStateStore = {
    type: "memory";
} | (Omit<FileState, "path"> & {
    /** @default "state.json" */
    path?: string | undefined;
}) | (Omit<RedisState, "url"> & {
    /** @default "redis://127.0.0.1:6379" */
    url?: RedisState["url"] | undefined;
});
/** Who answered a call of a router. */
interface CompletionMetadata {
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
interface CompletionResult {
    response: ChatCompletion;
    metadata: CompletionMetadata;
}
/** A stream and who makes it. */
interface CompletionStreamResult {
    stream: ChatCompletionStream;
    metadata: CompletionMetadata;
}
/** A model that a router can be asked for. */
interface RouterModel {
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
interface QuotaStatus {
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
interface QuotaOfLimit {
    limit: number;
    /** What was spent, or is reserved by calls under way. */
    used: number;
    remaining: number;
    /** When it is whole again; undefined where that is not known. */
    resetsAt: Date | undefined;
}

/** One target that a call asked. */
interface CallAttempt {
    /** The target's id, as in `getStats()`. */
    id: string;
    /** The `model` that it was asked for. */
    modelName: string;
    /**
     * `rateLimited`: 429 or 529, and the next target was asked. `failed`: any other failure, which
     * under the policy `"compat"` the call fails with. `aborted`: by the caller, or because another
     * target that was asked beside it has answered. `passedOver`: its client has no method for this
     * kind of call. `pending`: it has not answered yet. With `midStream: "recover"`, `interrupted`: its stream broke off;
     * `diverged`: it was to go on with an answer and said something else.
     */
    outcome: "answered" | "rateLimited" | "failed" | "aborted" | "passedOver" | "pending" | "interrupted" | "diverged";
    /** The HTTP status where it is known; a client that is called itself tells it only of its errors. */
    status: number | undefined;
    /** Milliseconds until the answer; for a stream, until its headers. Retries at this target are in it. */
    durationMs: number;
    /** Milliseconds to the first token of a stream, under the policy `"resilient"`, once it has come. */
    firstTokenMs: number | undefined;
    /**
     * Under the policy `"resilient"`: the tokens that it read and wrote; for a stream, once it has ended
     * or was left. Undefined where they are not known, as when it was refused before any work.
     */
    tokens: AttemptTokens | undefined;
    /** Who could not be asked in its place, under the policy `"resilient"`. */
    passedOver: readonly PassedOver[];
}
/** The tokens of an attempt. */
interface AttemptTokens {
    /** Of the prompt. */
    input: number;
    /** Of the answer. */
    output: number;
    /**
     * The provider has not told them: the input is a token for every four bytes of the request
     * (without what is sent as base64), the output one for each event of the stream.
     */
    isEstimated: boolean;
}
/** A target that a call was not given. */
interface PassedOver {
    /** The target's id. */
    id: string;
    /**
     * `probing`: another call finds out whether it is back. `unmatched`: it lacks a tag that the call
     * requires. `tooSmall`: the request is known to be too long for its context.
     */
    reason: "resting" | "probing" | "atCapacity" | "unmatched" | "tooSmall";
}
/** What became of a call. */
interface CallReport {
    /** The id of the target that answered; undefined if none has. */
    id: string | undefined;
    /** The `model` that answered; undefined if none has. */
    modelName: string | undefined;
    /** Every target that was asked, in order. */
    attempts: CallAttempt[];
    /** Who could not be asked when nobody was left to ask, under the policy `"resilient"`. */
    passedOver: readonly PassedOver[];
    /** Milliseconds from the call to its answer; for a stream, to its headers. */
    durationMs: number;
}

/** One attempt of one call. */
interface AttemptEvent {
    /** The call's number: the same in all its events, and used again only after four billion calls. */
    call: number;
    /** The id of the target. */
    id: string;
    /** The `model` that it is asked for. */
    modelName: string;
}
/** An attempt is over: with the answer, with the end of a stream, or with a failure. */
interface AttemptEndedEvent extends AttemptEvent {
    /** As in `reportOf()`. `interrupted`: its stream broke off after it had been handed over. */
    outcome: Exclude<CallAttempt["outcome"], "pending">;
    /** What the failure was judged to be, under the policy `"resilient"`. */
    failure: FailureName | undefined;
    /** The HTTP status where it is known. */
    status: number | undefined;
    /** Milliseconds from its beginning, for a stream to its end. */
    durationMs: number;
    /** Milliseconds to the first token of a stream, under the policy `"resilient"`. */
    firstTokenMs: number | undefined;
    /** Under the policy `"resilient"`. */
    tokens: AttemptTokens | undefined;
}
/** A target rests, and with it all that share what the failure concerns. */
interface CooldownEvent extends AttemptEvent {
    /**
     * Why; `rate_limited` under the policy `"compat"`, and `truncated` for a stream that has broken off,
     * whatever it said.
     */
    failure: FailureName;
    /** For how many milliseconds. */
    restMs: number;
    /** Until when, in milliseconds since the Unix epoch. */
    until: number;
}
/** A call has waited for a target: because all rested, or were at capacity. */
interface WaitEvent {
    /** The call's number. */
    call: number;
    /** For how many milliseconds. */
    waitedMs: number;
    /** The id of the target that came free; undefined if none did in time, or the call was left. */
    id: string | undefined;
}
/** A second target is asked beside one that is late. The other events of both have the same call. */
interface HedgeEvent extends AttemptEvent {
    /** Milliseconds since the first one was asked. */
    afterMs: number;
}
/** The events of a multiplexer, by name. */
interface MultiplexerEvents {
    /** A target is asked. */
    attemptStarted: AttemptEvent;
    attemptEnded: AttemptEndedEvent;
    cooldown: CooldownEvent;
    /** A target that was sent to rest has answered again. */
    return: AttemptEvent;
    wait: WaitEvent;
    hedge: HedgeEvent;
    /** A target goes on with a stream that has broken off: `midStream: "recover"`. */
    recovery: AttemptEvent;
}
/** The name of an event. */
type EventName = keyof MultiplexerEvents;
/** Is called with what has happened. What it throws, or rejects with, goes to the logger. */
type EventListener<Name extends EventName> = (event: MultiplexerEvents[Name]) => unknown;

/**
 * One attempt at one target, as `model-multiplexer:attempt:start`, `:headers`, `:end` and `:error`
 * tell it: the same object each time, with more in it. It holds no key and no body.
 */
interface AttemptMessage {
    /** The call's number. Attempts of one call share it. */
    readonly call: number;
    /** The target's id. */
    readonly target: string;
    /** The `model` that is sent. */
    readonly modelName: string;
    /** The HTTP method, in capital letters. */
    readonly method: string;
    /** Where the request goes, without its query. */
    readonly url: string;
    /** The HTTP status, from `:headers` on. */
    status?: number;
    /** The response's headers, from `:headers` on. */
    responseHeaders?: Headers;
    /** Why the attempt failed, in `:error`. */
    error?: unknown;
}

/** An item of a kind that is not spelled out here. */
interface ResponseItem {
    type: string;
    [name: string]: unknown;
}
/** A message that the caller gives. */
interface EasyInputMessage {
    type?: "message";
    role: "user" | "assistant" | "system" | "developer";
    content: string | ResponseItem[];
}
/** What all requests for a response have. */
interface ResponseCreateParamsBase {
    model?: string;
    input?: string | (EasyInputMessage | ResponseItem)[];
    instructions?: string | null;
    include?: string[] | null;
    max_output_tokens?: number | null;
    max_tool_calls?: number | null;
    metadata?: Record<string, string> | null;
    parallel_tool_calls?: boolean | null;
    previous_response_id?: string | null;
    prompt_cache_key?: string;
    reasoning?: {
        effort?: string | null;
        summary?: string | null;
    } | null;
    safety_identifier?: string;
    service_tier?: string | null;
    store?: boolean | null;
    temperature?: number | null;
    text?: {
        format?: ResponseItem;
        verbosity?: string | null;
    };
    tool_choice?: string | ResponseItem;
    tools?: ResponseItem[];
    top_logprobs?: number | null;
    top_p?: number | null;
    truncation?: "auto" | "disabled" | null;
    user?: string;
}
/** The body of a request for a whole response. */
interface ResponseCreateParamsNonStreaming$1 extends ResponseCreateParamsBase {
    stream?: false | null;
}
/** The body of a request for a response as a stream. */
interface ResponseCreateParamsStreaming$1 extends ResponseCreateParamsBase {
    stream: true;
}
/** The body of a request for a response, with or without `stream`. */
type ResponseCreateParams$1 = ResponseCreateParamsNonStreaming$1 | ResponseCreateParamsStreaming$1;
/** A response. */
interface ModelResponse$1 {
    id: string;
    object: "response";
    created_at: number;
    model: string;
    /** All text of the output. */
    output_text: string;
    output: ResponseItem[];
    status?: "completed" | "failed" | "in_progress" | "cancelled" | "queued" | "incomplete";
    error: {
        code: string;
        message: string;
    } | null;
    usage?: {
        input_tokens: number;
        output_tokens: number;
        total_tokens: number;
    };
    [name: string]: unknown;
}
/** One event of a streamed response; `type` says which. */
interface ResponseStreamEvent$1 {
    type: string;
    sequence_number: number;
    /** In events about the whole response, such as `response.created` and `response.completed`. */
    response?: ModelResponse$1;
    /** In events that add to the output, such as `response.output_text.delta`. */
    delta?: string;
    [name: string]: unknown;
}

/** The body of a request for embeddings. */
interface EmbeddingCreateParams$1 {
    input: string | string[] | number[] | number[][];
    model: string;
    dimensions?: number;
    encoding_format?: "float" | "base64";
    user?: string;
}
/** The vector of one input. */
interface Embedding {
    embedding: number[];
    index: number;
    object: "embedding";
}
/** The vectors of a request's inputs. */
interface CreateEmbeddingResponse$1 {
    data: Embedding[];
    model: string;
    object: "list";
    usage: {
        prompt_tokens: number;
        total_tokens: number;
    };
}

interface EmbeddingProbe extends Sdk$1.Embedding {
}
interface ResponseProbe extends SdkResponses.Response {
}
interface ChatProbe extends Sdk.Completions {
}
interface BetaChatProbe extends BetaChat.Completions {
}
type Unless<Probe, FromSdk, FromHere> = [keyof Probe] extends [never] ? FromHere : FromSdk;
/** The body of a request for embeddings. */
type EmbeddingCreateParams = Unless<EmbeddingProbe, Sdk$1.EmbeddingCreateParams, EmbeddingCreateParams$1>;
/** Embeddings, as your version of `openai` types them. */
type CreateEmbeddingResponse = Unless<EmbeddingProbe, Sdk$1.CreateEmbeddingResponse, CreateEmbeddingResponse$1>;
/** The body of a request for a whole response. */
type ResponseCreateParamsNonStreaming = Unless<ResponseProbe, SdkResponses.ResponseCreateParamsNonStreaming, ResponseCreateParamsNonStreaming$1>;
/** The body of a request for a response as a stream. */
type ResponseCreateParamsStreaming = Unless<ResponseProbe, SdkResponses.ResponseCreateParamsStreaming, ResponseCreateParamsStreaming$1>;
/** The body of a request for a response, with or without `stream`. */
type ResponseCreateParams = Unless<ResponseProbe, SdkResponses.ResponseCreateParams, ResponseCreateParams$1>;
/** A response of the Responses API, as your version of `openai` types it. */
type ModelResponse = Unless<ResponseProbe, SdkResponses.Response, ModelResponse$1>;
/** One event of a streamed response, as your version of `openai` types it. */
type ResponseStreamEvent = Unless<ResponseProbe, SdkResponses.ResponseStreamEvent, ResponseStreamEvent$1>;
/** What stands for a helper of an SDK that is not installed: it can be given nothing. */
type NeedsSdk = (needsTheOpenaiPackage: never) => never;
/** A helper, from where your version of `openai` has it. */
type Helper<Name extends string> = Name extends keyof ChatProbe ? ChatProbe[Name] : Name extends keyof BetaChatProbe ? BetaChatProbe[Name] : NeedsSdk;
/**
 * The openai SDK's own helpers over this multiplexer's `create`: each of their requests goes to one
 * of the targets. They are those of the first model that was added with an OpenAI client.
 *
 * @throws {MultiplexerError} if there is no such model
 */
interface ChatCompletionsHelpers {
    /** A completion whose content and tool arguments are parsed, as `zodResponseFormat` says. */
    readonly parse: Helper<"parse">;
    /** A stream with events and a final completion. */
    readonly stream: Helper<"stream">;
    /** Runs the tools that the model calls, and asks on until it answers. */
    readonly runTools: Helper<"runTools">;
}

/**
 * Makes embeddings at one of the registered targets, and at the next while they are rate limited.
 * As by the openai SDK, vectors travel as base64 unless `encoding_format` is given, and are arrays
 * of numbers here; a server that does not know base64 needs `encoding_format: "float"`.
 *
 * @throws as `chat.completions.create()`
 */
type EmbeddingsCreate = (params: EmbeddingCreateParams, options?: RequestOptions) => MultiplexerPromise<CreateEmbeddingResponse>;
/** A stream of the Responses API's named events. */
type ResponseEventStream = ChatCompletionStream<ResponseStreamEvent>;
/** The Responses API. */
interface Responses {
    /**
     * Makes a response at one of the registered targets, and at the next while they are rate limited.
     * With the `previous_response_id` of a response that this multiplexer made, the target that made it
     * is asked, and no other.
     *
     * @throws as `chat.completions.create()`
     */
    create(params: ResponseCreateParamsNonStreaming, options?: RequestOptions): MultiplexerPromise<ModelResponse>;
    create(params: ResponseCreateParamsStreaming, options?: RequestOptions): MultiplexerPromise<ResponseEventStream>;
    create(params: ResponseCreateParams, options?: RequestOptions): MultiplexerPromise<any>;
    /**
     * A stored response, from the target that made it. The ids of the last 10,000 responses are
     * remembered. With one target only, that is asked for any id.
     *
     * @throws {MultiplexerError} for an id whose target is not known or was removed
     */
    retrieve(id: string, query: {
        stream: true;
        include?: string[];
        starting_after?: number;
    }, options?: RequestOptions): MultiplexerPromise<ResponseEventStream>;
    retrieve(id: string, query?: {
        stream?: false;
        include?: string[];
    }, options?: RequestOptions): MultiplexerPromise<ModelResponse>;
    /** Stops a response that is made in the background. As `retrieve`. */
    cancel(id: string, options?: RequestOptions): MultiplexerPromise<ModelResponse>;
    /** Deletes a stored response. As `retrieve`; what it answers is the provider's. */
    delete(id: string, options?: RequestOptions): MultiplexerPromise<unknown>;
}
/**
 * Sends `body`, with its `model` set, to any path below a target's base URL: the same selection and
 * failover for what has no method here.
 *
 * @param path begins with a slash
 * @param body an object; `stream: true` in it or in the options opens a stream of events
 * @throws {MultiplexerError} for a path or body that cannot be sent
 * @throws as `chat.completions.create()`
 */
interface Post {
    <T = unknown>(path: string, body: object | undefined, options: RequestOptions & {
        stream: true;
    }): MultiplexerPromise<ChatCompletionStream<T>>;
    <T = unknown>(path: string, body: {
        stream: true;
    }, options?: RequestOptions & {
        stream?: true;
    }): MultiplexerPromise<ChatCompletionStream<T>>;
    <T = unknown>(path: string, body?: object, options?: RequestOptions & {
        stream?: false | undefined;
    }): MultiplexerPromise<T>;
}
/** A model that a multiplexer can answer with. */
interface ModelEntry {
    /** The name that it was added with. */
    id: string;
    object: "model";
    /** Always 0: it is not known. */
    created: number;
    /** The host that answers; `unknown` for a client that does not tell. */
    owned_by: string;
}
/** A list that is all there, with the members of the SDK's page. */
interface ModelsPage extends AsyncIterable<ModelEntry> {
    readonly object: "list";
    readonly data: ModelEntry[];
    getPaginatedItems(): ModelEntry[];
    /** Always false. */
    hasNextPage(): boolean;
}
/** The promise of a list. It can also be iterated itself: `for await (const model of models.list())`. */
interface ModelsList extends Promise<ModelsPage>, AsyncIterable<ModelEntry> {
}

/**
 * What became of a call: which target answered, which were asked, and how long it took.
 *
 * @param result what the call gave (a completion, a stream, a `Response` of `multiplexer.fetch`),
 * the error that it failed with, or its promise, also while it is pending
 * @returns undefined for anything that no call of a multiplexer has given, a copy of an answer too
 *
 * @example
 * ```ts
 * const completion = await multiplexer.chat.completions.create({ model: "any", messages });
 * console.log(reportOf(completion)?.id);
 * ```
 */
declare function reportOf(result: unknown): CallReport | undefined;

/**
 * What is known of providers and models, with `overrides` laid over it: a new object each time.
 *
 * @throws {ConfigurationError} naming what is wrong with the overrides, and where
 *
 * @example
 * ```ts
 * const { providers } = catalogue();
 * console.log(providers.find(({ id }) => id === "groq")?.baseUrl);
 * ```
 */
declare function catalogue(overrides?: CatalogueOverrides): Catalogue;

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
declare class Multiplexer {
    #private;
    readonly chat: {
        readonly completions: ChatCompletionsHelpers & {
            /** Sends a chat completion. It may be detached from its object. */
            readonly create: ChatCompletionsCreate;
        };
    };
    /** The helpers of `chat.completions`, where openai 4 has them. */
    readonly beta: {
        readonly chat: {
            readonly completions: ChatCompletionsHelpers;
        };
    };
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
    /** @throws {MultiplexerError} for an option that does not exist or has a wrong value */
    constructor(options?: MultiplexerOptions);
    /**
     * Registers a model. An id that is there already is skipped with a warning.
     *
     * @param client an OpenAI client of any version, anything else with `chat.completions.create`, or an endpoint
     * @param weight a positive integer: its share of the calls
     * @param modelName the `model` that is sent
     * @throws {MultiplexerError} for a weight, name, endpoint or option that is wrong
     */
    addModel(client: ModelClient | Endpoint, weight: number, modelName: string, options?: ModelOptions): void;
    /** Registers a model that is asked only while no other can be. As `addModel`. */
    addFallbackModel(client: ModelClient | Endpoint, weight: number, modelName: string, options?: ModelOptions): void;
    /**
     * Makes these the models, all at once. One whose id stays keeps its statistics, its rest and its
     * calls under way.
     *
     * @throws {MultiplexerError} for a definition that is wrong or an id that occurs twice; then
     * nothing has changed
     */
    updateModels(update: ModelsUpdate): void;
    /** Removes the model of this id; calls that it is answering go on. False if there is none. */
    removeModel(id: string): boolean;
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
    rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void;
    /** Ends every rest at once, whatever it was for. Limits and statistics stay. */
    endRests(): void;
    /**
     * Who would put a plain call to the model of this id on the wire now, and why. What is done to
     * its client, and what comes between programs and the network, changes the answer.
     *
     * @throws {MultiplexerError} when there is no model with this id
     */
    explainTransport(id: string): TransportDecision;
    /** What has become of the calls, by id; models not asked yet are there with zeros. */
    getStats(): Record<string, ModelStats>;
    /** All that is known of each model: attempts by outcome, latencies, and what it is doing now. */
    getReport(): TargetReport[];
    /**
     * What is left of each model's limits, by id: its own and those that it shares. Models without
     * limits are there with none.
     */
    getQuota(): Record<string, LimitStatus[]>;
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
    on<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /** Calls `listener` no longer. */
    off<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /** Removes all models, their statistics and their rests. Calls under way go on. */
    reset(): void;
    /**
     * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
     * that was called itself goes on with its own call. A file is written, and what is unused goes
     * back to Redis. May be called more than once.
     *
     * @throws {MultiplexerError} if the file of the state cannot be written
     */
    close(): Promise<void>;
    /** `close()`, for `await using`. */
    [Symbol.asyncDispose](): Promise<void>;
}

/** The base of every error that the package makes itself. */
declare class MultiplexerError extends Error {
}
/** The multiplexer has no target that it could ask. */
declare class ModelSelectionError extends MultiplexerError {
    /** 429 when targets exist but all rest or are full; undefined when there are none. */
    readonly status: number | undefined;
    /** Why: there are no targets, all of them rest, or some are only full. */
    readonly code: "no_models" | "rate_limited" | "at_capacity";
    /** Milliseconds until the first target comes back; undefined when none rests. */
    readonly retryAfterMs: number | undefined;
    constructor(message: string, details: {
        code: ModelSelectionError["code"];
        retryAfterMs?: number | undefined;
    });
}
/**
 * The call names something that only one account knows (a response, a file, an audio, …), and no
 * model of this account could be asked.
 */
declare class AccountBoundError extends ModelSelectionError {
    /** The member of the request that names it, such as `previous_response_id`. */
    readonly field: string;
    /** The ids of the account's models; none if they were removed. */
    readonly targets: readonly string[];
    constructor(message: string, details: {
        code: ModelSelectionError["code"];
        retryAfterMs?: number | undefined;
        field: string;
        targets: readonly string[];
    });
}
/** A stream broke off after something of the answer had been given, under the policy `"resilient"`. */
declare class StreamInterruptedError extends MultiplexerError {
    readonly code = "stream_interrupted";
    /** The text that has been given, of the first choice. */
    readonly text: string;
    /** The tool calls so far; the last may be incomplete. */
    readonly toolCalls: readonly PartialToolCall[];
    /** The usage, if it has come. */
    readonly usage: unknown;
    /** @param cause what the stream failed with, as the caller's SDK has it */
    constructor(cause: unknown, soFar: {
        text: string;
        toolCalls: readonly PartialToolCall[];
        usage: unknown;
    });
}
/** What an `Endpoint` answered instead of a completion. */
declare class APIError extends MultiplexerError {
    /** The HTTP status; undefined for an error within a stream and for a call without an answer. */
    readonly status: number | undefined;
    /** The response's headers, where there was a response. */
    readonly headers: Headers | undefined;
    /** The value of `error` in the response's body. */
    readonly error: unknown;
    /** `error.code` */
    readonly code: unknown;
    /** `error.param` */
    readonly param: unknown;
    /** `error.type` */
    readonly type: unknown;
    /** The response's `x-request-id`. */
    readonly requestID: string | null | undefined;
    constructor(status: number | undefined, error: unknown, message: string | undefined, headers: Headers | undefined, cause?: unknown);
}
/** Status 400. */
declare class BadRequestError extends APIError {
}
/** Status 401. */
declare class AuthenticationError extends APIError {
}
/** Status 403. */
declare class PermissionDeniedError extends APIError {
}
/** Status 404. */
declare class NotFoundError extends APIError {
}
/** Status 409. */
declare class ConflictError extends APIError {
}
/** Status 422. */
declare class UnprocessableEntityError extends APIError {
}
/** Status 429. */
declare class RateLimitError extends APIError {
}
/** Status 500 and above. */
declare class InternalServerError extends APIError {
}
/** No answer: the server could not be reached, or the connection broke. `cause` says more. */
declare class APIConnectionError extends APIError {
}
/** No response headers within `timeout`. */
declare class APIConnectionTimeoutError extends APIConnectionError {
}
/** The call's signal was aborted, or the multiplexer was closed. */
declare class APIUserAbortError extends APIError {
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
declare class KeyPool {
    #private;
    /** @throws {ConfigurationError} naming the field, what was given (never a key) and what is expected */
    constructor(config: KeyPoolConfig);
    /**
     * Calls the handler with a key and a model until it succeeds: with each key of the provider's
     * first model that does not rest, then with its next model, then with the next provider. Keys that
     * fail rest: for as long as the server asks (`Retry-After` and the like), else `cooldownMs`.
     *
     * @param fallbackOrder the names of the providers, in the order in which they are tried
     * @param handler makes the call; what it returns is returned
     * @throws {KeyPoolExhaustedError} when all have failed or rest; it lists every attempt
     * @throws what the handler threw, where the request itself is at fault: no other key would help
     * @throws the signal's reason, once it is aborted
     */
    executeWithFallback<T>(fallbackOrder: readonly string[], handler: (context: KeyPoolContext) => T | Promise<T>, options?: KeyPoolCallOptions): Promise<T>;
    /** All that is known of each model at each key. The ids hold no key. */
    getReport(): TargetReport[];
    /** As the multiplexer's `on()`: calls `listener` whenever this happens. Events hold no key. */
    on<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /** Calls `listener` no longer. */
    off<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /**
     * Gives a key's place to another one: its statistics and limits stay, and a rest that concerned
     * the old key (401, 403, its own quota) is over.
     *
     * @param id the key's id: `openai/key-1` for the first of the provider "openai"
     * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
     * @throws {MultiplexerError} when there is no such key, or the new one is wrong
     */
    rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void;
    /** Ends every rest. */
    clearAllCooldowns(): void;
    /** Ends it: further calls are refused. A handler that is at work goes on. */
    close(): Promise<void>;
    /** `close()`, for `await using`. */
    [Symbol.asyncDispose](): Promise<void>;
}

/** The configuration is wrong. The message names the field, what was given and what is expected. */
declare class ConfigurationError extends MultiplexerError {
    readonly code = "configuration";
    /** @param message what is wrong, after "Configuration error: " */
    constructor(message: string);
}
/** No provider that is configured has the model, or nobody knows it. */
declare class ModelNotAvailableError extends MultiplexerError {
    readonly model: string;
    readonly code = "model_not_found";
    readonly status = 404;
    /** @param model as it was asked for */
    constructor(model: string, known: readonly string[]);
}
/** Everybody who has the model was asked and failed, or rests, or has no quota left. */
declare class AllProvidersExhaustedError extends MultiplexerError {
    readonly attemptedProviders: readonly string[];
    readonly earliestResetTime: Date | undefined;
    readonly code = "all_providers_exhausted";
    readonly status = 429;
    /**
     * @param attemptedProviders the types of those that were asked in this call, each once, in order
     * @param earliestResetTime when the first of all comes back; undefined where nobody rests
     * @param cause what the last of them failed with
     */
    constructor(attemptedProviders: readonly string[], earliestResetTime: Date | undefined, cause: unknown);
    /** Milliseconds from now until `earliestResetTime`; undefined where nobody rests. */
    get retryAfterMs(): number | undefined;
}

/** Every key of every model of every provider in the call's order has failed, or rests. */
declare class KeyPoolExhaustedError extends MultiplexerError {
    readonly attempts: readonly KeyPoolAttempt[];
    readonly retryAfterMs: number | undefined;
    readonly code = "key_pool_exhausted";
    /** What the handler threw, in order, as in an `AggregateError`. */
    readonly errors: readonly unknown[];
    /**
     * @param attempts every call of the handler; empty where all keys rest
     * @param retryAfterMs milliseconds until the first of all comes back; undefined where nobody rests
     * @param describe an attempt in words, without any key
     */
    constructor(attempts: readonly KeyPoolAttempt[], retryAfterMs: number | undefined, describe: (attempt: KeyPoolAttempt) => string);
}

/**
 * Models by name, whoever of the configured providers has them: {@link createRouter}.
 */
declare class Router {
    #private;
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
    /** @throws {ConfigurationError} naming the field, what was given and what is expected */
    constructor(config: RouterConfig);
    /**
     * A completion and who made it.
     *
     * @throws what `chat.completions.create()` throws
     */
    createCompletion(params: ChatCompletionCreateParamsNonStreaming, options?: RequestOptions): Promise<CompletionResult>;
    /**
     * A stream and who makes it. It is there when its first token is.
     *
     * @throws what `chat.completions.create()` throws
     */
    createCompletionStream(params: Omit<ChatCompletionCreateParamsStreaming, "stream"> & {
        stream?: boolean | undefined;
    }, options?: RequestOptions): Promise<CompletionStreamResult>;
    /** The models that can be asked for, the largest first. */
    listModels(): RouterModel[];
    /** True if somebody could be asked for this model, by whatever name, now. */
    isModelAvailable(model: string): boolean;
    /** What is left of the limits of each model at each key. */
    getQuotaStatus(): QuotaStatus[];
    /** All that is known of each model at each key: attempts by outcome, latencies, what it is doing. */
    getReport(): TargetReport[];
    /** As the multiplexer's `on()`: calls `listener` whenever this happens. Ids are those of `getReport()`. */
    on<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /** Calls `listener` no longer. */
    off<Name extends EventName>(name: Name, listener: EventListener<Name>): this;
    /**
     * Gives a provider another key: its limits and statistics stay, and a rest that concerned the
     * old key is over.
     *
     * @param id the provider's `id` in the configuration, by default its type
     * @param apiKey the new key, or the function that tells it; may be left out where it is a function already
     * @throws {MultiplexerError} when there is no such provider, or the key is wrong
     */
    rotateKey(id: string, apiKey?: Endpoint["apiKey"]): void;
    /** Ends every rest. What the limits have counted stays. */
    clearAllCooldowns(): void;
    /** Ends it: calls under way are aborted, and further calls are refused. */
    close(): Promise<void>;
    /** `close()`, for `await using`. */
    [Symbol.asyncDispose](): Promise<void>;
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
declare function createRouter(config: RouterConfig): Router;

export { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError, AccountBoundError, AllProvidersExhaustedError, AuthenticationError, BadRequestError, ConfigurationError, ConflictError, InternalServerError, KeyPool, KeyPoolExhaustedError, ModelNotAvailableError, ModelSelectionError, Multiplexer, MultiplexerError, NotFoundError, PermissionDeniedError, RateLimitError, Router, StreamInterruptedError, UnprocessableEntityError, catalogue, createRouter, Multiplexer as default, reportOf };
export type { AttemptEndedEvent, AttemptEvent, AttemptMessage, AttemptTokens, CallAttempt, CallOptions, CallReport, Catalogue, CatalogueModel, CatalogueOffer, CatalogueOverrides, CatalogueProvider, ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams, ChatCompletionCreateParamsNonStreaming, ChatCompletionCreateParamsStreaming, ChatCompletionMessage, ChatCompletionMessageParam, ChatCompletionStream, ChatCompletionTool, ChatCompletionsCreate, ChatCompletionsHelpers, CompletionMetadata, CompletionResult, CompletionStreamResult, ConnectionOptions, CooldownEvent, CooldownOptions, CreateEmbeddingResponse, EmbeddingCreateParams, EmbeddingsCreate, Endpoint, EventListener, EventName, FailureName, FileState, HeaderValue, HeadersLike, HedgeEvent, HedgeOptions, KeyPoolAttempt, KeyPoolCallOptions, KeyPoolConfig, KeyPoolContext, KeyPoolFailure, KeyPoolHook, KeyPoolProvider, Limit, LimitStatus, Limits, LimitsTogether, Logger, MidStream, ModelClient, ModelDefinition, ModelEntry, ModelOptions, ModelResponse, ModelStats, ModelsList, ModelsPage, ModelsUpdate, MultiplexerEvents, MultiplexerOptions, MultiplexerPromise, NullableHeaders, OutcomeName, OutcomeRules, PartialToolCall, PassedOver, Percentiles, PlanLimits, PolicyName, Post, PrefillForm, QuotaOfLimit, QuotaStatus, RedisState, RequestOptions, ResponseCreateParams, ResponseCreateParamsNonStreaming, ResponseCreateParamsStreaming, ResponseEventStream, ResponseStreamEvent, Responses, RetryBudget, RouterConfig, RouterModel, RouterProvider, RouterStateStore, SharedLimits, StateOptions, StrategyName, TargetReport, Timeouts, TokenCount, TransportDecision, WaitEvent };
