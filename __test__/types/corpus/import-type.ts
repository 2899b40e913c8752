import type { Multiplexer } from "@upstash/model-multiplexer";
import { type Multiplexer as Mux } from "@upstash/model-multiplexer";

export type Registry = Map<string, Multiplexer>;
export let current: import("@upstash/model-multiplexer").Multiplexer | undefined;
export const use = (mux: Mux) => {
  current = mux;
};
