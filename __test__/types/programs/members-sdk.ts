// The members beside chat completions have the types of the openai that is installed.
import {
  type CreateEmbeddingResponse,
  type EmbeddingCreateParams,
  type ModelResponse,
  Multiplexer,
  type ResponseCreateParams,
  type ResponseStreamEvent,
} from "model-multiplexer";
import OpenAI from "openai";
import type * as Responses from "openai/resources/responses/responses";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export const same: [
  Same<CreateEmbeddingResponse, OpenAI.CreateEmbeddingResponse>,
  Same<EmbeddingCreateParams, OpenAI.EmbeddingCreateParams>,
  Same<ModelResponse, Responses.Response>,
  Same<ResponseCreateParams, Responses.ResponseCreateParams>,
  Same<ResponseStreamEvent, Responses.ResponseStreamEvent>,
] = [true, true, true, true, true];

declare const multiplexer: Multiplexer;
const messages = [{ role: "user" as const, content: "hi" }];

export async function helpers(): Promise<string | null> {
  const { completions } = multiplexer.chat;
  const parsed = await completions.parse({ model: "x", messages });
  const stream = completions.stream({ model: "x", messages });
  stream.on("content", (delta: string) => console.log(delta));
  const final: string | null = await stream.finalContent();
  const runner = completions.runTools({
    model: "x",
    messages,
    tools: [
      {
        type: "function",
        function: {
          name: "f",
          description: "d",
          parameters: { type: "object" },
          function: () => "done",
        },
      },
    ],
  });
  const ran: string | null = await runner.finalContent();
  const older = await multiplexer.beta.chat.completions.parse({ model: "x", messages });
  // @ts-expect-error messages are needed
  void completions.parse({ model: "x" });
  // @ts-expect-error a content is no number
  const wrong: number = final;
  console.log(wrong, ran, older.choices[0]?.message.parsed);
  return parsed.choices[0]?.message.content ?? final;
}

/** Code that makes embeddings or responses takes a multiplexer or an SDK client. */
interface Makes {
  embeddings: {
    create(params: OpenAI.EmbeddingCreateParams): PromiseLike<OpenAI.CreateEmbeddingResponse>;
  };
  responses: {
    create(params: Responses.ResponseCreateParamsNonStreaming): PromiseLike<Responses.Response>;
  };
}
export const makers: Makes[] = [multiplexer, new OpenAI({ apiKey: "k" })];
