// Stock clients of every SDK: replies, errors, aborts and streams are those of the caller's SDK.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startSimulator } from "../support/simulator.mjs";
import {
  arrival,
  collect,
  creator,
  departure,
  hello,
  isNative,
  newClient,
  over,
  rejection,
  requestsOf,
  sdk,
  simulate,
  until,
  versions,
} from "./sdks.mjs";

// A promise that is never settled fails its own test, not those after it.
const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 10_000 };

let simulator;
before(async () => (simulator = await startSimulator({ journal: 100_000 })));
after(() => simulator.stop());

const openAiError = (message) => ({
  error: { message, type: "some_type", param: "messages", code: "some_code" },
});
const status = (code, body) => ({
  fault: { kind: "status", status: code, ...(body !== undefined && { body }) },
});

const failures = {
  ...Object.fromEntries(
    [400, 401, 402, 403, 404, 409, 413, 418, 422, 429, 500, 502, 503, 529].map((code) => [
      `${code} with an error of OpenAI`,
      status(code, openAiError("bad")),
    ]),
  ),
  "400 with a string as error": status(400, { error: "oops" }),
  "400 with no error inside": status(400, { detail: "oops" }),
  "400 with an error that is null": status(400, { error: null }),
  "400 with an error whose message is an object": status(400, { error: { message: { a: 1 } } }),
  "400 with an error without a message": status(400, { error: { code: "x" } }),
  "400 with a list": status(400, [1, 2]),
  "400 with null": status(400, "null"),
  "400 with false": status(400, "false"),
  "400 with a JSON string": status(400, '"oops"'),
  "400 with text": status(400, "plain text"),
  "400 with an empty body": status(400, ""),
  "429 with text": status(429, "slow down"),
  "502 with HTML": { fault: { kind: "html", status: 502 } },
  "500 with an empty body": { fault: { kind: "emptyBody", status: 500 } },
  "a reset": { fault: { kind: "reset" } },
  "a reply that is cut": { bodyBytes: 100_000, fault: { kind: "cut" } },
  "a reply that is no JSON": { fault: { kind: "invalidJson" } },
};

/** What can be seen of an error. */
function seen(error, root) {
  const kinds = Object.entries(root)
    .filter(([name, kind]) => /Error$/.test(name) && typeof kind === "function")
    .filter(([, kind]) => error instanceof kind)
    .map(([name]) => name);
  const headers = error.headers && { ...Object.fromEntries(Object.entries(error.headers)) };
  const listed = error.headers instanceof Headers ? Object.fromEntries(error.headers) : headers;
  if (listed) delete listed.date;
  return {
    kinds,
    // What node-fetch (in openai 4) fails with is of a class that nobody can reach.
    class: kinds.length > 0 ? error.constructor.name : undefined,
    name: error.name,
    message: error.message,
    status: error.status,
    headers: listed,
    headersAre: error.headers?.constructor.name,
    byName: error.headers?.get?.("Content-Type") ?? error.headers?.["Content-Type"],
    requestID: error.requestID,
    request_id: error.request_id,
    error: error.error,
    code: error.code,
    param: error.param,
    type: error.type,
    cause: error.cause === undefined ? undefined : typeof error.cause,
    keys: Object.keys(error)
      .filter((key) => key !== "cause" && key !== "message")
      .sort(),
  };
}

