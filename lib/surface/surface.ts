// The members of a multiplexer that make calls, as an OpenAI client has them.

import { failedCall } from "../call/failed.js";
import { placeOf } from "../call/origin.js";
import { CallPromise } from "../call/promise.js";
import { Call } from "../call/run.js";
import type { CallRequest, Surroundings } from "../call/run.js";
import { MultiplexerError } from "../errors.js";
import type {
  ChatCompletionsCreate,
  ChatCompletionsHelpers,
  EmbeddingsCreate,
  ModelsList,
  Post as PostTo,
  RequestOptions,
  Responses,
} from "../types/index.js";
import { chatCompletions } from "./chat.js";
import { embeddings } from "./embeddings.js";
import { runHelper } from "./helpers.js";
import type { Helper } from "./helpers.js";
import { listModels } from "./models.js";
import { checkBody, Post } from "./post.js";
import { cancelResponse, createResponse, deleteResponse, retrieveResponse } from "./responses.js";
import { callStored } from "./stored.js";

type Options = RequestOptions | undefined;

function call(around: Surroundings, request: CallRequest): CallPromise<unknown> {
  if (around.closed) return failedCall(new MultiplexerError("The multiplexer was closed."));
  try {
    return new CallPromise(new Call(around, request));
  } catch (error) {
    // An option of the call is wrong.
    return failedCall(error);
  }
}

export function makeChat(around: Surroundings): ChatCompletionsHelpers & {
  readonly create: ChatCompletionsCreate;
} {
  const create = (params: unknown, options: Options): CallPromise<unknown> =>
    call(around, { operation: chatCompletions, params, options });
  const helper =
    (name: Helper) =>
    (...args: unknown[]): unknown =>
      runHelper(around.targets.values(), create, name, args);
  return {
    create: create as ChatCompletionsCreate,
    parse: helper("parse"),
    stream: helper("stream"),
    runTools: helper("runTools"),
  } as ChatCompletionsHelpers & { create: ChatCompletionsCreate };
}

export function makeEmbeddings(around: Surroundings): { readonly create: EmbeddingsCreate } {
  const create = (params: unknown, options: Options): CallPromise<unknown> =>
    call(around, { operation: embeddings, params, options });
  return { create: create as EmbeddingsCreate };
}

export function makeResponses(around: Surroundings): Responses {
  const create = (params: unknown, options: Options): CallPromise<unknown> => {
    const previous = (params as { previous_response_id?: unknown } | null | undefined)
      ?.previous_response_id;
    const place = typeof previous === "string" ? placeOf(around, previous) : undefined;
    return call(around, { operation: createResponse, params, options, place });
  };
  const stored =
    (operationOf: typeof cancelResponse) =>
    (id: string, options?: Options): CallPromise<unknown> =>
      callStored(around, id, operationOf, {}, options);
  const retrieve = (id: string, query: object = {}, options?: Options): CallPromise<unknown> =>
    callStored(around, id, retrieveResponse, query, { query, ...options });
  return {
    create,
    retrieve,
    cancel: stored(cancelResponse),
    delete: stored(deleteResponse),
  } as Responses;
}

export function makeModels(around: Surroundings): { list(): ModelsList } {
  return { list: () => listModels(around.targets.values()) };
}

export function makePost(around: Surroundings): PostTo {
  const post = (path: string, body?: unknown, options?: Options): CallPromise<unknown> => {
    try {
      const operation = new Post(path);
      return call(around, { operation, params: checkBody(body), options });
    } catch (error) {
      return failedCall(error);
    }
  };
  return post as PostTo;
}
