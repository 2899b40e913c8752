// Runs the programs beside this file with the package that SUBJECT names in the original's place.

const { join } = require("node:path");

const root = join(__dirname, "../../..");

module.exports = {
  rootDir: __dirname,
  testEnvironment: "node",
  testMatch: ["**/*.program.js"],
  transform: {},
  moduleNameMapper:
    process.env.SUBJECT === "ours"
      ? { "^@upstash/model-multiplexer$": join(root, "index.js") }
      : {},
  cacheDirectory: join(require("node:os").tmpdir(), "model-multiplexer-jest"),
};
