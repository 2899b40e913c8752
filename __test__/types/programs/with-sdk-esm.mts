// The same from an ES module, where openai's own declarations are another file.
import Multiplexer, {
  type ChatCompletion,
  Multiplexer as Named,
  type RequestOptions,
} from "model-multiplexer";
import OpenAI, { AzureOpenAI } from "openai";

const multiplexer: Named = new Multiplexer();
multiplexer.addModel(new OpenAI({ apiKey: "k" }), 1, "gpt-4o");
multiplexer.addModel(
  new AzureOpenAI({ apiKey: "k", endpoint: "https://example.test", apiVersion: "2024-10-21" }),
  1,
  "gpt-4o-azure",
);

const params: OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming = {
  model: "x",
  messages: [],
};
const options: OpenAI.RequestOptions = { timeout: 3 };
const accepted: RequestOptions = options;
export const completion: OpenAI.Chat.Completions.ChatCompletion =
  await multiplexer.chat.completions.create(params, accepted);
export const back: ChatCompletion = completion;
// @ts-expect-error a completion is not a number
export const wrong: number = await multiplexer.chat.completions.create(params);
