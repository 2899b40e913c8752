// Refusals, rests and returns, in both packages, with clocks that stand still.

import {
  answering,
  clientOf,
  draws,
  failing,
  failure,
  hello,
  parity,
  rejection,
} from "./modules.mjs";

const zeros = { success: 0, rateLimited: 0, failed: 0 };
const limited = { ...zeros, rateLimited: 1 };
const start = Date.UTC(2026, 0, 1);
const clocks = {
  "timers and Date": ["setTimeout", "Date"],
  "timers alone": ["setTimeout"],
  "Date alone": ["Date"],
};

function stopClock(t, apis = ["setTimeout", "Date"]) {
  t.mock.timers.enable({ apis, ...(apis.includes("Date") && { now: start }) });
}

for (const status of [429, 529]) {
  parity(
    `a refusal with ${status} goes on to the next model, and both are counted`,
    async ({ Multiplexer, t }) => {
      stopClock(t);
      draws(t, [0]);
      const multiplexer = new Multiplexer();
      multiplexer.addModel(failing(failure({ status })), 1, "gpt");
      multiplexer.addModel(answering("other"), 1, "other");
      const { from } = await multiplexer.chat.completions.create(hello);
      return [from, multiplexer.getStats()];
    },
    ["other", { gpt: limited, other: { ...zeros, success: 1 } }],
  );
}

parity(
  "a refusal goes to the fallback when no primary is left, and the next call does so at once",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    await multiplexer.chat.completions.create(hello);
    const { from } = await multiplexer.chat.completions.create(hello);
    return [from, multiplexer.getStats()];
  },
  ["fallback", { gpt: limited, fallback: { ...zeros, success: 2 } }],
);

parity(
  "a status on the prototype of an error counts",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    class RateLimited extends Error {
      get status() {
        return 429;
      }
    }
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(new RateLimited("slow down")), 1, "gpt");
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    return multiplexer.chat.completions.create(hello);
  },
  { from: "fallback" },
);

parity(
  "when all have refused within a call, the last refusal itself is rethrown",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    draws(t, [0]);
    const errors = [failure({ status: 429 }), failure({ status: 529 }), failure({ status: 429 })];
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(errors[0]), 1, "a");
    multiplexer.addModel(failing(errors[1]), 1, "b");
    multiplexer.addFallbackModel(failing(errors[2]), 1, "c");
    const got = await rejection(multiplexer.chat.completions.create(hello));
    return [errors.indexOf(got), multiplexer.getStats()];
  },
  [2, { a: limited, b: limited, c: limited }],
);

for (const [what, refusal, message] of [
  ["a plain object", { status: 429, message: "slow" }, "[object Object]"],
  ["an object that says what it is", { status: 429, toString: () => "slow" }, "slow"],
]) {
  parity(
    `a refusal that is no Error becomes one when it is the last: ${what}`,
    async ({ Multiplexer, t }) => {
      stopClock(t);
      const multiplexer = new Multiplexer();
      multiplexer.addModel(failing(refusal), 1, "gpt");
      const got = await rejection(multiplexer.chat.completions.create(hello));
      return [got instanceof Error, got.message, multiplexer.getStats()];
    },
    [true, message, { gpt: limited }],
  );
}

parity(
  "later calls, while all rest, have an error of their own and ask nobody",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    let asked = 0;
    const refuse = clientOf(async () => {
      asked++;
      throw failure({ status: 429 });
    });
    const multiplexer = new Multiplexer();
    multiplexer.addModel(refuse, 1, "gpt");
    multiplexer.addFallbackModel(refuse, 1, "fallback");
    await rejection(multiplexer.chat.completions.create(hello));
    const later = await rejection(multiplexer.chat.completions.create(hello));
    return [asked, later instanceof Error, later.message, multiplexer.getStats()];
  },
  [2, true, "All models are temporarily rate limited.", { gpt: limited, fallback: limited }],
);

parity(
  "a failure after a refusal is the one that is thrown",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    draws(t, [0]);
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "a");
    multiplexer.addModel(failing(failure({ status: 500 }, "broken")), 1, "b");
    const got = await rejection(multiplexer.chat.completions.create(hello));
    return [got.message, multiplexer.getStats()];
  },
  ["broken", { a: limited, b: { ...zeros, failed: 1 } }],
);

