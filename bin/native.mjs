// The addon, loaded when it is first needed.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const loader = "../native.js";

export const native = () => require(loader);

/** The program that runs the addon without Node.js: the addon's file without `.node`. It may not be there. */
export function launcher() {
  native();
  const { children } = require.cache[require.resolve(loader)];
  return children.find(({ id }) => id.endsWith(".node")).id.slice(0, -".node".length);
}
