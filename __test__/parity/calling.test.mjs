// How a client of the program's own is called, and what comes back, in both packages.

import { answering, clientOf, failing, failure, hello, parity, rejection } from "./modules.mjs";

const zeros = { success: 0, rateLimited: 0, failed: 0 };

parity(
  "the client is called before create() returns",
  ({ Multiplexer }) => {
    let called = false;
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(async () => {
        called = true;
      }),
      1,
      "gpt",
    );
    const pending = multiplexer.chat.completions.create(hello);
    const before = called;
    return pending.then(() => before);
  },
  true,
);

const bodies = {
  "with a model": { model: "any", messages: [], temperature: 0 },
  "with the model in the middle": { messages: [], model: "any", n: 1 },
  "without a model": { messages: [], n: 1 },
  "that is empty": {},
  "that is undefined": undefined,
  "that is null": null,
  "with values that JSON does not know": { messages: undefined, model: 5, seed: 10n },
};

for (const [what, params] of Object.entries(bodies)) {
  parity(
    `the client is given a copy of a body ${what}, with the registered model`,
    async ({ Multiplexer }) => {
      const seen = [];
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(async (...args) => void seen.push(args)),
        1,
        "gpt",
      );
      await multiplexer.chat.completions.create(params);
      const [[body]] = seen;
      return [seen.length, body === params, body, Object.keys(body)];
    },
    [1, false, { ...params, model: "gpt" }, Object.keys({ ...params, model: "gpt" })],
  );
}

parity(
  "the caller's body is left as it was, and what is in it is not copied",
  async ({ Multiplexer }) => {
    const params = { model: "mine", messages: [{ role: "user", content: "hi" }] };
    const before = structuredClone(params);
    let given;
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(async (body) => {
        given = body;
        body.extra = true;
      }),
      1,
      "gpt",
    );
    await multiplexer.chat.completions.create(params);
    const unchanged = JSON.stringify(params) === JSON.stringify(before);
    return [unchanged, given.messages === params.messages, given.model];
  },
  [true, true, "gpt"],
);

parity(
  "a frozen body does",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    return multiplexer.chat.completions.create(hello);
  },
  { from: "gpt" },
);

parity(
  "options are handed on as they are",
  async ({ Multiplexer }) => {
    const seen = [];
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(async (...args) => void seen.push([args.length, args[1]])),
      1,
      "gpt",
    );
    const options = { timeout: 5, headers: { a: "b" }, anything: Symbol.iterator };
    await multiplexer.chat.completions.create(hello, options);
    await multiplexer.chat.completions.create(hello);
    await multiplexer.chat.completions.create(hello, null);
    return [seen[0][0], seen[0][1] === options, seen[1], seen[2]];
  },
  [2, true, [2, undefined], [2, null]],
);

parity(
  "create is called on the client's own completions",
  async ({ Multiplexer }) => {
    const client = clientOf(async function () {
      return this === client.chat.completions;
    });
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "gpt");
    return multiplexer.chat.completions.create(hello);
  },
  true,
);

parity(
  "a create that is replaced after the model was added is the one that is called",
  async ({ Multiplexer }) => {
    const client = answering("before");
    const multiplexer = new Multiplexer();
    multiplexer.addModel(client, 1, "gpt");
    client.chat.completions.create = async () => "after";
    return multiplexer.chat.completions.create(hello);
  },
  "after",
);

const answers = {
  "an object": { choices: [] },
  "a frozen object": Object.freeze({ choices: [] }),
  "an async generator": (async function* () {
    yield 1;
  })(),
  "an iterable that is no stream": [1, 2],
  undefined,
  null: null,
  "a string": "text",
  "a function": () => undefined,
};

for (const [what, answer] of Object.entries(answers)) {
  parity(
    `what the client answers is handed back untouched: ${what}`,
    async ({ Multiplexer }) => {
      const multiplexer = new Multiplexer();
      multiplexer.addModel(
        clientOf(async () => answer),
        1,
        "gpt",
      );
      const before = answer && typeof answer === "object" && Reflect.ownKeys(answer);
      const given = await multiplexer.chat.completions.create(hello);
      const after = answer && typeof answer === "object" && Reflect.ownKeys(answer);
      return [given === answer, JSON.stringify(before) === JSON.stringify(after)];
    },
    [true, true],
  );
}

parity(
  "a stream of the client's counts as a success when it is opened, and is read as it is",
  async ({ Multiplexer }) => {
    async function* chunks() {
      yield { choices: [{ delta: { content: "a" } }] };
      throw new Error("died in the middle");
    }
    const multiplexer = new Multiplexer();
    multiplexer.addModel(clientOf(chunks), 1, "gpt");
    const stream = await multiplexer.chat.completions.create({ ...hello, stream: true });
    const opened = multiplexer.getStats();
    const read = [];
    const error = await rejection(
      (async () => {
        for await (const chunk of stream) read.push(chunk);
      })(),
    );
    return [opened, read.length, error.message, multiplexer.getStats()];
  },
  [{ gpt: { ...zeros, success: 1 } }, 1, "died in the middle", { gpt: { ...zeros, success: 1 } }],
);

parity(
  "a client may answer at once, without a promise",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(() => "at once"),
      1,
      "gpt",
    );
    return [await multiplexer.chat.completions.create(hello), multiplexer.getStats()];
  },
  ["at once", { gpt: { ...zeros, success: 1 } }],
);