for (const [what, apis] of Object.entries(clocks)) {
  parity(
    `a rest lasts 60 s where ${what} stand still`,
    async ({ Multiplexer, t }) => {
      stopClock(t, apis);
      let refuse = true;
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(async () => {
          if (refuse) throw failure({ status: 429 });
          return "back";
        }),
        1,
        "gpt",
      );
      await rejection(multiplexer.chat.completions.create(hello));
      refuse = false;
      t.mock.timers.tick(59_999);
      const early = await rejection(multiplexer.chat.completions.create(hello));
      t.mock.timers.tick(2);
      return [early.message, await multiplexer.chat.completions.create(hello)];
    },
    ["All models are temporarily rate limited.", "back"],
  );
}

parity(
  "by Date alone, a rest is over only after its last millisecond",
  async ({ Multiplexer, t }) => {
    stopClock(t, ["Date"]);
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 }, "refused")), 1, "gpt");
    await rejection(multiplexer.chat.completions.create(hello));
    t.mock.timers.tick(60_000);
    const at = await rejection(multiplexer.chat.completions.create(hello));
    t.mock.timers.tick(1);
    const after = await rejection(multiplexer.chat.completions.create(hello));
    return [at.message, after.message];
  },
  ["All models are temporarily rate limited.", "refused"],
);

parity(
  "a Date.now that is replaced by node:test's mock.method() is followed",
  async ({ Multiplexer, t }) => {
    let now = start;
    t.mock.method(Date, "now", () => now);
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 }, "refused")), 1, "gpt");
    await rejection(multiplexer.chat.completions.create(hello));
    now += 60_001;
    return (await rejection(multiplexer.chat.completions.create(hello))).message;
  },
  "refused",
);

parity(
  "a Date.now that is assigned is followed",
  async ({ Multiplexer, t }) => {
    const real = Date.now;
    t.after(() => {
      Date.now = real;
    });
    let now = start;
    Date.now = () => now;
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 }, "refused")), 1, "gpt");
    await rejection(multiplexer.chat.completions.create(hello));
    now += 59_999;
    const early = await rejection(multiplexer.chat.completions.create(hello));
    now += 2;
    const late = await rejection(multiplexer.chat.completions.create(hello));
    return [early.message, late.message];
  },
  ["All models are temporarily rate limited.", "refused"],
);

parity(
  "two refusals of one model at the same time count twice, and the rest ends once",
  async ({ Multiplexer, t, lines }) => {
    stopClock(t);
    const gates = [];
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(() => new Promise((_, reject) => gates.push(reject))),
      1,
      "gpt",
    );
    const calls = [1, 2].map(() => rejection(multiplexer.chat.completions.create(hello)));
    gates[0](failure({ status: 429 }));
    await calls[0];
    t.mock.timers.tick(30_000);
    gates[1](failure({ status: 429 }));
    await calls[1];
    // The second refusal prolongs the rest.
    t.mock.timers.tick(30_001);
    const early = await rejection(multiplexer.chat.completions.create(hello));
    t.mock.timers.tick(30_000);
    return [
      early.message,
      multiplexer.getStats(),
      lines.filter(([, text]) => text.includes("re-enabled")).length,
    ];
  },
  ["All models are temporarily rate limited.", { gpt: { ...zeros, rateLimited: 2 } }, 1],
);

parity(
  "the console tells of refusals, rests, returns and failures in the original's words and order",
  async ({ Multiplexer, t, lines }) => {
    stopClock(t);
    draws(t, [0]);
    const error = failure({ status: 500 });
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
    multiplexer.addFallbackModel(failing(error), 1, "fallback");
    await rejection(multiplexer.chat.completions.create(hello));
    t.mock.timers.tick(60_000);
    multiplexer.addModel(answering(""), 1, "gpt");
    return lines.map((line) => line.map((part) => (part === error ? "the error" : part)));
  },
  [
    ["warn", "Model gpt hit rate limit. Trying next model."],
    ["log", "Model gpt temporarily disabled for 60s due to rate limit."],
    ["error", "Error in Multiplexer: fallback", "the error"],
    ["log", "Model gpt re-enabled after rate limit."],
    ["warn", "Attempted to add a model with the same name 'gpt' multiple times. Skipping."],
  ],
);

parity(
  "success says nothing",
  async ({ Multiplexer, lines }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    await multiplexer.chat.completions.create(hello);
    multiplexer.getStats();
    multiplexer.reset();
    return lines;
  },
  [],
);

const aborts = {
  "an Error": new Error("stopped"),
  "a refusal": failure({ status: 429 }),
  "an AbortError": new DOMException("stopped", "AbortError"),
  undefined,
};

