import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";

/** What the application asks of a model, so that a test can stand in for it. */
export interface CompletionPort {
  chat: {
    completions: {
      create: (params: ChatCompletionCreateParams, options?: any) => Promise<any>;
    };
  };
}

export const port: CompletionPort = new Multiplexer();

export async function ask(target: CompletionPort, question: string): Promise<string> {
  const answer = await target.chat.completions.create({
    model: "any",
    messages: [{ role: "user", content: question }],
  });
  return answer.choices[0].message.content;
}
