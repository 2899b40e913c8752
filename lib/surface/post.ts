// `post()`: any path below the targets' base URLs.

import { MultiplexerError } from "../errors.js";
import { kindOf } from "../given.js";
import { bodyStreams, callMember } from "../operation.js";
import type { Called, Operation } from "../operation.js";
import { chatCompletionsResource } from "../sdk/resource.js";
import { hasSteps } from "./path.js";

/** A POST to one path. */
export class Post implements Operation {
  readonly name = "post";
  readonly method = "post";
  readonly path: string;
  readonly profileKey: string;
  // A client that is wrapped in any way shows it there.
  readonly resource = chatCompletionsResource;

  /** @throws {MultiplexerError} for a path that would leave the base URL, where the key is meant for */
  constructor(path: unknown) {
    if (typeof path !== "string" || !path.startsWith("/")) {
      throw new MultiplexerError(
        `path must begin with a slash, such as "/embeddings", not ${typeof path === "string" ? JSON.stringify(path) : kindOf(path)}.`,
      );
    }
    if (hasSteps(path)) {
      throw new MultiplexerError(
        `path must have no segment "." or "..", which ${JSON.stringify(path)} has: it stays below the base URL.`,
      );
    }
    this.path = path;
    this.profileKey = `post ${path} `;
  }

  streams(params: unknown, options: object | undefined): boolean {
    const { stream } = (options ?? {}) as { stream?: unknown };
    return stream === undefined ? bodyStreams(params) : stream === true;
  }

  call(client: object, params: object, options: object | undefined): Called | undefined {
    const stream = this.streams(params, options);
    return callMember(client, ["post"], [this.path, { ...options, body: params, stream }]);
  }
}

/** @throws {MultiplexerError} for a body that can have no `model` */
export function checkBody(body: unknown): object {
  if (body === undefined) return {};
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  throw new MultiplexerError("body must be an object: its model is set for each target.");
}
