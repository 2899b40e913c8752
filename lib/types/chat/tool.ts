// Tools that a model may call, the choice among them, and its calls.

/** A function that a model may call. */
export interface FunctionDefinition {
  /** `a-z`, `A-Z`, `0-9`, underscores and dashes, at most 64 characters. */
  name: string;
  /** What the function does: how the model decides when to call it. */
  description?: string;
  /** A JSON Schema of the arguments. Absent: no arguments. */
  parameters?: { [key: string]: unknown };
  /** Whether the arguments follow the schema exactly. */
  strict?: boolean | null;
}

/** A tool that is a function. */
export interface ChatCompletionFunctionTool {
  type: "function";
  function: FunctionDefinition;
}

/** A tool that takes text, free or in a grammar. */
export interface ChatCompletionCustomTool {
  type: "custom";
  custom: {
    name: string;
    description?: string;
    format?:
      | { type: "text" }
      | { type: "grammar"; grammar: { definition: string; syntax: "lark" | "regex" } };
  };
}

/** A tool that a model may call. */
export type ChatCompletionTool = ChatCompletionFunctionTool | ChatCompletionCustomTool;

/** Which tool the model is to call, if any. */
export type ChatCompletionToolChoiceOption =
  | "none"
  | "auto"
  | "required"
  | { type: "function"; function: { name: string } }
  | { type: "custom"; custom: { name: string } }
  | {
      type: "allowed_tools";
      allowed_tools: { mode: "auto" | "required"; tools: { [key: string]: unknown }[] };
    };

/** A call of a function. */
export interface ChatCompletionMessageFunctionToolCall {
  id: string;
  type: "function";
  function: {
    name: string;
    /** JSON as the model wrote it, which may not parse and may not follow the schema. */
    arguments: string;
  };
}

/** A call of a custom tool. */
export interface ChatCompletionMessageCustomToolCall {
  id: string;
  type: "custom";
  custom: { name: string; input: string };
}

/** A call of a tool, as a model's message carries it. */
export type ChatCompletionMessageToolCall =
  ChatCompletionMessageFunctionToolCall | ChatCompletionMessageCustomToolCall;

/** A piece of a tool call, as a stream carries it: pieces with the same `index` belong together. */
export interface ChatCompletionChunkToolCall {
  index: number;
  id?: string;
  type?: "function" | "custom";
  function?: { name?: string; arguments?: string };
  custom?: { name?: string; input?: string };
}
