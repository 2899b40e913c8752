// `models.list()`: what the multiplexer can answer with. Told from what was registered, without a
// request.

import { isEndpoint } from "../endpoint.js";
import type { Target } from "../target.js";
import type { ModelEntry, ModelsList, ModelsPage } from "../types/index.js";

/** A list that is all there, with the members of the SDK's page. */
class Page implements ModelsPage {
  readonly object = "list";

  constructor(readonly data: ModelEntry[]) {}

  getPaginatedItems(): ModelEntry[] {
    return this.data;
  }

  hasNextPage(): boolean {
    return false;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async *[Symbol.asyncIterator](): AsyncGenerator<ModelEntry, undefined> {
    yield* this.data;
  }
}

/** The promise of a list, which can be iterated like the list. */
class ListPromise extends Promise<ModelsPage> implements ModelsList {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ModelEntry, undefined> {
    yield* await this;
  }
}

/** Each model name once, the primaries' first, in the order of adding. */
export function modelEntries(targets: Iterable<Target>): ModelEntry[] {
  const inOrder = [...targets].sort((one, other) => one.dto.tier - other.dto.tier);
  const byName = new Map<string, ModelEntry>();
  for (const { modelName, client } of inOrder) {
    if (byName.has(modelName)) continue;
    byName.set(modelName, {
      id: modelName,
      object: "model",
      created: 0,
      owned_by: hostOf(client),
    });
  }
  return [...byName.values()];
}

export function listModels(targets: Iterable<Target>): ModelsList {
  const page = new Page(modelEntries(targets));
  return new ListPromise((resolve) => {
    resolve(page);
  });
}

/** The host that answers for the model. */
function hostOf(client: Target["client"]): string {
  const { baseURL } = client as { baseURL?: unknown };
  const known = isEndpoint(client) || typeof baseURL === "string";
  return known && URL.canParse(String(baseURL)) ? new URL(String(baseURL)).host : "unknown";
}
