// The addon, loaded when it is first needed.

import { createRequire } from "node:module";

export const native = () => createRequire(import.meta.url)("../native.js");
