// Answers of endpoints, in our own classes and worded as the openai SDK words them.

import { abortMessage, asCause, eachEvent, parseJson, saysJson, withRequestId } from "../answer.js";
import type { AnswerForm } from "../answer.js";
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  MultiplexerError,
  statusError,
} from "../errors.js";
import type { Fault, StreamForm } from "../exchange.js";
import type { EventQueue } from "../stream/queue.js";
import { Reader } from "../stream/reader.js";
import { Stream } from "../stream/stream.js";

export const endpointForm: AnswerForm = {
  reply(head, body) {
    if (head.status === 204) return null;
    if (!saysJson(head.get("content-type"))) return body;
    if (body === "") return undefined;
    const value = parseJson(body);
    if (value === undefined) {
      throw new APIError(undefined, undefined, "The reply is not valid JSON.", head.headers);
    }
    return withRequestId(value, head);
  },

  events(opened, { seen }): StreamForm {
    const dead = (message: string, cause?: Error): APIError =>
      new APIConnectionError(undefined, undefined, message, opened.head?.headers, cause);
    return {
      normalise: eachEvent(undefined, seen),
      named: (_name, data) => JSON.parse(data) as unknown,
      errorEvent: (_name, data) => {
        const value = parseJson(data) as { error?: unknown } | undefined;
        return new APIError(undefined, value?.error ?? value, undefined, opened.head?.headers);
      },
      unparsed: () => dead("The stream holds an event that is not valid JSON."),
      broken: (fault) => dead("The connection broke within the stream.", asCause(fault)),
    };
  },

  stream(queue: EventQueue, controller: AbortController): object {
    const reader = new Reader(
      queue,
      () =>
        new MultiplexerError(
          "Cannot iterate over a consumed stream, use `.tee()` to split the stream.",
        ),
      () => {
        controller.abort();
      },
    );
    return new Stream(() => reader.iterate(), controller);
  },

  statusError(head, body) {
    const value = parseJson(body) as { error?: unknown } | null | undefined;
    return statusError(head.status, value?.error, body, head.headers);
  },

  unreachable: (fault: Fault) =>
    fault.timedOut
      ? new APIConnectionTimeoutError(
          undefined,
          undefined,
          "Request timed out.",
          undefined,
          asCause(fault),
        )
      : new APIConnectionError(
          undefined,
          undefined,
          "Connection error.",
          undefined,
          asCause(fault),
        ),

  brokenReply: (fault: Fault) =>
    new APIConnectionError(
      undefined,
      undefined,
      "The connection broke within the reply.",
      undefined,
      asCause(fault),
    ),

  timedOut: () =>
    new APIConnectionTimeoutError(undefined, undefined, "Request timed out.", undefined),

  aborted: () => new APIUserAbortError(undefined, undefined, abortMessage, undefined),
};
