// The default import is the class, as in CommonJS.
import Multiplexer from "@upstash/model-multiplexer";

export const multiplexer = new Multiplexer();
export const other = new Multiplexer();
