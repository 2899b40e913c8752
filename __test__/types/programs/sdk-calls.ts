// A call through a multiplexer is typed as the call of the SDK that is installed: what it takes,
// what it gives, its streams, its responses and its errors.
import { Multiplexer, type TransportDecision } from "model-multiplexer";
import OpenAI, { APIConnectionTimeoutError, AzureOpenAI } from "openai";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type ItemOf<T> = T extends AsyncIterable<infer Item> ? Item : never;
const holds = <_ extends true>(): void => undefined;

declare const client: OpenAI;
declare const azure: AzureOpenAI;
const multiplexer = new Multiplexer();
multiplexer.addModel(client, 1, "gpt-4o");
multiplexer.addFallbackModel(azure, 2, "gpt-4o", { id: "azure", transport: "auto" });
const sdk = client.chat.completions;
const ours = multiplexer.chat.completions;
const messages: OpenAI.Chat.Completions.ChatCompletionMessageParam[] = [];
type Params = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
type StreamParams = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

export async function overloads(params: Params, streamParams: StreamParams): Promise<void> {
  const whole = await ours.create({ model: "x", messages });
  const wholeOfSdk = await sdk.create({ model: "x", messages });
  const said = await ours.create({ model: "x", messages, stream: false });
  const declared = await ours.create(params);
  const declaredOfSdk = await sdk.create(params);
  // What openai 5 and later hide on a reply stays where it is.
  holds<typeof wholeOfSdk extends typeof whole ? true : false>();
  holds<Same<typeof whole, OpenAI.Chat.Completions.ChatCompletion>>();
  holds<Same<typeof said, typeof whole>>();
  holds<Same<typeof declared, typeof whole>>();
  holds<typeof declaredOfSdk extends typeof declared ? true : false>();

  const stream = await ours.create({ model: "x", messages, stream: true });
  const streamOfSdk = await sdk.create({ model: "x", messages, stream: true });
  const declaredStream = await ours.create(streamParams);
  holds<Same<ItemOf<typeof stream>, ItemOf<typeof streamOfSdk>>>();
  holds<Same<typeof declaredStream, typeof stream>>();
  holds<typeof streamOfSdk extends typeof stream ? true : false>();
  for await (const chunk of stream) {
    const text: string | null | undefined = chunk.choices[0]?.delta.content;
    const usage: number | undefined = chunk.usage?.total_tokens;
    console.log(text, usage);
  }
  const [left, right] = stream.tee();
  holds<Same<ItemOf<typeof left>, ItemOf<typeof stream>>>();
  const aborted: boolean = right.controller.signal.aborted;
  console.log(aborted, left.toReadableStream().locked);
}

export async function responses(): Promise<void> {
  const { data, response, request_id } = await ours.create({ model: "x", messages }).withResponse();
  holds<Same<typeof data, OpenAI.Chat.Completions.ChatCompletion>>();
  holds<Same<typeof response, Response>>();
  holds<Same<typeof request_id, string | null>>();
  const { data: stream } = await ours.create({ model: "x", messages, stream: true }).withResponse();
  holds<Same<ItemOf<typeof stream>, OpenAI.Chat.Completions.ChatCompletionChunk>>();
  const raw = await ours.create({ model: "x", messages }).asResponse();
  holds<Same<typeof raw, Response>>();
}

/** All that a call of every SDK version can be given; with exactOptionalPropertyTypes. */
export function options(signal: AbortSignal, headers: Headers): void {
  void ours.create({ model: "x", messages }, { signal, timeout: 1_000, maxRetries: 0 });
  void ours.create({ model: "x", messages }, { headers: { a: "1", b: null, c: undefined } });
  void ours.create({ model: "x", messages }, { headers });
  void ours.create({ model: "x", messages }, { query: { a: 1 }, path: "/x", idempotencyKey: "k" });
  void ours.create({ model: "x", messages }, { signal: null, timeout: undefined });
  void ours.create({ model: "x", messages }, {});
  void ours.create({ model: "x", messages }, undefined);
  // @ts-expect-error a signal is an AbortSignal
  void ours.create({ model: "x", messages }, { signal: "stop" });
  // @ts-expect-error how often is a number
  void ours.create({ model: "x", messages }, { maxRetries: "2" });
  // @ts-expect-error a header is no number
  void ours.create({ model: "x", messages }, { headers: { a: 1 } });
  // @ts-expect-error no such option
  void ours.create({ model: "x", messages }, { retries: 2 });
}

/** The SDK's own error classes tell what went wrong. */
export async function errors(): Promise<string> {
  try {
    await ours.create({ model: "x", messages });
    return "answered";
  } catch (error) {
    if (error instanceof APIConnectionTimeoutError) return error.message;
    if (error instanceof OpenAI.APIUserAbortError) return "aborted";
    if (error instanceof OpenAI.RateLimitError) return `${error.status} ${String(error.code)}`;
    if (error instanceof OpenAI.APIError) {
      const status: number | undefined = error.status;
      return `${String(status)} ${error.message} ${String(error.param)} ${String(error.type)}`;
    }
    throw error;
  }
}

export function transport(): string {
  const decision: TransportDecision = multiplexer.explainTransport("azure");
  const by: "native" | "client" = decision.transport;
  const why: string = decision.reason;
  // @ts-expect-error an id is a string
  multiplexer.explainTransport(3);
  // @ts-expect-error a decision has no other fields
  console.log(decision.target);
  return `${by}: ${why}`;
}

/** Wrappers around the SDK's create, with its types alone, take the multiplexer's as well. */
type Create = (
  params: Params,
  options?: OpenAI.RequestOptions,
) => PromiseLike<OpenAI.Chat.Completions.ChatCompletion>;
type CreateStream = (
  params: StreamParams,
  options?: OpenAI.RequestOptions,
) => PromiseLike<AsyncIterable<OpenAI.Chat.Completions.ChatCompletionChunk>>;
export const creates: Create[] = [ours.create, (params, given) => sdk.create(params, given)];
export const streams: CreateStream[] = [
  (params, given) => ours.create(params, given),
  (params, given) => sdk.create(params, given),
];
