// The embedding types for programs without the `openai` package, under the SDK's names.

/** The body of a request for embeddings. */
export interface EmbeddingCreateParams {
  input: string | string[] | number[] | number[][];
  model: string;
  dimensions?: number;
  encoding_format?: "float" | "base64";
  user?: string;
}

/** The vector of one input. */
export interface Embedding {
  embedding: number[];
  index: number;
  object: "embedding";
}

/** The vectors of a request's inputs. */
export interface CreateEmbeddingResponse {
  data: Embedding[];
  model: string;
  object: "list";
  usage: { prompt_tokens: number; total_tokens: number };
}
