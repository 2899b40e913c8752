import { Multiplexer } from "@upstash/model-multiplexer";

const multiplexer = new Multiplexer();
const controller = new AbortController();

export const pending = multiplexer.chat.completions.create(
  { model: "x", messages: [{ role: "user", content: "hi" }] },
  {
    timeout: 20_000,
    maxRetries: 1,
    signal: controller.signal,
    idempotencyKey: "1f0c",
    stream: false,
    headers: { "x-trace": "1" },
    defaultHeaders: { "x-team": "search" },
    defaultQuery: { "api-version": "2024-06-01" },
    responseFormat: "json",
    baseURL: "https://example.test/v1",
  },
);
