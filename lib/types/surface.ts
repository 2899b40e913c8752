// What the members of a multiplexer beside `chat.completions.create` take and return.

import type { ChatCompletionStream, MultiplexerPromise } from "./create.js";
import type { RequestOptions } from "./request.js";
import type {
  CreateEmbeddingResponse,
  EmbeddingCreateParams,
  ModelResponse,
  ResponseCreateParams,
  ResponseCreateParamsNonStreaming,
  ResponseCreateParamsStreaming,
  ResponseStreamEvent,
} from "./sdk-surface.js";

/**
 * Makes embeddings at one of the registered targets, and at the next while they are rate limited.
 * As by the openai SDK, vectors travel as base64 unless `encoding_format` is given, and are arrays
 * of numbers here; a server that does not know base64 needs `encoding_format: "float"`.
 *
 * @throws as `chat.completions.create()`
 */
export type EmbeddingsCreate = (
  params: EmbeddingCreateParams,
  options?: RequestOptions,
) => MultiplexerPromise<CreateEmbeddingResponse>;

/** A stream of the Responses API's named events. */
export type ResponseEventStream = ChatCompletionStream<ResponseStreamEvent>;

/** What a stored response may be asked for with. */
export interface ResponseRetrieveQuery {
  /** Further fields of the response. */
  include?: string[] | undefined;
  /** Whether events of a stream carry random characters, which hide the length of its tokens. */
  include_obfuscation?: boolean | undefined;
  /** The `sequence_number` of the event after which a stream begins. */
  starting_after?: number | undefined;
  /** Gives the response as a stream of events. */
  stream?: boolean | undefined;
}

/** The Responses API. */
export interface Responses {
  /**
   * Makes a response at one of the registered targets, and at the next while they are rate limited.
   * With the `previous_response_id` of a response that this multiplexer made, the target that made it
   * is asked, and no other.
   *
   * @throws as `chat.completions.create()`
   */
  create(
    params: ResponseCreateParamsNonStreaming,
    options?: RequestOptions,
  ): MultiplexerPromise<ModelResponse>;
  create(
    params: ResponseCreateParamsStreaming,
    options?: RequestOptions,
  ): MultiplexerPromise<ResponseEventStream>;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  create(params: ResponseCreateParams, options?: RequestOptions): MultiplexerPromise<any>;
  /**
   * A stored response, from the target that made it. The ids of the last 10,000 responses are
   * remembered. With one target only, that is asked for any id.
   *
   * @throws {MultiplexerError} for an id whose target is not known or was removed
   */
  retrieve(
    id: string,
    query: ResponseRetrieveQuery & { stream: true },
    options?: RequestOptions,
  ): MultiplexerPromise<ResponseEventStream>;
  retrieve(
    id: string,
    query?: ResponseRetrieveQuery & { stream?: false | undefined },
    options?: RequestOptions,
  ): MultiplexerPromise<ModelResponse>;
  retrieve(
    id: string,
    query?: ResponseRetrieveQuery,
    options?: RequestOptions,
  ): MultiplexerPromise<ModelResponse | ResponseEventStream>;
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
export interface Post {
  <T = unknown>(
    path: string,
    body: object | undefined,
    options: RequestOptions & { stream: true },
  ): MultiplexerPromise<ChatCompletionStream<T>>;
  <T = unknown>(
    path: string,
    body: BodyWith<true>,
    options?: RequestOptions & { stream?: true },
  ): MultiplexerPromise<ChatCompletionStream<T>>;
  <T = unknown>(
    path: string,
    body: object | undefined,
    options: RequestOptions & { stream: false },
  ): MultiplexerPromise<T>;
  <T = unknown>(
    path: string,
    body: BodyWith<false | null | undefined>,
    options?: RequestOptions & { stream?: false | undefined },
  ): MultiplexerPromise<T>;
  /** Where the types do not say whether it streams, neither does the result's. */
  <T = unknown>(
    path: string,
    body: BodyWith<boolean | null | undefined>,
    options?: RequestOptions,
  ): MultiplexerPromise<T | ChatCompletionStream<T>>;
  <T = unknown>(
    path: string,
    body?: object,
    options?: RequestOptions & { stream?: false | undefined },
  ): MultiplexerPromise<T>;
  <T = unknown>(
    path: string,
    body?: object,
    options?: RequestOptions,
  ): MultiplexerPromise<T | ChatCompletionStream<T>>;
}

/** A body that says whether it streams, be it written in place or of a type of its own. */
type BodyWith<Stream> = { stream: Stream } | { stream: Stream; [name: string]: unknown };

/** A model that a multiplexer can answer with. */
export interface ModelEntry {
  /** The name that it was added with. */
  id: string;
  object: "model";
  /** Always 0: it is not known. */
  created: number;
  /** The host that answers; `unknown` for a client that does not tell. */
  owned_by: string;
}

/** A list that is all there, with the members of the SDK's page. */
export interface ModelsPage extends AsyncIterable<ModelEntry> {
  readonly object: "list";
  readonly data: ModelEntry[];
  getPaginatedItems(): ModelEntry[];
  /** Always false. */
  hasNextPage(): boolean;
}

/** The promise of a list. It can also be iterated itself: `for await (const model of models.list())`. */
export interface ModelsList extends Promise<ModelsPage>, AsyncIterable<ModelEntry> {}
