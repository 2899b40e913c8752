// Runs the programs beside this file with the package that SUBJECT names in the original's place.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const ours = fileURLToPath(new URL("../../../index.mjs", import.meta.url));

export default defineConfig({
  root: here,
  cacheDir: "/tmp/model-multiplexer-vitest",
  resolve: process.env.SUBJECT === "ours" ? { alias: { "@upstash/model-multiplexer": ours } } : {},
  test: { include: ["**/*.program.mjs"], watch: false },
});
