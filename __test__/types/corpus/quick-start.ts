import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

const claude = new OpenAI({
  apiKey: process.env["ANTHROPIC_API_KEY"]!,
  baseURL: "https://api.anthropic.com/v1/",
});
const openai = new OpenAI({
  apiKey: process.env["OPENAI_API_KEY"]!,
  baseURL: "https://api.openai.com/v1",
});

const multiplexer = new Multiplexer();
multiplexer.addModel(claude, 5, "claude-sonnet-4-0");
multiplexer.addModel(openai, 3, "gpt-4.1-mini");

export async function main() {
  const completion = await multiplexer.chat.completions.create({
    model: "claude-sonnet-4-0", // Will be overridden by selected model
    messages: [
      { role: "system", content: "You are a helpful assistant." },
      { role: "user", content: "What is the capital of France?" },
    ],
  });
  console.log(completion.choices[0].message.content);
}
