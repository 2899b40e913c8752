// The types of the Responses API for programs without the `openai` package: what most programs
// use of it, under the SDK's names. The API has many kinds of items; those that are not spelled out
// are objects with a `type`.

/** An item of a kind that is not spelled out here. */
export interface ResponseItem {
  type: string;
  [name: string]: unknown;
}

/** A message that the caller gives. */
export interface EasyInputMessage {
  type?: "message";
  role: "user" | "assistant" | "system" | "developer";
  content: string | ResponseItem[];
}

/** What all requests for a response have. */
export interface ResponseCreateParamsBase {
  model?: string;
  input?: string | (EasyInputMessage | ResponseItem)[];
  instructions?: string | null;
  include?: string[] | null;
  max_output_tokens?: number | null;
  max_tool_calls?: number | null;
  metadata?: Record<string, string> | null;
  parallel_tool_calls?: boolean | null;
  previous_response_id?: string | null;
  prompt_cache_key?: string;
  reasoning?: { effort?: string | null; summary?: string | null } | null;
  safety_identifier?: string;
  service_tier?: string | null;
  store?: boolean | null;
  temperature?: number | null;
  text?: { format?: ResponseItem; verbosity?: string | null };
  tool_choice?: string | ResponseItem;
  tools?: ResponseItem[];
  top_logprobs?: number | null;
  top_p?: number | null;
  truncation?: "auto" | "disabled" | null;
  user?: string;
}

/** The body of a request for a whole response. */
export interface ResponseCreateParamsNonStreaming extends ResponseCreateParamsBase {
  stream?: false | null;
}

/** The body of a request for a response as a stream. */
export interface ResponseCreateParamsStreaming extends ResponseCreateParamsBase {
  stream: true;
}

/** The body of a request for a response, with or without `stream`. */
export type ResponseCreateParams = ResponseCreateParamsNonStreaming | ResponseCreateParamsStreaming;

/** A response. */
export interface ModelResponse {
  id: string;
  object: "response";
  created_at: number;
  model: string;
  /** All text of the output. */
  output_text: string;
  output: ResponseItem[];
  status?: "completed" | "failed" | "in_progress" | "cancelled" | "queued" | "incomplete";
  error: { code: string; message: string } | null;
  usage?: { input_tokens: number; output_tokens: number; total_tokens: number };
  [name: string]: unknown;
}

/** One event of a streamed response; `type` says which. */
export interface ResponseStreamEvent {
  type: string;
  sequence_number: number;
  /** In events about the whole response, such as `response.created` and `response.completed`. */
  response?: ModelResponse;
  /** In events that add to the output, such as `response.output_text.delta`. */
  delta?: string;
  [name: string]: unknown;
}
