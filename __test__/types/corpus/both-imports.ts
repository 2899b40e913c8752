import Default, { Multiplexer } from "@upstash/model-multiplexer";

export const one: Multiplexer = new Default();
export const two: Default = new Multiplexer();
