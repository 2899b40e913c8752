// What the API answers: a completion, or the chunks of one.

import type { ChatCompletionMessage } from "./message.js";
import type { ChatCompletionChunkToolCall } from "./tool.js";

/** Why the model stopped. */
export type ChatCompletionFinishReason =
  "stop" | "length" | "tool_calls" | "content_filter" | "function_call";

export type ChatCompletionServiceTier =
  "auto" | "default" | "flex" | "scale" | "priority" | "fast" | null;

/** Tokens used by one request. */
export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: {
    audio_tokens?: number;
    cached_tokens?: number;
    cache_write_tokens?: number;
    image_tokens?: number;
    text_tokens?: number;
  };
  completion_tokens_details?: {
    accepted_prediction_tokens?: number;
    audio_tokens?: number;
    reasoning_tokens?: number;
    rejected_prediction_tokens?: number;
    text_tokens?: number;
  };
}

/** How likely one token was, and the others at its place. */
export interface ChatCompletionTokenLogprob {
  token: string;
  /** UTF-8, for tokens that are parts of characters. */
  bytes: number[] | null;
  logprob: number;
  top_logprobs: { token: string; bytes: number[] | null; logprob: number }[];
}

export interface ChatCompletionLogprobs {
  content: ChatCompletionTokenLogprob[] | null;
  refusal: ChatCompletionTokenLogprob[] | null;
}

export interface ChatCompletionChoice {
  index: number;
  finish_reason: ChatCompletionFinishReason;
  logprobs: ChatCompletionLogprobs | null;
  message: ChatCompletionMessage;
}

/** A finished chat completion. */
export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  /** Unix time in seconds. */
  created: number;
  model: string;
  choices: ChatCompletionChoice[];
  service_tier?: ChatCompletionServiceTier;
  system_fingerprint?: string;
  usage?: CompletionUsage;
}

/** What a chunk adds to a choice's message. */
export interface ChatCompletionChunkDelta {
  role?: "developer" | "system" | "user" | "assistant" | "tool";
  content?: string | null;
  refusal?: string | null;
  tool_calls?: ChatCompletionChunkToolCall[];
  /** @deprecated Use `tool_calls`. */
  function_call?: { name?: string; arguments?: string };
}

export interface ChatCompletionChunkChoice {
  index: number;
  delta: ChatCompletionChunkDelta;
  finish_reason: ChatCompletionFinishReason | null;
  logprobs?: ChatCompletionLogprobs | null;
}

/** One event of a streamed chat completion. */
export interface ChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  /** Unix time in seconds; the same in every chunk. */
  created: number;
  model: string;
  /** Empty in the last chunk when usage was asked for. */
  choices: ChatCompletionChunkChoice[];
  obfuscation?: string;
  service_tier?: ChatCompletionServiceTier;
  system_fingerprint?: string;
  /** In the last chunk, when `stream_options.include_usage` was set; `null` in the others. */
  usage?: CompletionUsage | null;
}
