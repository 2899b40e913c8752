// The first target of a call: chosen, or where what is asked for lies.

import { hostDraw, hostNow, isHostDraw } from "../clock.js";
import type { NeedsDto } from "../../native.js";
import { bodyAsText } from "./native.js";
import type { Place } from "./origin.js";
import type { Call } from "./run.js";

/** Enters a call and leases its first target: the target's number, 0 if there is none. */
export function begin(call: Call, place: Place | undefined): number {
  const { fleet } = call.around;
  const now = hostNow();
  const wanted = call.recovers ? { ...call.needs, recover: true } : call.needs;
  const needs = wanted as NeedsDto | undefined;
  const remembers = call.isResilient && fleet.remembers();
  const request = remembers || call.around.countsTokens ? bodyAsText(call) : undefined;
  if (place?.target !== undefined) {
    return fleet.beginBound(call.id, place.target, now, needs?.deadlineMs, request);
  }
  if (place?.accountOf !== undefined && (!remembers || request === undefined)) {
    return fleet.beginAbout(call.id, place.accountOf, now, needs, request);
  }
  // A replaced Math.random is asked once for each pick, and not where there is nothing to pick.
  const draw = isHostDraw() && fleet.canPick(now) ? hostDraw() : Number.NaN;
  return fleet.begin(call.id, now, draw, needs, request);
}
