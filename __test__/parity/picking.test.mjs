// Which model is picked for which draw, in both packages: a grid of weights and draws.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answering,
  clientOf,
  draws,
  failing,
  failure,
  hello,
  implementations,
  parity,
} from "./modules.mjs";

const weightings = [
  [1],
  [1, 1],
  [1, 2],
  [2, 1],
  [3, 1, 4, 1, 5],
  [1, 1, 1],
  [7, 7, 7, 7, 7, 7, 7],
  [1, 1_000_000],
  [1_000_000, 1],
  [10, 20, 30, 40],
  [49, 49, 2],
  [2 ** 31, 2 ** 31],
];

/** Draws in general, and those that fall just beside and right on the borders of these weights. */
function drawsFor(weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0;
  const borders = weights.flatMap((weight) => {
    below += weight;
    const border = below / total;
    return [border, border - Number.EPSILON, border + Number.EPSILON, border - 1e-9, border + 1e-9];
  });
  const even = Array.from({ length: 64 }, (_, index) => index / 64);
  const odd = Array.from({ length: 21 }, (_, index) => index / 21);
  const edges = [0, Number.MIN_VALUE, Number.EPSILON, 1 - Number.EPSILON / 2];
  return [...edges, ...even, ...odd, ...borders].filter((draw) => draw >= 0 && draw < 1);
}

async function picks({ Multiplexer }, t, add, weights, values) {
  const made = draws(t, values);
  const multiplexer = new Multiplexer();
  weights.forEach((weight, index) => multiplexer[add](answering(index), weight, `m${index}`));
  const picked = [];
  for (let index = 0; index < values.length; index++) {
    picked.push((await multiplexer.chat.completions.create(hello)).from);
  }
  made.restore();
  return { picked, made: made.made() };
}

const [original, dropIn] = implementations.map(({ load }) => load());

for (const add of ["addModel", "addFallbackModel"]) {
  for (const weights of weightings) {
    test(`${add} with the weights ${weights.join(", ")}: every draw picks what the original picks`, async (t) => {
      const values = drawsFor(weights);
      const expected = await picks(original, t, add, weights, values);
      const actual = await picks(dropIn, t, add, weights, values);
      assert.equal(expected.made, values.length);
      assert.equal(new Set(expected.picked).size, weights.length, "the grid reaches every model");
      assert.deepEqual(actual, expected);
    });
  }
}

for (const [what, draw, expected] of [
  ["1", 1, 2],
  ["2", 2, 2],
  ["-1", -1, 0],
  ["Infinity", Infinity, 2],
  ["undefined, as of a mock without a value,", undefined, 2],
  ["NaN", NaN, 2],
]) {
  parity(
    `a draw of ${what} that Math.random never makes picks the same`,
    async ({ Multiplexer, t }) => {
      draws(t, [draw]);
      const multiplexer = new Multiplexer();
      [0, 1, 2].forEach((index) => multiplexer.addModel(answering(index), 1, `m${index}`));
      const picked = new Set();
      for (let count = 0; count < 16; count++) {
        picked.add((await multiplexer.chat.completions.create(hello)).from);
      }
      return [...picked];
    },
    [expected],
  );
}

const replacements = {
  "a bound function": (t) => {
    draws(t, []);
    Math.random = ((draw) => draw).bind(null, 0.99);
  },
  "a Proxy of itself": (t) => {
    draws(t, []);
    Math.random = new Proxy(Math.random, { apply: () => 0.99 });
  },
  "node:test's mock.method()": (t) => t.mock.method(Math, "random", () => 0.99),
};

for (const [what, replace] of Object.entries(replacements))
  parity(
    `a Math.random that is replaced by ${what} is followed`,
    async ({ Multiplexer, t }) => {
      replace(t);
      const multiplexer = new Multiplexer();
      [0, 1].forEach((index) => multiplexer.addModel(answering(index), 1, `m${index}`));
      const picked = [];
      for (let count = 0; count < 16; count++) {
        picked.push((await multiplexer.chat.completions.create(hello)).from);
      }
      return picked;
    },
    Array(16).fill(1),
  );

parity(
  "a pick makes one draw, also where there is only one model, and none where there is no model",
  async ({ Multiplexer, t }) => {
    const made = draws(t, [0]);
    const multiplexer = new Multiplexer();
    await multiplexer.chat.completions.create(hello).catch(() => undefined);
    const withNone = made.made();
    multiplexer.addModel(answering(0), 1, "m0");
    await multiplexer.chat.completions.create(hello);
    return [withNone, made.made()];
  },
  [0, 1],
);

parity(
  "each failover makes a draw of its own, over the weights of those that are left",
  async ({ Multiplexer, t }) => {
    const made = draws(t, [0.5, 0.6, 0.1]);
    const asked = [];
    const refusing = (index) =>
      clientOf(async () => {
        asked.push(index);
        throw failure({ status: 429 });
      });
    const multiplexer = new Multiplexer();
    multiplexer.addModel(refusing(0), 1, "m0");
    multiplexer.addModel(refusing(1), 2, "m1");
    multiplexer.addModel(refusing(2), 1, "m2");
    multiplexer.addFallbackModel(answering(3), 5, "m3");
    await multiplexer.chat.completions.create(hello).catch(() => undefined);
    return [asked, made.made()];
  },
  // 0.5 of 4 is m1; 0.6 of 2 is m2; 0.1 of 1 is m0; then the fallback, with a draw too.
  [[1, 2, 0], 4],
);

parity(
  "fallbacks are not asked, nor drawn for, while a primary is active",
  async ({ Multiplexer, t }) => {
    draws(t, [0.999]);
    const multiplexer = new Multiplexer();
    multiplexer.addFallbackModel(answering("fallback"), 1_000, "fallback");
    multiplexer.addModel(answering("primary"), 1, "primary");
    const picked = [];
    for (let count = 0; count < 8; count++) {
      picked.push((await multiplexer.chat.completions.create(hello)).from);
    }
    return picked;
  },
  Array(8).fill("primary"),
);

parity(
  "a fallback that is the only model is asked",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    return multiplexer.chat.completions.create(hello);
  },
  { from: "fallback" },
);

parity(
  "a failure of a primary does not go on to a fallback",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 503 })), 1, "primary");
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    const error = await multiplexer.chat.completions.create(hello).catch((reason) => reason);
    return [error.status, multiplexer.getStats().fallback.success];
  },
  [503, 0],
);

test("without a replaced Math.random, picks follow the weights", async () => {
  const { Multiplexer } = dropIn;
  const multiplexer = new Multiplexer();
  multiplexer.addModel(answering("a"), 1, "a");
  multiplexer.addModel(answering("b"), 3, "b");
  for (let count = 0; count < 4_000; count++) await multiplexer.chat.completions.create(hello);
  const { a, b } = multiplexer.getStats();
  assert.equal(a.success + b.success, 4_000);
  // Six standard deviations (of 27 calls each).
  assert.ok(Math.abs(a.success - 1_000) < 165, `${a.success} of 4000 went to a weight of 1 in 4`);
});
