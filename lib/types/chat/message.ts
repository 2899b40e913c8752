// The messages of a conversation, and the parts they are made of.

import type { ChatCompletionMessageToolCall } from "./tool.js";

export interface ChatCompletionContentPartText {
  type: "text";
  text: string;
}

export interface ChatCompletionContentPartRefusal {
  type: "refusal";
  refusal: string;
}

export interface ChatCompletionContentPartImage {
  type: "image_url";
  image_url: {
    /** A URL, or the image itself as a `data:` URL. */
    url: string;
    detail?: "auto" | "low" | "high" | "original";
  };
}

export interface ChatCompletionContentPartInputAudio {
  type: "input_audio";
  input_audio: {
    /** Base64. */
    data: string;
    format: "wav" | "mp3";
  };
}

export interface ChatCompletionContentPartFile {
  type: "file";
  file: {
    /** Base64. */
    file_data?: string;
    file_id?: string;
    filename?: string;
  };
}

/** A part of a user's message. */
export type ChatCompletionContentPart =
  | ChatCompletionContentPartText
  | ChatCompletionContentPartImage
  | ChatCompletionContentPartInputAudio
  | ChatCompletionContentPartFile;

/** Instructions, for o1 and later models in place of a system message. */
export interface ChatCompletionDeveloperMessageParam {
  role: "developer";
  content: string | ChatCompletionContentPartText[];
  name?: string;
}

/** Instructions. */
export interface ChatCompletionSystemMessageParam {
  role: "system";
  content: string | ChatCompletionContentPartText[];
  name?: string;
}

/** What the user says. */
export interface ChatCompletionUserMessageParam {
  role: "user";
  content: string | ChatCompletionContentPart[];
  name?: string;
}

/** What the model has said before. */
export interface ChatCompletionAssistantMessageParam {
  role: "assistant";
  /** Required unless there are `tool_calls` or a `function_call`. */
  content?: string | (ChatCompletionContentPartText | ChatCompletionContentPartRefusal)[] | null;
  audio?: { id: string } | null;
  name?: string;
  refusal?: string | null;
  tool_calls?: ChatCompletionMessageToolCall[];
  /** @deprecated Use `tool_calls`. */
  function_call?: { name: string; arguments: string } | null;
}

/** What a tool call has returned. */
export interface ChatCompletionToolMessageParam {
  role: "tool";
  content: string | ChatCompletionContentPartText[];
  /** The `id` of the call that this answers. */
  tool_call_id: string;
}

/** Deprecated by the API in favour of tool messages. */
export interface ChatCompletionFunctionMessageParam {
  role: "function";
  content: string | null;
  name: string;
}

/** A message of the conversation that a request carries. */
export type ChatCompletionMessageParam =
  | ChatCompletionDeveloperMessageParam
  | ChatCompletionSystemMessageParam
  | ChatCompletionUserMessageParam
  | ChatCompletionAssistantMessageParam
  | ChatCompletionToolMessageParam
  | ChatCompletionFunctionMessageParam;

/** A message that a model has written. It can be sent back as it is. */
export interface ChatCompletionMessage {
  role: "assistant";
  content: string | null;
  refusal: string | null;
  annotations?: {
    type: "url_citation";
    url_citation: { start_index: number; end_index: number; title: string; url: string };
  }[];
  audio?: {
    id: string;
    /** Base64. */
    data: string;
    /** Unix time in seconds. */
    expires_at: number;
    transcript: string;
  } | null;
  tool_calls?: ChatCompletionMessageToolCall[];
  /** @deprecated Use `tool_calls`. */
  function_call?: { name: string; arguments: string } | null;
}
