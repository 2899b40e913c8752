// The clients that people point at a gateway: curl, the openai SDK in four versions, LangChain and the
// AI SDK, each unchanged but for its base URL and key.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { APICallError, embed, generateText, jsonSchema, streamText, tool } from "ai";

import { collect, rejection, sdk, textOf, versions } from "../clients/sdks.mjs";
import { key, said, startFleet } from "./fleet.mjs";

let fleet;

before(async () => {
  fleet = await startFleet();
});

after(async () => {
  await fleet?.stop();
});

const messages = [{ role: "user", content: "How is the sea?" }];
const parameters = { type: "object", properties: { city: { type: "string" } } };
const weather = { type: "function", function: { name: "get_weather", parameters } };

describe("curl", () => {
  const run = promisify(execFile);
  const curl = async (path, body, more = []) => {
    const data = body === undefined ? [] : ["-d", JSON.stringify(body)];
    const headers = ["-H", "Content-Type: application/json", "-H", `Authorization: Bearer ${key}`];
    const { stdout } = await run("curl", [
      "-sS",
      "-N",
      ...headers,
      ...more,
      ...data,
      `${fleet.url}${path}`,
    ]);
    return stdout;
  };

  test("an answer, a stream and the models", async () => {
    const body = { model: "gpt-4o", messages };
    const answer = JSON.parse(await curl("/chat/completions", body));
    assert.equal(answer.choices[0].message.content, said);
    const stream = await curl("/chat/completions", { ...body, stream: true }, ["-i"]);
    assert.match(stream, /^content-type: text\/event-stream/im);
    assert.match(stream, /^x-accel-buffering: no\r$/im);
    assert.match(stream, /data: \[DONE\]\n\n$/);
    const models = JSON.parse(await curl("/models"));
    assert.equal(models.data[0].id, "multirouter-auto");
  });

  test("errors are the field's JSON", async () => {
    const unknown = JSON.parse(await curl("/chat/completions", { model: "none", messages }));
    assert.equal(unknown.error.code, "model_not_found");
    const empty = JSON.parse(await curl("/chat/completions", { model: "gpt-4o", messages: [] }));
    assert.equal(empty.error.message, "messages is required and must be a non-empty array");
    const broken = JSON.parse(await curl("/chat/completions", undefined, ["-d", "{"]));
    assert.equal(broken.error.type, "invalid_request_error");
  });
});

for (const version of versions) {
  describe(`openai ${version} (npm)`, () => {
    const clientOf = (options = {}) =>
      new sdk[version]({ baseURL: fleet.url, apiKey: key, maxRetries: 0, ...options });

    test("an answer, a stream, embeddings and the models", async () => {
      const client = clientOf();
      const body = { model: "gpt-4o", messages };
      const answer = await client.chat.completions.create(body);
      assert.equal(answer.choices[0].message.content, said);
      const include = { stream: true, stream_options: { include_usage: true } };
      const chunks = await collect(await client.chat.completions.create({ ...body, ...include }));
      assert.equal(textOf(chunks), said);
      assert.ok(chunks.at(-1).usage.total_tokens > 0);
      const { data } = await client.embeddings.create({
        model: "gpt-4o",
        input: "a",
        dimensions: 3,
      });
      assert.equal(data[0].embedding.length, 3);
      const models = await collect(client.models.list());
      assert.ok(models.some(({ id }) => id === "gpt-4o"));
    });

    test("tool calls come whole, at once and in a stream", async () => {
      const body = { model: "tools", messages, tools: [weather] };
      const answer = await clientOf().chat.completions.create(body);
      const [call] = answer.choices[0].message.tool_calls;
      assert.equal(call.function.name, "get_weather");
      const stream = await clientOf().chat.completions.create({ ...body, stream: true });
      const deltas = (await collect(stream)).flatMap(
        ({ choices }) => choices[0]?.delta.tool_calls ?? [],
      );
      const pieces = deltas.map((delta) => delta.function?.arguments ?? "").join("");
      assert.deepEqual(JSON.parse(pieces), JSON.parse(call.function.arguments));
    });

    test("errors are the SDK's classes", async () => {
      const completions = clientOf().chat.completions;
      const unknown = await rejection(completions.create({ model: "none", messages }));
      assert.ok(unknown instanceof sdk[version].NotFoundError);
      assert.equal(unknown.code, "model_not_found");
      const wrong = await rejection(completions.create({ model: "wrong", messages }));
      assert.ok(wrong instanceof sdk[version].BadRequestError);
      const stranger = clientOf({ apiKey: "mm-another" }).chat.completions;
      const denied = await rejection(stranger.create({ model: "gpt-4o", messages }));
      assert.ok(denied instanceof sdk[version].AuthenticationError);
      assert.match(denied.message, /Invalid API key/);
    });

    test("leaving a stream, and an abort, end the request at the provider", async () => {
      const stream = await clientOf().chat.completions.create({
        model: "endless",
        messages,
        stream: true,
      });
      for await (const chunk of stream) if (textOf([chunk]) !== "") break;
      await fleet.left("endless");
      const signal = AbortSignal.timeout(200);
      const silent = clientOf().chat.completions.create({ model: "silent", messages }, { signal });
      assert.ok((await rejection(silent)) instanceof sdk[version].APIUserAbortError);
      await fleet.left("silent");
    });
  });
}

