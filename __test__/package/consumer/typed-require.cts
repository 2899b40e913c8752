import multiplexing = require("model-multiplexer");
import provider = require("./provider.cjs");

type Multiplexer = multiplexing.Multiplexer;
type ChatCompletion = multiplexing.ChatCompletion;
type ChatCompletionMessageParam = multiplexing.ChatCompletionMessageParam;

async function ask(multiplexer: Multiplexer): Promise<string> {
  const messages: ChatCompletionMessageParam[] = [
    { role: "user", content: "The capital of France?" },
  ];
  const whole: ChatCompletion = await multiplexer.chat.completions.create({
    model: "any",
    messages,
  });
  const parts: string[] = [];
  const stream = await multiplexer.chat.completions.create({
    model: "any",
    messages,
    stream: true,
  });
  for await (const chunk of stream) {
    const content: string | null | undefined = chunk.choices[0]?.delta.content;
    if (content) parts.push(content);
  }
  return `${whole.choices[0]?.message.content} | ${parts.join()}`;
}

void provider.withProvider(async (baseURL) => {
  const multiplexer = new multiplexing.Multiplexer({ logger: false });
  multiplexer.addModel({ baseURL, apiKey: "key" }, 1, "atlas");
  console.log(await ask(multiplexer));
  await multiplexer.close();
});
