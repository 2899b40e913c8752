import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI from "openai";

const claude = new OpenAI({ apiKey: "a", baseURL: "https://api.anthropic.com/v1/" });
const openai = new OpenAI({ apiKey: "b" });
const gemini = new OpenAI({
  apiKey: "c",
  baseURL: "https://generativelanguage.googleapis.com/v1beta/",
});

const multiplexer = new Multiplexer();
multiplexer.addModel(claude, 5, "claude-sonnet-4-0");
multiplexer.addModel(claude, 3, "claude-opus-4-0");
multiplexer.addModel(gemini, 4, "gemini-2.5-pro-preview-05-06");
multiplexer.addFallbackModel(openai, 5, "gpt-4.1-mini");
multiplexer.addFallbackModel(openai, 3, "gpt-4.1");
multiplexer.addFallbackModel(gemini, 3, "gemini-2.0-flash");
