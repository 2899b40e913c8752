// The body of a chat completion request.

import type { ChatCompletionContentPartText, ChatCompletionMessageParam } from "./message.js";
import type { ChatCompletionServiceTier } from "./completion.js";
import type {
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
  FunctionDefinition,
} from "./tool.js";

/** The form in which the model is to answer. */
export type ChatCompletionResponseFormat =
  | { type: "text" }
  | { type: "json_object" }
  | {
      type: "json_schema";
      json_schema: {
        name: string;
        description?: string;
        /** A JSON Schema. */
        schema?: { [key: string]: unknown };
        strict?: boolean | null;
      };
    };

/** Where a web search is to imagine the user. */
export interface WebSearchOptions {
  search_context_size?: "low" | "medium" | "high";
  user_location?: {
    type: "approximate";
    approximate: { city?: string; country?: string; region?: string; timezone?: string };
  } | null;
}

/** Everything but `stream`. */
export interface ChatCompletionCreateParamsBase {
  messages: ChatCompletionMessageParam[];
  /** Replaced by the name of the target that is chosen. */
  model: string;
  audio?: {
    format: "wav" | "aac" | "mp3" | "flac" | "opus" | "pcm16";
    voice: string | { id: string };
  } | null;
  frequency_penalty?: number | null;
  /** @deprecated Use `tool_choice`. */
  function_call?: "none" | "auto" | { name: string };
  /** @deprecated Use `tools`. */
  functions?: Omit<FunctionDefinition, "strict">[];
  logit_bias?: { [token: string]: number } | null;
  logprobs?: boolean | null;
  max_completion_tokens?: number | null;
  /** @deprecated Use `max_completion_tokens` where the server knows it. */
  max_tokens?: number | null;
  metadata?: { [key: string]: string } | null;
  modalities?: ("text" | "audio")[] | null;
  n?: number | null;
  parallel_tool_calls?: boolean;
  prediction?: { type: "content"; content: string | ChatCompletionContentPartText[] } | null;
  presence_penalty?: number | null;
  prompt_cache_key?: string | null;
  reasoning_effort?: "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | null;
  response_format?: ChatCompletionResponseFormat;
  safety_identifier?: string | null;
  seed?: number | null;
  service_tier?: ChatCompletionServiceTier;
  stop?: string | string[] | null;
  store?: boolean | null;
  /** For streams only. */
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean } | null;
  temperature?: number | null;
  tool_choice?: ChatCompletionToolChoiceOption;
  tools?: ChatCompletionTool[];
  top_logprobs?: number | null;
  top_p?: number | null;
  /** @deprecated Use `safety_identifier` and `prompt_cache_key` where the server knows them. */
  user?: string;
  verbosity?: "low" | "medium" | "high" | null;
  web_search_options?: WebSearchOptions;
}

/** The body of a request that asks for a whole completion. */
export interface ChatCompletionCreateParamsNonStreaming extends ChatCompletionCreateParamsBase {
  stream?: false | null;
}

/** The body of a request that asks for a stream. */
export interface ChatCompletionCreateParamsStreaming extends ChatCompletionCreateParamsBase {
  stream: true;
}

/** The body of a request, with or without `stream`. */
export type ChatCompletionCreateParams =
  ChatCompletionCreateParamsNonStreaming | ChatCompletionCreateParamsStreaming;
