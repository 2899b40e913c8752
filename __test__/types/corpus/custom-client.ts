import { Multiplexer } from "@upstash/model-multiplexer";
import type { ChatCompletionCreateParams } from "openai/resources/chat/completions";

class LocalClient {
  chat = {
    completions: {
      create: async (params: ChatCompletionCreateParams, _options?: unknown): Promise<any> => ({
        id: "local",
        model: params.model,
        choices: [
          { index: 0, message: { role: "assistant", content: "ok" }, finish_reason: "stop" },
        ],
      }),
    },
  };
}

export const multiplexer = new Multiplexer();
multiplexer.addModel(new LocalClient(), 1, "local");
multiplexer.addFallbackModel(new Proxy(new LocalClient(), {}), 1, "local-2");
