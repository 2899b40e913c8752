// The members beside chat completions. Compiled with and without openai.
import {
  type CallAttempt,
  type CallReport,
  type CreateEmbeddingResponse,
  type ModelEntry,
  type ModelResponse,
  type ModelsPage,
  Multiplexer,
  reportOf,
  type ResponseStreamEvent,
} from "model-multiplexer";

declare const multiplexer: Multiplexer;

export async function embeddings(): Promise<number[]> {
  const made: CreateEmbeddingResponse = await multiplexer.embeddings.create(
    { model: "x", input: ["a", "b"], dimensions: 3 },
    { timeout: 1_000 },
  );
  const { response } = await multiplexer.embeddings
    .create({ model: "x", input: "a" })
    .withResponse();
  console.log(response.status, made.usage.prompt_tokens);
  return made.data[0]?.embedding ?? [];
}

export async function responses(): Promise<string> {
  const made: ModelResponse = await multiplexer.responses.create({ model: "x", input: "hi" });
  const stream = await multiplexer.responses.create({ model: "x", input: "hi", stream: true });
  for await (const event of stream) {
    const typed: ResponseStreamEvent = event;
    console.log(typed.type);
  }
  stream.controller.abort();
  const again: ModelResponse = await multiplexer.responses.retrieve(made.id);
  const streams: boolean = Date.now() > 0;
  const query = { stream: streams, include_obfuscation: false, starting_after: 3 };
  const either = await multiplexer.responses.retrieve(made.id, query);
  // @ts-expect-error it may be a stream
  const surely: ModelResponse = either;
  console.log(surely);
  await multiplexer.responses.cancel(made.id, { timeout: 1_000 });
  await multiplexer.responses.delete(made.id);
  return again.output_text;
}

export async function models(): Promise<string[]> {
  const page: ModelsPage = await multiplexer.models.list();
  const ids = page.data.map((model: ModelEntry) => model.id);
  for await (const model of multiplexer.models.list()) ids.push(model.owned_by);
  for await (const model of page) ids.push(model.object);
  return ids;
}

interface Verdict {
  verdict: string;
}

export async function post(): Promise<string> {
  const { verdict } = await multiplexer.post<Verdict>("/systemone", { state: {}, questions: [] });
  const stream = await multiplexer.post<Verdict>("/x", { a: 1 }, { stream: true });
  for await (const event of stream) console.log(event.verdict);
  const { data } = await multiplexer.post<Verdict>("/x", { stream: true }).withResponse();
  for await (const event of data) console.log(event.verdict);
  const nothing: unknown = await multiplexer.post("/x");
  const streams: boolean = Date.now() > 0;
  for (const either of [
    await multiplexer.post<Verdict>("/x", { stream: streams }),
    await multiplexer.post<Verdict>("/x", {}, { stream: streams }),
  ]) {
    if (Symbol.asyncIterator in either) either.controller.abort();
    else console.log(either.verdict);
    // @ts-expect-error it may be a stream
    console.log(either.verdict);
  }
  const flat: Verdict = await multiplexer.post<Verdict>("/x", { a: 1, stream: false });
  const events = await multiplexer.post<Verdict>("/x", { a: 1, stream: true });
  events.controller.abort();
  console.log(flat.verdict);
  console.log(nothing);
  return verdict;
}

export function report(answer: unknown): string {
  const found: CallReport | undefined = reportOf(answer);
  const attempt: CallAttempt | undefined = found?.attempts[0];
  const outcome:
    | "success"
    | "rate_limited"
    | "failed"
    | "aborted"
    | "passed_over"
    | "pending"
    | "interrupted"
    | "diverged"
    | undefined = attempt?.outcome;
  const status: number | undefined = attempt?.status;
  return `${found?.id} ${found?.modelName} ${found?.durationMs} ${outcome} ${status}`;
}

/** What takes a fetch takes this one. */
export const standard: typeof fetch = multiplexer.fetch;
export const { fetch: detached } = multiplexer;

export async function mistakes(): Promise<void> {
  // @ts-expect-error an input is needed
  void multiplexer.embeddings.create({ model: "x" });
  // @ts-expect-error an unknown option
  void multiplexer.embeddings.create({ model: "x", input: "a" }, { retries: 1 });
  const made = await multiplexer.embeddings.create({ model: "x", input: "a" });
  // @ts-expect-error a vector is no text
  const vector: string = made.data[0]!.embedding;
  const response = await multiplexer.responses.create({ model: "x", input: "hi" });
  // @ts-expect-error a response is no number
  const wrong: number = response;
  // @ts-expect-error a response is no stream
  for await (const event of response) console.log(event);
  // @ts-expect-error an id is a string
  void multiplexer.responses.retrieve(3);
  // @ts-expect-error a path is needed
  void multiplexer.post({});
  // @ts-expect-error a body is an object
  void multiplexer.post("/x", "text");
  const unknown = await multiplexer.post("/x");
  // @ts-expect-error what a POST answers is not known
  const text: string = unknown;
  // @ts-expect-error a model has no name of its own
  (await multiplexer.models.list()).data[0]?.name;
  // @ts-expect-error a report may be missing
  const { id } = reportOf(response);
  console.log(vector, wrong, text, id);
}
