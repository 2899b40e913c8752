// `responses`: create, and what can be done with a stored response, which only the target that
// made it knows.

import { MultiplexerError } from "../errors.js";
import { bodyStreams, callMember } from "../operation.js";
import type { Operation } from "../operation.js";
import { responsesResource } from "../sdk/resource.js";

const common = {
  resource: responsesResource,
  reply: withOutputText,
  idOf,
} as const;

export const createResponse: Operation = {
  ...common,
  name: "responses.create",
  method: "post",
  path: "/responses",
  profileKey: "responses ",
  streams: bodyStreams,
  call: (client, params, options) => callMember(client, ["responses", "create"], [params, options]),
};

/** `retrieve(id)`; the query is both the parameters and among the options. */
export function retrieveResponse(id: string): Operation {
  const path = pathOf(id);
  return {
    ...common,
    name: "responses.retrieve",
    method: "get",
    path,
    profileKey: `get ${path} `,
    streams: bodyStreams,
    call: (client, _params, options) => {
      const { query, ...rest } = (options ?? {}) as { query?: unknown };
      const given = Object.keys(rest).length === 0 ? undefined : rest;
      return callMember(client, ["responses", "retrieve"], [id, query, given]);
    },
  };
}

export function cancelResponse(id: string): Operation {
  const path = `${pathOf(id)}/cancel`;
  return {
    ...common,
    name: "responses.cancel",
    method: "post",
    path,
    profileKey: `post ${path} `,
    hasNoBody: true,
    streams: () => false,
    call: (client, _params, options) => callMember(client, ["responses", "cancel"], [id, options]),
  };
}

export function deleteResponse(id: string): Operation {
  const path = pathOf(id);
  return {
    name: "responses.delete",
    method: "delete",
    path,
    accept: "*/*",
    profileKey: `delete ${path} `,
    resource: responsesResource,
    streams: () => false,
    // openai 4 has it under another name.
    call: (client, _params, options) =>
      callMember(client, ["responses", "delete"], [id, options]) ??
      callMember(client, ["responses", "del"], [id, options]),
  };
}

function pathOf(id: unknown): string {
  if (typeof id !== "string" || id === "") {
    throw new MultiplexerError("The id of a response must be a non-empty string.");
  }
  // In a URL they are steps, which no encoding changes.
  if (id === "." || id === "..") {
    throw new MultiplexerError(`The id of a response must not be "${id}".`);
  }
  return `/responses/${encodeURIComponent(id)}`;
}

/** Adds `output_text` in place, as the openai SDK does. */
function withOutputText(value: unknown): unknown {
  const response = value as { object?: unknown; output?: unknown; output_text?: string } | null;
  if (typeof response !== "object" || response?.object !== "response") return value;
  if (!Array.isArray(response.output)) return value;
  const messages = (response.output as OutputItem[]).filter(({ type }) => type === "message");
  response.output_text = messages
    .flatMap(({ content }) => content ?? [])
    .filter(({ type }) => type === "output_text")
    .map(({ text }) => text)
    .join("");
  return value;
}

interface OutputItem {
  type?: unknown;
  content?: { type?: unknown; text?: string }[];
}

/** The id of a response, also of one that a stream's first event tells. */
function idOf(value: unknown): string | undefined {
  const { object, type, id, response } = (value ?? {}) as {
    object?: unknown;
    type?: unknown;
    id?: unknown;
    response?: { id?: unknown };
  };
  const found = type === "response.created" ? response?.id : object === "response" ? id : undefined;
  return typeof found === "string" ? found : undefined;
}
