// In a project that has no openai, its helpers cannot be called.
import { Multiplexer } from "model-multiplexer";

declare const multiplexer: Multiplexer;
const messages = [{ role: "user" as const, content: "hi" }];

// @ts-expect-error it needs the SDK
multiplexer.chat.completions.parse({ messages });
// @ts-expect-error it needs the SDK
multiplexer.chat.completions.stream({ messages });
// @ts-expect-error it needs the SDK
multiplexer.beta.chat.completions.runTools({ messages, tools: [] });
