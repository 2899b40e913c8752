export { Multiplexer } from "@upstash/model-multiplexer";
export { default as Mux } from "@upstash/model-multiplexer";
export * from "@upstash/model-multiplexer";
export * as multiplexing from "@upstash/model-multiplexer";
