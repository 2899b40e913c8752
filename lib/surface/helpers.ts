// `parse`, `stream` and `runTools`: the openai SDK's own helpers, run over our `create`. What they
// do is the SDK's; they are given a client that is the program's own but for where its calls go.

import { MultiplexerError } from "../errors.js";
import { isSdkClient } from "../sdk/stock.js";
import type { Target } from "../target.js";

export type Helper = "parse" | "stream" | "runTools";

/** The resource of a client that has the helpers. */
interface Completions {
  [name: string]: unknown;
}

interface HelpingClient {
  chat?: { completions?: Completions };
  beta?: { chat?: { completions?: Completions } };
}

/**
 * Calls a helper of the first model's SDK that has it.
 *
 * @throws {MultiplexerError} if no model was registered with an OpenAI client
 */
export function runHelper(
  targets: Iterable<Target>,
  create: unknown,
  helper: Helper,
  args: readonly unknown[],
): unknown {
  for (const { client } of targets) {
    if (!isSdkClient(client)) continue;
    const completions = helpersOf(client as HelpingClient, create, helper);
    if (completions === undefined) continue;
    return Reflect.apply(completions[helper] as () => unknown, completions, args);
  }
  throw new MultiplexerError(
    `chat.completions.${helper}() is a helper of the openai SDK, and no model was added with an ` +
      "OpenAI client: add one as `new OpenAI({ baseURL, apiKey })`, or use chat.completions.create().",
  );
}

function helpersOf(
  client: HelpingClient,
  create: unknown,
  helper: Helper,
): Completions | undefined {
  const { chat, beta } = client;
  if (chat?.completions === undefined) return undefined;
  const facade = Object.create(client) as HelpingClient;
  const completions = over(chat.completions, { _client: facade, create }) as Completions;
  Object.defineProperty(facade, "chat", { value: over(chat, { completions }) });
  if (typeof completions[helper] === "function") return completions;
  // openai 4 has them in `beta`.
  const older = beta?.chat?.completions;
  if (typeof older?.[helper] !== "function") return undefined;
  return over(older, { _client: facade }) as Completions;
}

/** An object that is `base` but for these members. */
function over(base: object, members: Record<string, unknown>): object {
  const descriptors = Object.entries(members).map(([name, value]) => [
    name,
    { value, writable: true, configurable: true, enumerable: true },
  ]);
  return Object.create(base, Object.fromEntries(descriptors) as PropertyDescriptorMap) as object;
}