for (const [what, error] of Object.entries(aborts)) {
  parity(
    `a call that fails with ${what} while its signal is aborted ends with "Request aborted" and counts nowhere`,
    async ({ Multiplexer, lines }) => {
      const controller = new AbortController();
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(async () => {
          controller.abort();
          throw error;
        }),
        1,
        "gpt",
      );
      multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
      const got = await rejection(
        multiplexer.chat.completions.create(hello, { signal: controller.signal }),
      );
      return [
        Object.getPrototypeOf(got) === Error.prototype,
        got.message,
        multiplexer.getStats(),
        lines,
      ];
    },
    [true, "Request aborted", { gpt: zeros, fallback: zeros }, []],
  );
}

parity(
  "an abort after a refusal ends the call, and the refusal stays counted",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    draws(t, [0]);
    const controller = new AbortController();
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "a");
    multiplexer.addModel(
      clientOf(async () => {
        controller.abort();
        throw failure({ status: 500 });
      }),
      1,
      "b",
    );
    const got = await rejection(
      multiplexer.chat.completions.create(hello, { signal: controller.signal }),
    );
    return [got.message, multiplexer.getStats()];
  },
  ["Request aborted", { a: limited, b: zeros }],
);

parity(
  "a client that answers in spite of an abort has answered",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    const signal = AbortSignal.abort();
    return [await multiplexer.chat.completions.create(hello, { signal }), multiplexer.getStats()];
  },
  [{ from: "gpt" }, { gpt: { ...zeros, success: 1 } }],
);

parity(
  "statistics hold all models with zeros, primaries before fallbacks, in the order of adding",
  ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addFallbackModel(answering(0), 1, "z");
    multiplexer.addModel(answering(0), 1, "m");
    multiplexer.addFallbackModel(answering(0), 1, "b");
    multiplexer.addModel(answering(0), 1, "a");
    return Object.entries(multiplexer.getStats());
  },
  ["m", "a", "z", "b"].map((name) => [name, zeros]),
);

parity(
  "statistics are a copy that the program may change",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering(0), 1, "gpt");
    const stats = multiplexer.getStats();
    stats.gpt.success = 100;
    delete stats.gpt;
    return [multiplexer.getStats(), Object.getPrototypeOf(stats) === Object.prototype];
  },
  [{ gpt: zeros }, true],
);

parity(
  "reset() takes away models, statistics and rests, and can be called at any time",
  async ({ Multiplexer, t, lines }) => {
    stopClock(t);
    const multiplexer = new Multiplexer();
    multiplexer.reset();
    multiplexer.addModel(failing(failure({ status: 429 })), 1, "gpt");
    await rejection(multiplexer.chat.completions.create(hello));
    const returned = multiplexer.reset();
    const none = await rejection(multiplexer.chat.completions.create(hello));
    lines.length = 0;
    t.mock.timers.tick(120_000);
    const told = lines.length;
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    const { from } = await multiplexer.chat.completions.create(hello);
    return [returned, none.message, told, from, multiplexer.getStats()];
  },
  [
    undefined,
    "No models available in the multiplexer.",
    0,
    "gpt",
    { gpt: { ...zeros, success: 1 } },
  ],
);

for (const [what, outcome, expected] of [
  ["answers", (gate) => gate.resolve("late"), ["late"]],
  ["fails", (gate) => gate.reject(failure({ status: 500 }, "broken")), ["broken"]],
  ["refuses", (gate) => gate.reject(failure({ status: 429 }, "slow")), ["slow"]],
]) {
  parity(
    `a call that is under way at a reset() is finished: its client ${what}`,
    async ({ Multiplexer, t }) => {
      stopClock(t);
      const gate = {};
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(() => new Promise((resolve, reject) => Object.assign(gate, { resolve, reject }))),
        1,
        "gpt",
      );
      const pending = multiplexer.chat.completions.create(hello);
      multiplexer.reset();
      outcome(gate);
      const got = await pending.catch((error) => error.message);
      return [[got], multiplexer.getStats()];
    },
    [expected, {}],
  );
}

parity(
  "a model that is added again while a call of its old self is under way starts with zeros",
  async ({ Multiplexer, t }) => {
    stopClock(t);
    const gate = {};
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(() => new Promise((resolve) => Object.assign(gate, { resolve }))),
      1,
      "gpt",
    );
    const pending = multiplexer.chat.completions.create(hello);
    multiplexer.reset();
    multiplexer.addModel(answering("new"), 1, "gpt");
    gate.resolve("old");
    return [await pending, multiplexer.getStats()];
  },
  ["old", { gpt: zeros }],
);
