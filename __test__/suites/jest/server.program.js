// Written for @upstash/model-multiplexer: real clients and a real server.
/* global test, expect */

const { Multiplexer } = require("@upstash/model-multiplexer");

const params = { messages: [{ role: "user", content: "hi" }] };

for (const version of [4, 5, 6, 7]) {
  const make = (behaviour = {}) => {
    const OpenAI = require(`openai${version}`);
    const client = new OpenAI({
      apiKey: "sk",
      baseURL: process.env.SIMULATOR,
      maxRetries: 0,
      defaultHeaders: { "x-simulate": JSON.stringify(behaviour) },
    });
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "gpt");
    return { multiplexer, OpenAI };
  };

  test(`openai ${version}: a reply is an object like any other`, async () => {
    const { multiplexer } = make({ text: "Hello." });
    const reply = await multiplexer.chat.completions.create(params);
    expect(reply.choices).toEqual([expect.objectContaining({ index: 0, finish_reason: "stop" })]);
    expect(reply.choices[0].message.content).toBe("Hello.");
  });

  test(`openai ${version}: a stream is read`, async () => {
    const { multiplexer } = make({ text: "one two three" });
    const stream = await multiplexer.chat.completions.create({ ...params, stream: true });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0].delta.content ?? "";
    expect(text).toBe("one two three");
  });

  test(`openai ${version}: a failure is an error of its SDK`, async () => {
    const { multiplexer, OpenAI } = make({ fault: { kind: "status", status: 404 } });
    const error = await multiplexer.chat.completions.create(params).catch((reason) => reason);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ status: 404 });
    await expect(Promise.reject(error)).rejects.toThrow(/^404 /);
  });
}