parity(
  "a client may answer with any thenable",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(() => ({ then: (resolve) => resolve("later") })),
      1,
      "gpt",
    );
    return multiplexer.chat.completions.create(hello);
  },
  "later",
);

parity(
  "what a client throws at once is treated like a rejection",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    const error = new Error("at once");
    multiplexer.addModel(
      clientOf(() => {
        throw error;
      }),
      1,
      "gpt",
    );
    const got = await rejection(multiplexer.chat.completions.create(hello));
    return [got === error, multiplexer.getStats()];
  },
  [true, { gpt: { ...zeros, failed: 1 } }],
);

for (const [what, client] of Object.entries({
  "without chat": new (class Client {})(),
  "without completions": { chat: {} },
  "without create": { chat: { completions: {} } },
})) {
  parity(
    `a client ${what} fails when its turn comes, and the failure is counted`,
    async ({ Multiplexer, lines }) => {
      const multiplexer = new Multiplexer();
      multiplexer.addModel(client, 1, "gpt");
      const error = await rejection(multiplexer.chat.completions.create(hello));
      return [
        error instanceof TypeError,
        multiplexer.getStats(),
        lines.map(([level, message, what]) => [level, message, what === error]),
      ];
    },
    [true, { gpt: { ...zeros, failed: 1 } }, [["error", "Error in Multiplexer: gpt", true]]],
  );
}

parity(
  "create may be detached from its object",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    const { create } = multiplexer.chat.completions;
    const { chat } = multiplexer;
    return [await create(hello), await chat.completions.create(hello)];
  },
  [{ from: "gpt" }, { from: "gpt" }],
);

parity(
  "create may be replaced on the multiplexer itself",
  async ({ Multiplexer, t }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(failing(new Error("not to be called")), 1, "gpt");
    t.mock.method(multiplexer.chat.completions, "create", async () => "mocked");
    return multiplexer.chat.completions.create(hello);
  },
  "mocked",
);

parity(
  "create returns a promise that can be chained, raced and collected",
  async ({ Multiplexer }) => {
    const multiplexer = new Multiplexer();
    multiplexer.addModel(answering("gpt"), 1, "gpt");
    const create = () => multiplexer.chat.completions.create(hello);
    const pending = create();
    return [
      pending instanceof Promise,
      await pending.then(({ from }) => from),
      (await Promise.all([create(), create()])).length,
      (await Promise.race([create()])).from,
      (await Promise.allSettled([create()]))[0].status,
      (await create().finally(() => undefined)).from,
    ];
  },
  [true, "gpt", 2, "gpt", "fulfilled", "gpt"],
);

parity(
  "no model at all is an error of its own",
  async ({ Multiplexer, lines }) => {
    const multiplexer = new Multiplexer();
    const error = await rejection(multiplexer.chat.completions.create(hello));
    return [error instanceof Error, error.message, multiplexer.getStats(), lines];
  },
  [true, "No models available in the multiplexer.", {}, []],
);

parity(
  "every failure that is no refusal is rethrown as the same object, and counted",
  async ({ Multiplexer, lines }) => {
    const errors = [
      failure({ status: 500 }),
      failure({ status: 400 }),
      failure({ status: "429" }),
      failure({ status: "529" }),
      failure({ statusCode: 429 }),
      failure({ code: 429 }),
      failure({ response: { status: 429 } }),
      failure({ status: 428.9999 }),
      failure({ status: [429] }),
      failure({ status: Object(429) }),
      failure({}, "429 Too Many Requests"),
      Object.freeze(failure({ status: 503 })),
    ];
    const results = [];
    const multiplexer = new Multiplexer();
    multiplexer.addModel(
      clientOf(async ({ error }) => {
        throw error;
      }),
      1,
      "gpt",
    );
    multiplexer.addFallbackModel(answering("fallback"), 1, "fallback");
    for (const error of errors) {
      const got = await rejection(multiplexer.chat.completions.create({ error }));
      results.push(got === error);
    }
    const logged = lines.map(([level, message, error]) => [level, message, errors.includes(error)]);
    return [results, multiplexer.getStats(), logged];
  },
  [
    Array(12).fill(true),
    { gpt: { ...zeros, failed: 12 }, fallback: zeros },
    Array(12).fill(["error", "Error in Multiplexer: gpt", true]),
  ],
);

for (const [what, value] of Object.entries({
  undefined,
  null: null,
  "the string 429": "429",
  "the number 429": 429,
  "an object": { status: 500 },
  "a symbol": Symbol.for("refused"),
  "a function with a status": Object.assign(() => undefined, { status: 429 }),
})) {
  parity(
    `a rejection that is no Error is rethrown: ${what}`,
    async ({ Multiplexer, lines }) => {
      const multiplexer = new Multiplexer();
      multiplexer.addModel(failing(value), 1, "gpt");
      multiplexer.addModel(failing(value), 1, "gpt-2");
      const got = await rejection(multiplexer.chat.completions.create(hello));
      const failed = Object.values(multiplexer.getStats()).reduce((sum, s) => sum + s.failed, 0);
      return [got === value, failed, lines.length, lines[0]?.[0]];
    },
    [true, 1, 1, "error"],
  );
}
