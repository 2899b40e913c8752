// Built from lib/ by scripts/build-js.mjs. Do not edit.
/// <reference lib="esnext.disposable" />
// @ts-ignore openai is optional
import type * as Sdk from 'openai/resources/chat/completions';

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
    /** Sent as `Authorization: Bearer <apiKey>`. Never logged, and never part of an error. */
    apiKey: string;
    /** Further headers of every request. A name given here wins over the one the package would send. */
    headers?: Record<string, string>;
}
/** How one target is used. */
interface ModelOptions {
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
     * The HTTP response alone: its status and headers are there, its body is yours to read.
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
interface MultiplexerOptions {
    /**
     * Where messages go; `false` for nowhere.
     *
     * @default console
     */
    logger?: Logger | false | undefined;
    /** How long a rate-limited target rests. */
    cooldown?: CooldownOptions | undefined;
}

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
        readonly completions: {
            /** Sends a chat completion. It may be detached from its object. */
            readonly create: ChatCompletionsCreate;
        };
    };
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
     * Who would put a plain call to the model of this id on the wire now, and why. What is done to
     * its client, and what comes between programs and the network, changes the answer.
     *
     * @throws {MultiplexerError} when there is no model with this id
     */
    explainTransport(id: string): TransportDecision;
    /** What has become of the calls, by id; models not asked yet are there with zeros. */
    getStats(): Record<string, ModelStats>;
    /** Removes all models, their statistics and their rests. Calls under way go on. */
    reset(): void;
    /**
     * Ends it: calls under way are aborted, streams end, and further calls are refused. A client
     * that was called itself goes on with its own call. May be called more than once.
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

export { APIConnectionError, APIConnectionTimeoutError, APIError, APIUserAbortError, AuthenticationError, BadRequestError, ConflictError, InternalServerError, ModelSelectionError, Multiplexer, MultiplexerError, NotFoundError, PermissionDeniedError, RateLimitError, UnprocessableEntityError, Multiplexer as default };
export type { ChatCompletion, ChatCompletionChunk, ChatCompletionCreateParams, ChatCompletionCreateParamsNonStreaming, ChatCompletionCreateParamsStreaming, ChatCompletionMessage, ChatCompletionMessageParam, ChatCompletionStream, ChatCompletionTool, ChatCompletionsCreate, CooldownOptions, Endpoint, HeaderValue, HeadersLike, Logger, ModelClient, ModelDefinition, ModelOptions, ModelStats, ModelsUpdate, MultiplexerOptions, MultiplexerPromise, NullableHeaders, RequestOptions, TransportDecision };
