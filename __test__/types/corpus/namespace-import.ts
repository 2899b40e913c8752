import * as multiplexing from "@upstash/model-multiplexer";

export const multiplexer: multiplexing.Multiplexer = new multiplexing.Multiplexer();
