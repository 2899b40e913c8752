// Who puts a target's requests on the wire, and why: the engine, or the target's own client.

import { isEndpoint } from "./endpoint.js";
import { Declined, knownProfile } from "./sdk/profile.js";
import type { SdkClient } from "./sdk/client.js";
import { chatCompletionsResource } from "./sdk/resource.js";
import { whyNotNative } from "./sdk/stock.js";
import { chatCompletions } from "./surface/chat.js";
import type { Target } from "./target.js";
import type { TransportDecision } from "./types/index.js";

/** What would be decided now for a call without options. */
export function decide(target: Target): TransportDecision {
  const { client, transport } = target;
  if (isEndpoint(client)) return { transport: "native", reason: "it is an endpoint" };
  if (transport !== "auto") {
    return { transport, reason: `options.transport is "${transport}"` };
  }
  const why = whyNotNative(client, chatCompletionsResource) ?? whyDeclined(client, target);
  return why === undefined
    ? { transport: "native", reason: "it is an unmodified OpenAI client" }
    : { transport: "client", reason: why };
}

/** Why a plain call was left to the client, if one was as the client is now. */
function whyDeclined(client: unknown, target: Target): string | undefined {
  const known = knownProfile(client as SdkClient, chatCompletions, target, undefined);
  return known instanceof Declined ? known.reason : undefined;
}
