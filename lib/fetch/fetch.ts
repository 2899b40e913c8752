// `multiplexer.fetch`: what any SDK that takes a `fetch` needs to go through a multiplexer.

import { placeOf } from "../call/origin.js";
import type { Place } from "../call/origin.js";
import { Call } from "../call/run.js";
import type { Surroundings } from "../call/run.js";
import { mark } from "../call/trail.js";
import { parseJson } from "../answer.js";
import type { Operation } from "../operation.js";
import { modelEntries } from "../surface/models.js";
import { hasSteps } from "../surface/path.js";
import { placeOfStored } from "../surface/stored.js";
import { headersToPass, queryToPass } from "./passing.js";
import { FetchOperation } from "./operation.js";
import { pathBelowBase } from "./path.js";
import { readRequest } from "./request.js";
import type { Given } from "./request.js";
import { errorResponse, failureResponse, fetchForm, finalResponse } from "./response.js";

/** A request that has been understood. */
interface Understood {
  operation: Operation;
  params: object;
  text: string | undefined;
  place: Place | undefined;
}

/** A `fetch` whose requests go to one of the targets. */
export function makeFetch(around: Surroundings): typeof globalThis.fetch {
  return async (input, init) => {
    const given = await readRequest(input, init);
    given.signal?.throwIfAborted();
    const path = pathBelowBase(given.url.pathname);
    const understood = around.closed ? closed() : understand(around, given, path);
    return understood instanceof Response ? understood : send(around, given, understood);
  };
}

function closed(): Response {
  const message = "The multiplexer was closed.";
  return errorResponse(503, { message, type: "server_error", code: "closed" });
}

async function send(around: Surroundings, given: Given, understood: Understood): Promise<Response> {
  const { headers, url, signal } = given;
  const options = {
    ...(signal && { signal }),
    headers: headersToPass(headers),
    query: queryToPass(url.searchParams),
  };
  const call = new Call(around, {
    ...understood,
    options,
    form: fetchForm,
    wantsResponse: true,
  });
  try {
    const response = finalResponse((await call.value) as Response);
    mark(response, call.trail);
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    const response = failureResponse(error);
    mark(response, call.trail);
    return response;
  }
}

function understand(around: Surroundings, given: Given, path: string): Understood | Response {
  const { method, body } = given;
  if (method === "GET" && path === "/models") return modelsResponse(around);
  if (hasSteps(path)) return notUnderstood(method, path);
  const stored = /^\/responses\/([^/]+)/.exec(path);
  if (stored !== null && (method === "GET" || method === "POST" || method === "DELETE")) {
    const id = decoded(stored[1] as string);
    return id === undefined
      ? notUnderstood(method, path)
      : ofStored(around, method, path, id, body);
  }
  const params = parseJson(body);
  if (method !== "POST" || typeof params !== "object" || params === null || Array.isArray(params)) {
    return notUnderstood(method, path);
  }
  const previous = (params as { previous_response_id?: unknown }).previous_response_id;
  return {
    operation: new FetchOperation("post", path, true),
    params,
    text: hasOneModel(params, body) ? body : undefined,
    place: typeof previous === "string" ? placeOf(around, previous) : undefined,
  };
}

/** Undefined for what is not encoded as URLs are. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The text can be sent as it is but for its model's value, which the engine replaces. */
function hasOneModel(params: object, text: string): boolean {
  const { model } = params as { model?: unknown };
  return typeof model === "string" && text.split('"model"', 3).length === 2;
}

function ofStored(
  around: Surroundings,
  method: string,
  path: string,
  id: string,
  body: string,
): Understood | Response {
  const params = body === "" ? {} : parseJson(body);
  try {
    return {
      operation: new FetchOperation(
        method.toLowerCase() as Operation["method"],
        path,
        body !== "" && method === "POST",
      ),
      params: params as object,
      text: undefined,
      place: placeOfStored(around, id),
    };
  } catch (error) {
    const { message } = error as Error;
    return errorResponse(404, { message, type: "invalid_request_error", code: "unknown_response" });
  }
}

function modelsResponse({ targets }: Surroundings): Response {
  const list = { object: "list", data: modelEntries(targets.values()) };
  return Response.json(list, { headers: { "x-should-retry": "false" } });
}

function notUnderstood(method: string, path: string): Response {
  const message =
    `multiplexer.fetch cannot send ${method} ${path}: it sends POST requests whose body is a JSON ` +
    "object, GET /models, and requests for a response that was made through it.";
  return errorResponse(400, {
    message,
    type: "invalid_request_error",
    code: "unsupported_request",
  });
}
