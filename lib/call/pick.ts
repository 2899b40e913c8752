// The next target for a call that has asked one, and who puts its request on the wire.

import { hostDraw, hostNow, isHostDraw } from "../clock.js";
import { isEndpoint } from "../endpoint.js";
import { hub } from "../hub.js";
import { whyCallNotNative, whyNotNative } from "../sdk/stock.js";
import type { Target } from "../target.js";
import type { PassedOver } from "../types/index.js";
import type { Asked } from "./prepare.js";
import { toPassedOver } from "./trail.js";

/** Leases the next target for a call: its number, 0 if there is none. */
export function pickAgain(call: number): number {
  const now = hostNow();
  // A replaced Math.random is asked once for each pick, and not where there is nothing to pick.
  const draw = isHostDraw() && hub.native.canPickAgain(call, now) ? hostDraw() : Number.NaN;
  return hub.native.again(call, now, draw);
}

/** Who could not be asked just now, and why. */
export function passedOver(call: number, targets: ReadonlyMap<number, Target>): PassedOver[] {
  return toPassedOver(hub.native.passedOver(call, hostNow()), targets);
}

/** True if the engine asks this target; else its client is called itself. */
export function goesThroughEngine(
  { operation, params, options }: Asked,
  { client, transport }: Target,
): boolean {
  if (transport !== "auto") return transport === "native";
  if (isEndpoint(client)) return true;
  const why = whyNotNative(client, operation.resource) ?? whyCallNotNative(params, options);
  return why === undefined;
}
