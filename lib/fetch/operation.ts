// Calls that `multiplexer.fetch` makes: of any path, and with a `Response` as their answer. A
// client that is called itself is asked through its own methods.

import { callMember } from "../operation.js";
import type { Called, Operation } from "../operation.js";
import { chatCompletionsResource, embeddingsResource, responsesResource } from "../sdk/resource.js";
import type { Resource } from "../sdk/resource.js";
import { toResponse } from "./value.js";

const chatPath = "/chat/completions";

const resources = new Map<string, Resource>([
  [chatPath, chatCompletionsResource],
  ["/embeddings", embeddingsResource],
  ["/responses", responsesResource],
]);

/** The id of a response, which stands near the beginning of its text. */
function idIn(bytes: unknown): string | undefined {
  return /"id"\s*:\s*"(resp_[^"\\]+)"/.exec(String(bytes))?.[1];
}

/** A request to a path. */
export class FetchOperation implements Operation {
  readonly name: string;
  readonly method: Operation["method"];
  readonly path: string;
  readonly profileKey: string;
  readonly resource: Resource;
  readonly hasNoBody: boolean;
  readonly idOf: ((bytes: unknown) => string | undefined) | undefined;

  constructor(method: Operation["method"], path: string, hasBody: boolean) {
    this.name = `fetch of ${method.toUpperCase()} ${path}`;
    this.method = method;
    this.path = path;
    this.profileKey = `${method} ${path} `;
    this.resource = resources.get(path) ?? chatCompletionsResource;
    this.hasNoBody = !hasBody;
    this.idOf = path === "/responses" ? idIn : undefined;
  }

  /** The engine hands over bytes, whatever they mean. */
  streams(): boolean {
    return false;
  }

  call(client: object, params: object, options: object | undefined): Called | undefined {
    const called = this.#ask(client, params, options);
    return called && { result: toResponse(called.result) };
  }

  /** Completions are asked for where wrappers and mocks look for them, all else by its path. */
  #ask(client: object, params: object, options: object | undefined): Called | undefined {
    if (this.path === chatPath) {
      return callMember(client, ["chat", "completions", "create"], [params, options]);
    }
    const body = this.hasNoBody ? undefined : { body: params };
    return callMember(client, [this.method], [this.path, { ...options, ...body }]);
  }
}
