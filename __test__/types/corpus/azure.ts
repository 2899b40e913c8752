import { Multiplexer } from "@upstash/model-multiplexer";
import OpenAI, { AzureOpenAI } from "openai";

const azure = new AzureOpenAI({
  apiKey: "x",
  endpoint: "https://example.openai.azure.com",
  apiVersion: "2024-10-21",
  deployment: "gpt-4o",
});

export const multiplexer = new Multiplexer();
multiplexer.addModel(azure, 3, "gpt-4o");
multiplexer.addFallbackModel(new OpenAI({ apiKey: "y" }), 1, "gpt-4o-mini");
