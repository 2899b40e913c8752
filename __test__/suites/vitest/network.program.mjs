// Written for @upstash/model-multiplexer: real clients whose network is mocked by msw.

import { Multiplexer } from "@upstash/model-multiplexer";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import OpenAI4 from "openai4";
import OpenAI5 from "openai5";
import OpenAI6 from "openai6";
import OpenAI7 from "openai7";
import { afterAll, beforeAll, expect, test } from "vitest";

const url = "https://api.example.test/v1";
const params = { messages: [{ role: "user", content: "hi" }] };
const reply = { id: "c", object: "chat.completion", choices: [{ message: { content: "hello" } }] };

const server = setupServer(
  http.post(`${url}/chat/completions`, async ({ request }) => {
    const { model, stream } = await request.json();
    if (model === "limited") {
      return HttpResponse.json({ error: { message: "slow down" } }, { status: 429 });
    }
    if (!stream) return HttpResponse.json({ ...reply, model });
    return new HttpResponse('data: {"choices":[{"delta":{"content":"hey"}}]}\n\ndata: [DONE]\n\n', {
      headers: { "content-type": "text/event-stream" },
    });
  }),
);

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterAll(() => server.close());

for (const [version, OpenAI] of Object.entries({
  4: OpenAI4,
  5: OpenAI5,
  6: OpenAI6,
  7: OpenAI7,
})) {
  const make = () => new OpenAI({ apiKey: "sk", baseURL: url, maxRetries: 0 });

  test(`openai ${version} is answered by msw, after a refusal too`, async () => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(make(), 1, "limited");
    multiplexer.addFallbackModel(make(), 1, "gpt");
    expect(await multiplexer.chat.completions.create(params)).toMatchObject({ model: "gpt" });
    expect(multiplexer.getStats().limited.rateLimited).toBe(1);
    multiplexer.reset();
  });

  // The SDK 7 itself waits for the end of msw's body for ever.
  if (version === "7") continue;
  test(`openai ${version} streams from msw`, async () => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(make(), 1, "gpt");
    const contents = [];
    const stream = await multiplexer.chat.completions.create({ ...params, stream: true });
    for await (const chunk of stream) contents.push(chunk.choices[0].delta.content);
    expect(contents).toEqual(["hey"]);
  });
}
