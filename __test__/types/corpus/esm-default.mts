// Under Node's rules the default import of a CommonJS package is its whole module.exports.
import multiplexing from "@upstash/model-multiplexer";

export const multiplexer = new multiplexing.Multiplexer();
export const other = new multiplexing.default();
