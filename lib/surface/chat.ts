// `chat.completions.create()`.

import { bodyStreams } from "../operation.js";
import type { Operation } from "../operation.js";
import { chatCompletionsResource } from "../sdk/resource.js";
import type { ModelClient } from "../types/index.js";

export const chatCompletions: Operation = {
  name: "chat.completions.create",
  method: "post",
  path: "/chat/completions",
  profileKey: "",
  resource: chatCompletionsResource,
  hasChunks: true,
  streams: bodyStreams,
  // Whatever was registered is asked, and fails as it does, as in `@upstash/model-multiplexer`.
  call(client, params, options) {
    const { completions } = (client as ModelClient).chat;
    return { result: completions.create(params, options) as unknown };
  },
};
