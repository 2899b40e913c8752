// Built from lib/ by scripts/build-js.mjs. Do not edit.
export * from "./index.js";
export { Multiplexer as default } from "./index.js";