for (const version of versions) {
  const root = sdk[version];
  describe(`openai ${version}`, () => {
    for (const [what, behaviour] of Object.entries(failures)) {
      // The SDK 4 itself waits for the rest for ever.
      if (version === 4 && behaviour.fault.kind === "cut") continue;
      test(`${what} fails as it does in the SDK`, limit, async () => {
        const client = newClient(version, simulator, {
          defaultHeaders: simulate({ requestId: "req_1", ...behaviour }),
        });
        const bySdk = await rejection(client.chat.completions.create({ ...hello, model: "gpt" }));
        const multiplexer = over(client);
        const byEngine = await rejection(multiplexer.chat.completions.create(hello));
        assert.deepEqual(seen(byEngine, root), seen(bySdk, root));
        const refused = bySdk.status === 429 || bySdk.status === 529;
        assert.deepEqual(multiplexer.getStats().gpt, {
          success: 0,
          rateLimited: refused ? 1 : 0,
          failed: refused ? 0 : 1,
        });
        assert.ok((await requestsOf(simulator, client.apiKey)).some(isNative));
      });
    }

    test("a reply that is cut is a failure and not a wait", limit, async () => {
      const behaviour = { bodyBytes: 100_000, fault: { kind: "cut" } };
      const client = newClient(version, simulator, { defaultHeaders: simulate(behaviour) });
      const multiplexer = over(client);
      assert.ok((await rejection(multiplexer.chat.completions.create(hello))) instanceof Error);
      assert.equal(multiplexer.getStats().gpt.failed, 1);
    });

    test("a server that is not there fails as in the SDK", limit, async () => {
      const client = newClient(version, simulator, { baseURL: "http://127.0.0.1:9/v1" });
      const bySdk = await rejection(client.chat.completions.create({ ...hello, model: "gpt" }));
      const byEngine = await rejection(creator(client)(hello));
      assert.deepEqual(seen(byEngine, root), seen(bySdk, root));
      assert.ok(byEngine instanceof root.APIConnectionError);
    });

    for (const [what, behaviour] of Object.entries({
      "a completion": {},
      "a completion in gzip": { gzip: true },
      "a completion without a request id": { requestId: null },
      "an error with status 200": { fault: { kind: "errorEvent" } },
      "no content": { fault: { kind: "noContent" } },
      HTML: { fault: { kind: "html" } },
      "text that says it is text": { contentType: "text/plain" },
      "JSON of a vendor": { contentType: "application/vnd.api+json" },
      "JSON with parameters": { contentType: "Application/JSON; charset=utf-8" },
      "a redirect": {
        fault: { kind: "redirect", location: "/v1/chat/completions", first: 1 },
      },
      "an empty body": { fault: { kind: "emptyBody" } },
      // Node.js takes heads of 16 KB.
      "a reply with a head of 12 KB": { headers: { "x-long": "x".repeat(12_000) } },
    })) {
      test(`${what} comes back as from the SDK`, limit, async () => {
        const settle = async (make) => {
          const client = newClient(version, simulator, {
            defaultHeaders: simulate({ requestId: "req_1", text: "Hi.", ...behaviour }),
          });
          const value = await make(client).catch((error) => [error.name, error.message]);
          // A reply that the SDK takes for a text has its quotes escaped.
          const changing = /chatcmpl-\w+|\\?"created\\?":\d+/g;
          const normal = JSON.stringify(value)?.replace(changing, "");
          const hidden =
            value &&
            typeof value === "object" &&
            Object.getOwnPropertyDescriptor(value, "_request_id");
          return [typeof value, normal, hidden && { ...hidden, writable: 0, configurable: 0 }];
        };
        const body = { ...hello, model: "gpt" };
        assert.deepEqual(
          await settle((client) => creator(client)(hello)),
          await settle((client) => client.chat.completions.create(body)),
        );
      });
    }

    test("a reply has the request id where the SDK hides it", limit, async () => {
      const client = newClient(version, simulator, {
        defaultHeaders: simulate({ requestId: "req_7" }),
      });
      const reply = await creator(client)(hello);
      assert.equal(reply._request_id, "req_7");
      assert.ok(!Object.keys(reply).includes("_request_id"));
      assert.equal(Object.getPrototypeOf(reply), Object.prototype);
    });

    test("withResponse() gives the reply, its response and its request id", limit, async () => {
      const client = newClient(version, simulator, {
        defaultHeaders: simulate({ requestId: "req_7", headers: { "x-extra": "1" } }),
      });
      const pending = creator(client)(hello);
      const { data, response, request_id: id } = await pending.withResponse();
      assert.equal(data, await pending);
      assert.ok(response instanceof Response);
      assert.deepEqual(
        [response.status, response.headers.get("X-Extra"), response.url, id],
        [200, "1", `${simulator.url}/chat/completions`, "req_7"],
      );
    });

    test("asResponse() gives a response whose body can be read", limit, async () => {
      const client = newClient(version, simulator);
      const response = await creator(client)(hello).asResponse();
      assert.equal((await response.json()).object, "chat.completion");
    });

    test("withResponse() of a stream gives the stream", limit, async () => {
      const client = newClient(version, simulator);
      const { data, response } = await creator(client)({ ...hello, stream: true }).withResponse();
      assert.equal(response.status, 200);
      assert.ok((await collect(data)).length > 2);
    });

    test("a timeout fails as in the SDK, and leaves the server", limit, async () => {
      const client = newClient(version, simulator, {
        defaultHeaders: simulate({ fault: { kind: "noAnswer" } }),
      });
      const options = { timeout: 60 };
      const bySdk = await rejection(
        client.chat.completions.create({ ...hello, model: "gpt" }, options),
      );
      const multiplexer = over(client);
      const byEngine = await rejection(multiplexer.chat.completions.create(hello, options));
      assert.ok(byEngine instanceof root.APIConnectionTimeoutError);
      assert.deepEqual(seen(byEngine, root), seen(bySdk, root));
      assert.equal(multiplexer.getStats().gpt.failed, 1);
      await until(async () => {
        const requests = await requestsOf(simulator, client.apiKey);
        return requests.filter(isNative).every(({ clientLeft }) => clientLeft);
      });
    });

    test(
      "an aborted signal sends nothing, and fails with the SDK's abort error",
      limit,
      async () => {
        const client = newClient(version, simulator);
        const multiplexer = over(client);
        const error = await rejection(
          multiplexer.chat.completions.create(hello, { signal: AbortSignal.abort() }),
        );
        assertAborted(error, root);
        assert.deepEqual(await requestsOf(simulator, client.apiKey), []);
        assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 0 });
      },
    );

    test(
      "an abort while waiting fails with the SDK's abort error, and leaves the server",
      limit,
      async () => {
        const client = newClient(version, simulator, {
          defaultHeaders: simulate({ fault: { kind: "noAnswer" } }),
        });
        const controller = new AbortController();
        const multiplexer = over(client);
        const pending = rejection(
          multiplexer.chat.completions.create(hello, { signal: controller.signal }),
        );
        await arrival(simulator, client.apiKey);
        controller.abort();
        assertAborted(await pending, root);
        await departure(simulator, client.apiKey);
        assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 0 });
      },
    );

    test("an abort between two tries ends the waiting", limit, async () => {
      const fault = { kind: "status", status: 503, headers: { "retry-after-ms": "30000" } };
      const client = newClient(version, simulator, {
        maxRetries: 2,
        defaultHeaders: simulate({ fault }),
      });
      const controller = new AbortController();
      const pending = rejection(creator(client)(hello, { signal: controller.signal }));
      await until(async () => (await requestsOf(simulator, client.apiKey))[0]?.finished);
      controller.abort();
      assertAborted(await pending, root);
      assert.equal((await requestsOf(simulator, client.apiKey)).length, 1);
    });

    test("a stream is of the SDK's own class", limit, async () => {
      const client = newClient(version, simulator);
      const body = { ...hello, model: "gpt", stream: true };
      const theirs = await client.chat.completions.create(body);
      const stream = await creator(client)(body);
      assert.equal(stream.constructor, theirs.constructor);
      assert.ok(stream.controller instanceof AbortController);
      assert.deepEqual(Object.keys(stream).sort(), Object.keys(theirs).sort());
      await Promise.all([collect(stream), collect(theirs)]);
    });

    test(
      "an abort within a stream ends the loop silently and leaves the server",
      limit,
      async () => {
        const { stream, client, controller } = await slowStream(version);
        const chunks = [];
        for await (const chunk of stream) {
          chunks.push(chunk);
          if (chunks.length === 3) controller.abort();
        }
        assert.equal(chunks.length, 3);
        await departure(simulator, client.apiKey);
      },
    );

    test("an abort while a loop waits for the next chunk ends it silently", limit, async () => {
      const { stream, client, controller } = await slowStream(version, { stallAfter: 2 });
      let count = 0;
      const loop = (async () => {
        for await (const _ of stream) count++;
      })();
      await until(() => count >= 3);
      controller.abort();
      await loop;
      await departure(simulator, client.apiKey);
    });

    test("stream.controller.abort() ends the loop and leaves the server", limit, async () => {
      const { stream, client } = await slowStream(version);
      let count = 0;
      for await (const _ of stream) if (++count === 2) stream.controller.abort();
      assert.equal(count, 2);
      await departure(simulator, client.apiKey);
    });

    test("break leaves the server and aborts the controller", limit, async () => {
      const { stream, client } = await slowStream(version);
      for await (const _ of stream) break;
      assert.equal(stream.controller.signal.aborted, true);
      await departure(simulator, client.apiKey);
    });

    test("a second iteration fails as in the SDK", limit, async () => {
      const client = newClient(version, simulator);
      const body = { ...hello, model: "gpt", stream: true };
      const twice = async (stream) => {
        await collect(stream);
        const error = await rejection(collect(stream));
        return [error.constructor, error.message];
      };
      const bySdk = await twice(await client.chat.completions.create(body));
      const byEngine = await twice(await creator(client)(body));
      assert.deepEqual(byEngine, bySdk);
      assert.match(byEngine[1], /consumed stream/);
    });

    test("tee() gives two streams of the same chunks, each at its own pace", limit, async () => {
      const stream = await creator(newClient(version, simulator))({ ...hello, stream: true });
      const [left, right] = stream.tee();
      const chunks = await collect(left);
      assert.ok(chunks.length > 2);
      assert.deepEqual(await collect(right), chunks);
      assert.equal(left.constructor, stream.constructor);
    });

    test("toReadableStream() gives a line of JSON for each chunk", limit, async () => {
      const client = newClient(version, simulator, {
        defaultHeaders: simulate({ text: "One two three." }),
      });
      const stream = await creator(client)({ ...hello, stream: true });
      const text = await new Response(stream.toReadableStream()).text();
      const contents = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).choices[0].delta.content ?? "");
      assert.equal(contents.join(""), "One two three.");
    });

    test("cancelling toReadableStream() leaves the server", limit, async () => {
      const { stream, client } = await slowStream(version);
      const reader = stream.toReadableStream().getReader();
      await reader.read();
      await reader.cancel();
      await departure(simulator, client.apiKey);
    });

    for (const [what, error] of Object.entries({
      "with all fields": { message: "over", type: "server_error", code: "overloaded", param: "p" },
      "with a message alone": { message: "over" },
    })) {
      test(
        `an error in a stream ${what} is raised as by the SDK, after what came before`,
        limit,
        async () => {
          const fault = { kind: "errorEvent", afterTokens: 2, error };
          const client = newClient(version, simulator, {
            defaultHeaders: simulate({ requestId: "req_1", fault }),
          });
          const body = { ...hello, model: "gpt", stream: true };
          const read = async (stream) => {
            const chunks = [];
            const failure = await rejection(
              (async () => {
                for await (const chunk of stream) chunks.push(chunk);
              })(),
            );
            return { length: chunks.length, failure };
          };
          const bySdk = await read(await client.chat.completions.create(body));
          const multiplexer = over(client);
          const byEngine = await read(await multiplexer.chat.completions.create(body));
          assert.equal(byEngine.length, bySdk.length);
          assert.ok(byEngine.failure instanceof root.APIError);
          assert.deepEqual(seen(byEngine.failure, root), seen(bySdk.failure, root));
          // It counted as a success when it was opened, and did not stay one.
          assert.deepEqual(multiplexer.getStats().gpt, { success: 0, rateLimited: 0, failed: 1 });
        },
      );
    }

    test("a refusal of a stream goes on to the next target", limit, async () => {
      const limited = newClient(version, simulator, { defaultHeaders: simulate(status(429)) });
      const multiplexer = over(limited, undefined, "limited");
      multiplexer.addFallbackModel(newClient(version, simulator), 1, "good");
      const stream = await multiplexer.chat.completions.create({ ...hello, stream: true });
      const [chunk] = await collect(stream);
      assert.equal(chunk.model, "good");
    });

    test("close() aborts calls under way and ends streams", limit, async () => {
      const waiting = newClient(version, simulator, {
        defaultHeaders: simulate({ fault: { kind: "noAnswer" } }),
      });
      const multiplexer = over(waiting);
      const pending = rejection(multiplexer.chat.completions.create(hello));
      await arrival(simulator, waiting.apiKey);
      await multiplexer.close();
      assertAborted(await pending, root);
      await departure(simulator, waiting.apiKey);

      const { stream, client, multiplexer: other } = await slowStream(version);
      const iterator = stream[Symbol.asyncIterator]();
      assert.equal((await iterator.next()).done, false);
      await other.close();
      await departure(simulator, client.apiKey);
      while (!(await iterator.next()).done);
    });
  });
}

test("two SDKs in one multiplexer fail each in its own classes", limit, async () => {
  const behaviour = { defaultHeaders: simulate(status(400)) };
  for (const version of versions) {
    const multiplexer = over(newClient(version, simulator, behaviour));
    const error = await rejection(multiplexer.chat.completions.create(hello));
    const kinds = versions.filter((other) => error instanceof sdk[other].BadRequestError);
    assert.deepEqual(kinds, [version]);
  }
});

function assertAborted(error, root) {
  assert.ok(error instanceof root.APIUserAbortError, error.constructor.name);
  assert.equal(error.message, "Request aborted");
}

/** A stream that takes long enough to be left in the middle. */
async function slowStream(version, { stallAfter } = {}) {
  const fault = stallAfter && { kind: "stall", afterTokens: stallAfter };
  const client = newClient(version, simulator, {
    defaultHeaders: simulate({ tokens: 10_000, tokenIntervalMs: stallAfter ? 0 : 2, fault }),
  });
  const controller = new AbortController();
  const multiplexer = over(client);
  const stream = await multiplexer.chat.completions.create(
    { ...hello, stream: true },
    { signal: controller.signal },
  );
  return { stream, client, controller, multiplexer };
}
