// The chat completion types for programs without the `openai` package: the documented shapes of the
// API, under the SDK's names. With `openai` installed none of these is used: see `sdk.ts`.

export type * from "./chat/completion.js";
export type * from "./chat/message.js";
export type * from "./chat/params.js";
export type * from "./chat/tool.js";
