// Streams: what they yield, how they end and fail, and what can be done with them.

import { after, before, describe, test } from "node:test";
import { assertSame, clientOf, limit, read, simulate, startServer, versions } from "./compare.mjs";
import { differences, of } from "./differences.mjs";

let simulator;
before(async () => (simulator = await startServer()));
after(() => simulator.stop());

const error = { message: "over", type: "server_error", code: "overloaded", param: "p" };
const data = (text) => ({ fault: { kind: "malformedEvent", afterTokens: 2, data: text } });

const streams = {
  "a stream": {},
  "a stream with usage": { params: { stream_options: { include_usage: true } } },
  "several choices": { params: { n: 2 } },
  "tool calls": { toolCalls: 2 },
  reasoning: { reasoning: 3 },
  "the shape of Azure": { shape: "azure" },
  "the shape of Groq": { shape: "groq" },
  "the shape of OpenRouter": { shape: "openrouter" },
  "many tokens at once": { tokens: 500, text: null },
  "a stream in gzip": { gzip: true },
  "a byte at a time": { writeBytes: 1 },
  CRLF: { lineEnding: "crlf" },
  CR: { lineEnding: "cr" },
  comments: { comments: 2 },
  "no [DONE]": { fault: { kind: "missingDone" } },
  "no finish reason": { fault: { kind: "missingFinishReason" } },
  "no events": { fault: { kind: "emptyBody" } },
  "another content type": { contentType: "text/plain" },
  "an error event": { fault: { kind: "errorEvent", afterTokens: 2, error } },
  "an error event with a message alone": {
    fault: { kind: "errorEvent", error: { message: "over" } },
  },
  "an error event with a string": { fault: { kind: "errorEvent", error: "over" } },
  "an event that is no JSON": data('{"a":'),
  "an event that is text": data("hello"),
  "an event of null": data("null"),
  "an event of a number": data("7"),
  "an event of a string": data('"text"'),
  "an event of a list": data("[1]"),
  "an event without choices": data('{"id":"x","error":null}'),
  "an event whose error is false": data('{"error":false,"choices":[]}'),
  "an event whose error is empty": data('{"error":""}'),
  "an event with numbers and keys at the edge": data(
    '{"choices":[],"a":1e400,"b":-0,"c":12345678901234567890,"__proto__":{"x":1},"10":1,"2":1,"d":1,"d":2}',
  ),
  "an event with choices of all kinds": data('{"choices":[{"delta":{}},{"finish_reason":"stop"}]}'),
  "a stream that is cut": {
    fault: { kind: "cut", afterTokens: 3 },
    differs: [differences.closedConnection],
  },
  "a stream that is cut at once": {
    fault: { kind: "cut" },
    differs: [differences.closedConnection],
  },
  "no content": { fault: { kind: "noContent" } },
  HTML: { fault: { kind: "html" } },
};

for (const version of versions) {
  describe(`openai ${version}`, () => {
    // The SDKs tell the console of events that they cannot read; a multiplexer has its own log.
    let quiet;
    let told;
    before(() => {
      quiet = console.error;
      console.error = () => undefined;
    });
    after(() => (console.error = quiet));

    for (const [what, { params, differs = [], ...behaviour }] of Object.entries(streams)) {
      test(`${what}: the same is read`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator, { defaultHeaders: simulate(behaviour) }),
          params: { messages: [], stream: true, ...params },
          differs: of(version, differs),
        }),
      );
    }

    test("an event that is no JSON is told to the console by the SDK alone", limit, () =>
      assertSame(simulator, {
        client: (key) => {
          told = [];
          const error = (...words) => told.push(words.length);
          console.error = error;
          const logger = { error, warn: error, info: error, debug: error };
          const defaultHeaders = simulate(data('{"a":'));
          return clientOf(version, simulator, { defaultHeaders, logger })(key);
        },
        params: { messages: [], stream: true },
        act: async (create, params) => {
          const { chunks } = await read(await create(params));
          return { chunks, told };
        },
        differs: [differences.console],
      }),
    );

    const act = (use) => async (create, params) => use(await create(params));
    for (const [what, use] of Object.entries({
      "a second iteration fails": async (stream) => [await read(stream), await read(stream)],
      "an iterator that has ended stays so": async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        const results = [];
        for (let count = 0; count < 200; count++) {
          const result = await iterator.next();
          results.push(result.done);
          if (result.done) break;
        }
        return [results, await iterator.next(), await iterator.return?.(), await iterator.next()];
      },
      "return() of an iterator that was not read": async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        return [await iterator.return(7), await iterator.next()];
      },
      "throw() of an iterator": async (stream) => {
        const iterator = stream[Symbol.asyncIterator]();
        await iterator.next();
        const failure = await iterator.throw(new RangeError("enough")).catch((thrown) => thrown);
        return [failure, stream.controller.signal.aborted, await iterator.next()];
      },
      "tee() gives two": async (stream) => {
        const [left, right] = stream.tee();
        const all = await Promise.all([read(left), read(right)]);
        return [all, Object.keys(left).sort(), left.constructor];
      },
      "tee() in turn": async (stream) => {
        const [left, right] = stream.tee();
        return [await read(left), await read(right), left.controller === stream.controller];
      },
      "toReadableStream() gives lines": async (stream) => {
        const text = await new Response(stream.toReadableStream()).text();
        return text.replaceAll(/"created":\d+|"obfuscation":"\w*"/g, "");
      },
    })) {
      test(`${what} the same`, limit, () =>
        assertSame(simulator, {
          client: clientOf(version, simulator),
          params: { messages: [], stream: true },
          act: act(use),
        }),
      );
    }

    test("withResponse() tells the same", limit, () =>
      assertSame(simulator, {
        client: clientOf(version, simulator),
        params: { messages: [], stream: true },
        act: async (create, params) => {
          const { data: stream, response, request_id: id } = await create(params).withResponse();
          const { status, statusText, ok, url, redirected } = response;
          const type = response.headers.get("content-type");
          return { status, statusText, ok, url, redirected, type, id, ...(await read(stream)) };
        },
      }),
    );
  });
}

describe("a reply's response", () => {
  for (const version of versions) {
    for (const [what, behaviour] of Object.entries({
      "a reply": {},
      "no content": { fault: { kind: "noContent" } },
      text: { contentType: "text/plain" },
      "a redirected reply": {
        fault: { kind: "redirect", first: 1, location: "/openai/v1/chat/completions" },
      },
    })) {
      const client = (key) =>
        clientOf(version, simulator, { defaultHeaders: simulate(behaviour) })(key);
      test(`withResponse() of ${what} tells the same with openai ${version}`, limit, () =>
        assertSame(simulator, {
          client,
          act: async (create, params) => {
            const { data: value, response, request_id: id } = await create(params).withResponse();
            const { status, statusText, ok, url, redirected } = response;
            return {
              value,
              status,
              statusText,
              ok,
              url,
              redirected,
              id,
              headers: new Headers([...response.headers]),
              class: response.constructor,
            };
          },
          differs: of(version, [differences.response]),
        }),
      );

      test(`asResponse() of ${what} tells the same with openai ${version}`, limit, () =>
        assertSame(simulator, {
          client,
          act: async (create, params) => {
            const response = await create(params).asResponse();
            return [response.status, response.url, response.bodyUsed, await response.text()];
          },
        }),
      );
    }
  }
});
