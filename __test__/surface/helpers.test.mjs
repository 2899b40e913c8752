// `parse`, `stream` and `runTools`: the helpers of the program's own SDK, over this `create`.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  collect,
  isNative,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  sdk,
  simulate,
  versions,
  wire,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";

const { Multiplexer, MultiplexerError, reportOf } = ours;

let simulator;
before(async () => (simulator = await startSimulator({ defaults: { tokens: 4 } })));
after(() => simulator.stop());

const messages = [{ role: "user", content: "What is the weather?" }];
const schema = {
  type: "json_schema",
  json_schema: { name: "answer", strict: true, schema: { type: "object", properties: {} } },
};
/** As `zodResponseFormat` of the SDK makes one, without zod. */
const parseable = () =>
  Object.defineProperties(
    { ...schema },
    {
      $brand: { value: "auto-parseable-response-format", enumerable: false },
      $parseRaw: { value: JSON.parse, enumerable: false },
    },
  );

/** A tool whose `run` tells the weather. */
const weather = (run) => ({
  type: "function",
  function: {
    name: "get_weather",
    description: "Tells the weather.",
    parameters: { type: "object", properties: {} },
    parse: JSON.parse,
    function: run,
  },
});

/** A multiplexer whose first target refuses, over a client with a key of its own. */
function behindRefusal(client) {
  const multiplexer = new Multiplexer({ logger: false });
  const headers = simulate({ fault: { kind: "status", status: 429 } });
  multiplexer.addModel({ baseURL: simulator.url, apiKey: newKey(), headers }, 1, "refusing");
  multiplexer.addFallbackModel(client, 1, "gpt");
  return multiplexer;
}

for (const version of versions) {
  describe(`openai ${version}`, () => {
    /** Where this version has the helpers itself. */
    const own = (client) => (version === 4 ? client.beta : client).chat.completions;
    const json = { headers: simulate({ text: '{"a":1}' }) };

    test("parse gives what the SDK's own gives, and sends what it sends", async () => {
      const [theirs, mine] = [newClient(version, simulator), newClient(version, simulator)];
      mine.apiKey = theirs.apiKey;
      const body = { model: "gpt", messages, response_format: parseable() };
      const expected = await own(theirs).parse(body, json);
      const given = await over(mine).chat.completions.parse({ ...body, model: "any" }, json);
      assert.deepEqual(given.choices, expected.choices);
      assert.deepEqual(given.choices[0].message.parsed, { a: 1 });
      assert.match(given._request_id, /^req_/);
      assert.equal(reportOf(given).id, "gpt");
      const [sent, native] = await requestsOf(simulator, theirs.apiKey);
      assert.ok(isNative(native) && !isNative(sent));
      assert.deepEqual(wire(native), wire(sent));
    });

    test("parse also has the response", async () => {
      const promise = over(newClient(version, simulator)).chat.completions.parse({ messages });
      const { data, response, request_id } = await promise.withResponse();
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("x-request-id"), request_id);
      assert.equal(data._request_id, request_id);
    });

    test("parse fails as the SDK's, and never unseen", async () => {
      const multiplexer = over(newClient(version, simulator));
      const headers = simulate({ fault: { kind: "status", status: 400 } });
      const error = await rejection(multiplexer.chat.completions.parse({ messages }, { headers }));
      assert.ok(error instanceof sdk[version].BadRequestError);
      assert.equal(reportOf(error).attempts[0].status, 400);
    });

    test("stream goes through selection and failover, with the SDK's events", async () => {
      const client = newClient(version, simulator);
      const stream = behindRefusal(client).chat.completions.stream({ messages });
      const contents = [];
      stream.on("content", (delta) => contents.push(delta));
      const final = await stream.finalChatCompletion();
      assert.equal(final.choices[0].message.content, contents.join(""));
      assert.equal(final.model, "gpt");
      const [request] = await requestsOf(simulator, client.apiKey);
      assert.ok(isNative(request));
      assert.ok(request.headers.some(([name]) => name === "x-stainless-helper-method"));
    });

    test("a stream that is aborted stops", async () => {
      const headers = simulate({ tokens: 10_000, tokenIntervalMs: 5 });
      const multiplexer = over(newClient(version, simulator));
      const stream = multiplexer.chat.completions.stream({ messages }, { headers });
      stream.on("content", () => stream.abort());
      const error = await rejection(stream.finalContent());
      assert.ok(error instanceof sdk[version].APIUserAbortError);
    });

    test("runTools runs the tools and asks on", async () => {
      const client = newClient(version, simulator);
      await simulator.script({ keys: { [client.apiKey]: { toolCalls: 1 } } });
      const asked = [];
      const tool = weather(async (args) => {
        asked.push(args);
        await simulator.script({ keys: { [client.apiKey]: { text: "It rains." } } });
        return "Rain.";
      });
      const { completions } = over(client).chat;
      assert.equal(
        await completions.runTools({ messages, tools: [tool] }).finalContent(),
        "It rains.",
      );
      assert.equal(asked.length, 1);
      const [first, second] = await requestsOf(simulator, client.apiKey);
      assert.ok(isNative(first) && isNative(second));
      assert.equal(JSON.parse(second.body).messages.at(-1).content, "Rain.");
      await simulator.script({ defaults: { tokens: 4 } });
    });

    test("the helpers are in beta as well, and the client itself stays as it was", async () => {
      const client = newClient(version, simulator);
      const { create } = client.chat.completions;
      const multiplexer = over(client);
      const { choices } = await multiplexer.beta.chat.completions.parse({ messages });
      assert.equal(choices[0].message.role, "assistant");
      assert.equal(client.chat.completions.create, create);
      assert.ok(!Object.hasOwn(client.chat.completions, "create"));
      await client.chat.completions.create({ model: "direct", messages });
      const [native, direct] = await requestsOf(simulator, client.apiKey);
      assert.ok(isNative(native) && !isNative(direct));
      assert.equal(direct.model, "direct");
    });
  });
}

test("without an OpenAI client the error says what to do", () => {
  const multiplexer = over({ baseURL: simulator.url, apiKey: newKey() });
  for (const helper of ["parse", "stream", "runTools"]) {
    assert.throws(
      () => multiplexer.chat.completions[helper]({ messages }),
      (error) =>
        error instanceof MultiplexerError &&
        error.message.includes(`chat.completions.${helper}() is a helper of the openai SDK`) &&
        error.message.includes("add one as `new OpenAI({ baseURL, apiKey })`"),
    );
  }
});

test("the helpers may be detached, and serve targets of any kind", async () => {
  const client = newClient(7, simulator);
  const key = newKey();
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel({ baseURL: simulator.url, apiKey: key }, 1, "endpoint");
  multiplexer.addFallbackModel(client, 1, "gpt");
  const { stream } = multiplexer.chat.completions;
  const chunks = await collect(stream({ messages }));
  assert.equal(chunks[0].model, "endpoint");
});
