// The members of an SDK's client that send requests of one kind. That they are the SDK's own is
// judged in stock.ts.

/** A member of a client, such as `chat.completions`. */
export interface Resource {
  /** As programs write it. */
  readonly name: string;
  /** What the source of its `create` mentions in every version of the SDK, also when minified. */
  readonly mentions: readonly string[];
  /** Every version of the SDK has it. */
  readonly isInEveryVersion: boolean;
  /** The member; undefined where the SDK's version does not have it. */
  on(client: ClientLike): ResourceLike | undefined;
}

/** Any object, of which nothing is known. */
export interface ClientLike {
  [name: string]: unknown;
  chat?: { completions?: ResourceLike };
  embeddings?: ResourceLike;
  responses?: ResourceLike;
}

/** What a resource of a client has. */
export interface ResourceLike {
  create?: unknown;
  _client?: unknown;
}

export const chatCompletionsResource: Resource = {
  name: "chat.completions",
  mentions: ["/chat/completions", "post"],
  isInEveryVersion: true,
  on: (client) => client.chat?.completions,
};

export const embeddingsResource: Resource = {
  name: "embeddings",
  // openai 7 has the rest in a function of its own, whose name a bundler may shorten.
  mentions: ["_client"],
  isInEveryVersion: true,
  on: (client) => client.embeddings,
};

export const responsesResource: Resource = {
  name: "responses",
  mentions: ["/responses", "post"],
  isInEveryVersion: false,
  on: (client) => client.responses,
};
