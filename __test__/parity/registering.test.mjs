// What addModel and addFallbackModel take, refuse and skip, in both packages.

import { clientOf, draws, parity, thrown } from "./modules.mjs";

const client = clientOf(async () => ({}));
const adders = ["addModel", "addFallbackModel"];
const wrongWeights = [
  0,
  -1,
  1.5,
  "3",
  NaN,
  null,
  undefined,
  Infinity,
  -Infinity,
  true,
  [1],
  {},
  -0,
];
const wrongNames = ["", null, undefined, 0, 5, {}, ["gpt"], true];

const described = (error) => [
  error instanceof Error,
  error.message,
  Object.getPrototypeOf(error) !== null,
];

for (const add of adders) {
  for (const weight of wrongWeights) {
    const shown = Object.is(weight, -0)
      ? "-0"
      : typeof weight === "string"
        ? `"${weight}"`
        : weight;
    parity(
      `${add} refuses the weight ${Array.isArray(shown) ? "[1]" : String(shown)}`,
      ({ Multiplexer }) => {
        const multiplexer = new Multiplexer();
        const error = thrown(() => multiplexer[add](client, weight, "gpt"));
        return [...described(error), multiplexer.getStats()];
      },
      [true, "Weight must be a positive integer.", true, {}],
    );
  }

  for (const name of wrongNames) {
    parity(
      `${add} refuses the name ${JSON.stringify(name)}`,
      ({ Multiplexer }) => {
        const multiplexer = new Multiplexer();
        const error = thrown(() => multiplexer[add](client, 1, name));
        return [...described(error), multiplexer.getStats()];
      },
      [true, "modelName must be a non-empty string.", true, {}],
    );
  }

  parity(
    `${add} looks at the weight before the name`,
    ({ Multiplexer }) => thrown(() => new Multiplexer()[add](client, 0, "")).message,
    "Weight must be a positive integer.",
  );

  parity(
    `${add} looks at weight and name before it notices that the name is taken`,
    ({ Multiplexer, lines }) => {
      const multiplexer = new Multiplexer();
      multiplexer.addModel(client, 1, "gpt");
      const { message } = thrown(() => multiplexer[add](client, 0, "gpt"));
      return [message, lines];
    },
    ["Weight must be a positive integer.", []],
  );

  parity(
    `${add} returns nothing`,
    ({ Multiplexer }) => new Multiplexer()[add](client, 1, "gpt"),
    undefined,
  );

  for (const first of adders) {
    parity(
      `${add} skips a name that ${first} has taken, with a warning`,
      async ({ Multiplexer, lines }) => {
        const multiplexer = new Multiplexer();
        multiplexer[first](
          clientOf(async () => "first"),
          1,
          "gpt",
        );
        const returned = multiplexer[add](
          clientOf(async () => "second"),
          1000,
          "gpt",
        );
        const answer = await multiplexer.chat.completions.create({ messages: [] });
        return [returned, lines, answer, multiplexer.getStats()];
      },
      [
        undefined,
        [["warn", "Attempted to add a model with the same name 'gpt' multiple times. Skipping."]],
        "first",
        { gpt: { success: 1, rateLimited: 0, failed: 0 } },
      ],
    );
  }
}

parity(
  "a name of blanks is a name",
  ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, " ");
    return Object.keys(multiplexer.getStats());
  },
  [" "],
);

parity(
  "names that differ only in case are different models",
  ({ Multiplexer, lines }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "gpt");
    multiplexer.addModel(client, 1, "GPT");
    return [Object.keys(multiplexer.getStats()), lines];
  },
  [["gpt", "GPT"], []],
);

for (const weight of [2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, 1e300]) {
  parity(
    `a weight of ${weight} is a weight, and outweighs 1`,
    async ({ Multiplexer, t }) => {
      draws(t, [0.5]);
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(async () => "light"),
        1,
        "light",
      );
      multiplexer.addModel(
        clientOf(async () => "heavy"),
        weight,
        "heavy",
      );
      return multiplexer.chat.completions.create({ messages: [] });
    },
    "heavy",
  );
}

parity(
  "a removed and added name begins anew after reset()",
  async ({ Multiplexer, lines }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "gpt");
    await multiplexer.chat.completions.create({ messages: [] });
    multiplexer.reset();
    multiplexer.addModel(client, 1, "gpt");
    return [multiplexer.getStats(), lines];
  },
  [{ gpt: { success: 0, rateLimited: 0, failed: 0 } }, []],
);
