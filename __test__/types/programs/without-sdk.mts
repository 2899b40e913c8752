// An ES module in a project that has no openai.
import Multiplexer, { type ChatCompletion, MultiplexerError } from "model-multiplexer";

await using multiplexer = new Multiplexer();
multiplexer.addModel({ baseURL: "https://api.openai.com/v1", apiKey: "k" }, 1, "gpt-4o");
export const completion: ChatCompletion = await multiplexer.chat.completions.create({
  model: "gpt-4o",
  messages: [{ role: "user", content: "hi" }],
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
  tool_choice: "auto",
  response_format: { type: "json_object" },
});
export const thrown: Error = new MultiplexerError("x");
// @ts-expect-error a completion is not a number
export const wrong: number = completion;
