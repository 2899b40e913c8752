// What the package offers beyond @upstash/model-multiplexer. Compiled with and without openai.
import {
  APIError,
  type ChatCompletion,
  type ChatCompletionChunk,
  type ChatCompletionCreateParams,
  type ChatCompletionMessageParam,
  type ChatCompletionStream,
  type Endpoint,
  type Logger,
  type ModelClient,
  ModelSelectionError,
  type ModelStats,
  type ModelsUpdate,
  Multiplexer,
  MultiplexerError,
  type MultiplexerOptions,
  RateLimitError,
  type RequestOptions,
} from "model-multiplexer";

const options: MultiplexerOptions = {
  logger: false,
  cooldown: { defaultMs: 60_000, minMs: 1_000, maxMs: 600_000 },
};
const logger: Logger = { warn: (message, ...rest) => console.warn(message.length, rest) };
export const made = [
  new Multiplexer(),
  new Multiplexer(options),
  new Multiplexer({ logger: console }),
  new Multiplexer({ logger, cooldown: { minMs: undefined } }),
];

const endpoint: Endpoint = {
  baseURL: "https://api.openai.com/v1",
  apiKey: "k",
  headers: { a: "b" },
};
const none: Record<string, string> | undefined = Date.now() > 0 ? undefined : {};
export const endpoints: Endpoint[] = [
  { ...endpoint, headers: new Headers({ a: "b" }) },
  { ...endpoint, headers: none },
];
const client: ModelClient = { chat: { completions: { create: () => 1 } } };
const update: ModelsUpdate = {
  models: [
    { client: endpoint, weight: 3, modelName: "gpt-4o", id: "gpt-4o@a", maxConcurrent: 4 },
    {
      client,
      weight: 1,
      modelName: "gpt-4o",
      id: "gpt-4o@b",
      maxConcurrent: null,
      transport: "client",
    },
  ],
  fallbackModels: [{ client: endpoint, weight: 1, modelName: "gpt-4o-mini" }],
};

export async function manage(): Promise<Record<string, ModelStats>> {
  await using multiplexer = new Multiplexer();
  multiplexer.addModel(endpoint, 1, "gpt-4o", { id: "first", transport: "native" });
  multiplexer.addFallbackModel(client, 1, "gpt-4o-mini", { maxConcurrent: 0 });
  multiplexer.updateModels(update);
  const removed: boolean = multiplexer.removeModel("first");
  console.log(removed);
  multiplexer.reset();
  await multiplexer.close();
  return multiplexer.getStats();
}

const messages: ChatCompletionMessageParam[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: [{ type: "text", text: "hi" }] },
];

export async function whole(multiplexer: Multiplexer): Promise<ChatCompletion> {
  const pending = multiplexer.chat.completions.create({ model: "x", messages });
  const { data, response, request_id } = await pending.withResponse();
  const status: number = response.status;
  const id: string | null = request_id;
  const raw: Response = await pending.asResponse();
  const text: string | null = data.choices[0]?.message.content ?? null;
  const tokens: number | undefined = data.usage?.total_tokens;
  console.log(status, id, raw.headers, text, tokens);
  return pending;
}

export async function streamed(multiplexer: Multiplexer): Promise<string[]> {
  const stream: ChatCompletionStream = await multiplexer.chat.completions.create({
    model: "x",
    messages,
    stream: true,
  });
  const [left, right] = stream.tee();
  const bytes: ReadableStream = right.toReadableStream();
  await bytes.cancel();
  const ids: string[] = [];
  for await (const chunk of left) {
    const typed: ChatCompletionChunk = chunk;
    ids.push(typed.id);
    const piece: string | null | undefined = chunk.choices[0]?.delta.content;
    const call = chunk.choices[0]?.delta.tool_calls?.[0]?.function?.arguments;
    console.log(piece, call);
  }
  left.controller.abort();
  return ids;
}

export async function either(multiplexer: Multiplexer, params: ChatCompletionCreateParams) {
  const { data } = await multiplexer.chat.completions.create(params).withResponse();
  return data;
}

export const call: RequestOptions = {
  signal: null,
  timeout: 1_000,
  maxRetries: undefined,
  headers: new Headers({ a: "b" }),
  query: { a: 1 },
  path: "/chat/completions",
  idempotencyKey: "k",
};
export const noHeader: RequestOptions = { headers: { authorization: null } };

export function explain(error: unknown): string {
  if (error instanceof ModelSelectionError) {
    const code: "no_models" | "rate_limited" | "at_capacity" = error.code;
    const wait: number | undefined = error.retryAfterMs;
    return `${code} ${error.status} ${wait}`;
  }
  if (error instanceof RateLimitError) return error.message;
  if (error instanceof APIError) return `${error.status} ${error.requestID}`;
  return error instanceof MultiplexerError ? error.name : "other";
}
