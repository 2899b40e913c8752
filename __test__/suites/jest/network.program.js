// Written for @upstash/model-multiplexer: real clients whose network is mocked by nock.
/* global test, expect, afterEach, afterAll */

const nock = require("nock");
const { Multiplexer } = require("@upstash/model-multiplexer");

const params = { messages: [{ role: "user", content: "hi" }] };
const reply = { id: "c", object: "chat.completion", choices: [{ message: { content: "hello" } }] };

afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

for (const version of [4, 5, 6, 7]) {
  test(`openai ${version} is answered by nock`, async () => {
    const OpenAI = require(`openai${version}`);
    nock("https://api.example.test").post("/v1/chat/completions").reply(200, reply);
    const multiplexer = new Multiplexer();
    const client = new OpenAI({
      apiKey: "sk",
      baseURL: "https://api.example.test/v1",
      maxRetries: 0,
    });
    multiplexer.addModel(client, 1, "gpt");
    const { choices } = await multiplexer.chat.completions.create(params);
    expect(choices[0].message.content).toBe("hello");
    expect(nock.isDone()).toBe(true);
  });

  test(`openai ${version} fails with its own classes`, async () => {
    const OpenAI = require(`openai${version}`);
    nock("https://api.example.test")
      .post("/v1/chat/completions")
      .reply(400, { error: { message: "bad" } });
    const multiplexer = new Multiplexer();
    const client = new OpenAI({
      apiKey: "sk",
      baseURL: "https://api.example.test/v1",
      maxRetries: 0,
    });
    multiplexer.addModel(client, 1, "gpt");
    const error = await multiplexer.chat.completions.create(params).catch((reason) => reason);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.message).toBe("400 bad");
  });
}
