// What the module is: the names it exports, by require and by import.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Multiplexer as named } from "../../index.mjs";
import byDefault from "../../index.mjs";
import * as all from "../../index.mjs";
import { parity } from "./modules.mjs";

const require = createRequire(import.meta.url);
const packages = {
  "@upstash/model-multiplexer": "@upstash/model-multiplexer",
  ours: "../../index.js",
};

for (const [name, path] of Object.entries(packages)) {
  test(`require gives the class by its name and as the default (${name})`, () => {
    const module = require(path);
    assert.equal(typeof module.Multiplexer, "function");
    assert.equal(module.default, module.Multiplexer);
    assert.equal(module.Multiplexer.name, "Multiplexer");
    assert.equal(module.__esModule, true, "compiled default imports reach the class by this");
  });

  test(`the class cannot be called without new (${name})`, () => {
    const { Multiplexer } = require(path);
    assert.throws(() => Multiplexer(), TypeError);
  });

  test(`an ES module can import the class by its name (${name})`, async () => {
    const module = await import(path);
    assert.equal(module.Multiplexer, require(path).Multiplexer);
  });
}

test("import gives the same class as require, by its name and as the default", () => {
  assert.equal(named, require("../../index.js").Multiplexer);
  assert.equal(byDefault, named);
});

test("import gives every name that require gives", () => {
  const names = Object.keys(require("../../index.js")).sort();
  assert.deepEqual(Object.keys(all).sort(), names);
  for (const name of names) assert.equal(all[name], require("../../index.js")[name], name);
});

parity(
  "a multiplexer has what the original's has",
  ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    return [
      multiplexer instanceof Multiplexer,
      typeof multiplexer.chat.completions.create,
      ...["addModel", "addFallbackModel", "reset", "getStats"].map((name) => [
        name,
        typeof multiplexer[name],
      ]),
    ];
  },
  [
    true,
    "function",
    ["addModel", "function"],
    ["addFallbackModel", "function"],
    ["reset", "function"],
    ["getStats", "function"],
  ],
);

parity(
  "two multiplexers know nothing of each other",
  async ({ Multiplexer }) => {
    const [one, two] = [new Multiplexer(), new Multiplexer()];
    one.addModel({ chat: { completions: { create: async () => 1 } } }, 1, "gpt");
    await one.chat.completions.create({});
    return [Object.keys(one.getStats()), Object.keys(two.getStats())];
  },
  [["gpt"], []],
);
