// The two packages side by side: one program, run with each of them.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

const require = createRequire(import.meta.url);

/** The original and the drop-in, by package name. */
export const implementations = [
  { name: "@upstash/model-multiplexer", load: () => require("@upstash/model-multiplexer") },
  { name: "model-multiplexer", load: () => require("../../index.js") },
];

/** Ours alone. */
export const { Multiplexer, ...ours } = require("../../index.js");

/** Everything that is written to the console until the test ends, as `[level, ...arguments]`. */
export function spyConsole(t) {
  const lines = [];
  for (const level of ["log", "warn", "error", "info", "debug"]) {
    t.mock.method(console, level, (...args) => void lines.push([level, ...args]));
  }
  return lines;
}

/**
 * A test for each package: what `program` returns with it is `expected`. The program gets
 * `{ Multiplexer, lines, t }`; its multiplexers are reset when it is over, for a resting target
 * of the original holds the process for a minute.
 */
export function parity(sentence, program, expected) {
  for (const { name, load } of implementations) {
    test(`${sentence} (${name})`, async (t) => {
      const lines = spyConsole(t);
      const made = [];
      class Tracked extends load().Multiplexer {
        constructor(...args) {
          super(...args);
          made.push(this);
        }
      }
      try {
        assert.deepStrictEqual(await program({ Multiplexer: Tracked, lines, t }), expected);
      } finally {
        for (const multiplexer of made) multiplexer.reset();
      }
    });
  }
}

/** A client whose `create` is this function. */
export const clientOf = (create) => ({ chat: { completions: { create } } });

/** A client that answers with its own name. */
export const answering = (name) => clientOf(async () => ({ from: name }));

/** An error with these fields. */
export const failure = (fields, message = "refused") => Object.assign(new Error(message), fields);

/** A client that fails with this. */
export const failing = (error) =>
  clientOf(async () => {
    throw error;
  });

/** What a promise rejects with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it did not reject" });
}

/** What a function throws. */
export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: "it did not throw" });
}

/** Makes these the draws of Math.random, and tells how many were made. */
export function draws(t, values) {
  let made = 0;
  const { random } = Math;
  Math.random = () => values[made++ % values.length];
  const restore = () => {
    Math.random = random;
  };
  t.after(restore);
  return { made: () => made, restore };
}

/** The body of a call. */
export const hello = Object.freeze({
  model: "any",
  messages: Object.freeze([Object.freeze({ role: "user", content: "hi" })]),
});
