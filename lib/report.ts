// What `getReport()` tells of a target, from what the engine tells.

import type { TargetReportDto } from "../native.js";
import type { Percentiles, TargetReport } from "./types/index.js";

export function toReport(dto: TargetReportDto): TargetReport {
  const { id, state, restsUntil, inFlight, outcomes, firstTokenMs, durationMs, tokens } = dto;
  const [input = 0, output = 0, estimatedInput = 0, estimatedOutput = 0] = tokens;
  return {
    id,
    state: state as TargetReport["state"],
    restsUntil: restsUntil === 0 ? undefined : restsUntil,
    inFlight,
    outcomes,
    firstTokenMs: toPercentiles(firstTokenMs),
    durationMs: toPercentiles(durationMs),
    tokens: {
      reported: { input, output },
      estimated: { input: estimatedInput, output: estimatedOutput },
    },
  };
}

function toPercentiles(values: number[] | null | undefined): Percentiles | undefined {
  const [p50, p95, p99] = values ?? [];
  if (p50 === undefined || p95 === undefined || p99 === undefined) return undefined;
  return { p50, p95, p99 };
}