describe("@langchain/openai", () => {
  const chat = (model, more = {}) =>
    new ChatOpenAI({
      model,
      apiKey: key,
      maxRetries: 0,
      configuration: { baseURL: fleet.url },
      ...more,
    });

  test("an answer, a stream and embeddings", async () => {
    const answer = await chat("gpt-4o").invoke("How is the sea?");
    assert.equal(answer.content, said);
    let text = "";
    for await (const chunk of await chat("gpt-4o").stream("How is the sea?")) text += chunk.content;
    assert.equal(text, said);
    const configuration = { baseURL: fleet.url };
    const embeddings = new OpenAIEmbeddings({ model: "gpt-4o", apiKey: key, configuration });
    assert.ok((await embeddings.embedQuery("a")).length > 0);
  });

  test("tool calls are understood", async () => {
    const answer = await chat("tools").bindTools([weather]).invoke("The weather?");
    assert.equal(answer.tool_calls[0].name, "get_weather");
  });

  test("errors have their status, and an abort ends the request at the provider", async () => {
    const unknown = await rejection(chat("none").invoke("hi"));
    assert.equal(unknown.status, 404);
    await rejection(chat("silent").invoke("hi", { signal: AbortSignal.timeout(200) }));
    await fleet.left("silent");
  });
});

describe("ai with @ai-sdk/openai-compatible", () => {
  const provider = (name) =>
    createOpenAICompatible({ name: "gateway", apiKey: key, baseURL: fleet.url })(name);

  test("texts, streams and embeddings", async () => {
    const { text } = await generateText({ model: provider("gpt-4o"), prompt: "How is the sea?" });
    assert.equal(text, said);
    const { textStream } = streamText({ model: provider("gpt-4o"), prompt: "How is the sea?" });
    assert.equal((await collect(textStream)).join(""), said);
    const vectors = createOpenAICompatible({ name: "gateway", apiKey: key, baseURL: fleet.url });
    const { embedding } = await embed({ model: vectors.embeddingModel("gpt-4o"), value: "a" });
    assert.ok(embedding.length > 0);
  });

  test("tool calls are understood", async () => {
    const get_weather = tool({ description: "the weather", inputSchema: jsonSchema(parameters) });
    const model = provider("tools");
    const { toolCalls } = await generateText({
      model,
      prompt: "The weather?",
      tools: { get_weather },
    });
    assert.equal(toolCalls[0].toolName, "get_weather");
  });

  test("errors have their status, and an abort ends the request at the provider", async () => {
    const failed = await rejection(
      generateText({ model: provider("none"), prompt: "hi", maxRetries: 0 }),
    );
    assert.ok(APICallError.isInstance(failed));
    assert.equal(failed.statusCode, 404);
    const abortSignal = AbortSignal.timeout(200);
    await rejection(generateText({ model: provider("silent"), prompt: "hi", abortSignal }));
    await fleet.left("silent");
  });
});
