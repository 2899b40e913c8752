// Wrong options: each error names the field, the value and what is expected.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hello, Multiplexer, ours, rejection } from "../clients/sdks.mjs";

const { MultiplexerError } = ours;
const resilient = { policy: "resilient", logger: false };
const endpoint = { baseURL: "http://127.0.0.1:1/v1", apiKey: "sk-nobody" };

const ofMultiplexer = [
  [{ policy: "brave" }, 'options.policy must be one of compat, resilient, not "brave".'],
  [{ strategy: 7 }, /^options\.strategy must be one of weighted, .*least-used, not 7\.$/],
  [{ timeouts: 5 }, "options.timeouts must be an object, not 5."],
  [{ timeouts: null }, "options.timeouts must be an object, not null."],
  [
    { timeouts: { headersMs: 5 } },
    'options.timeouts: there is no option "headersMs"; there are connectMs, firstTokenMs, stallMs, totalMs.',
  ],
  [
    { timeouts: { firstTokenMs: -1 } },
    "options.timeouts.firstTokenMs must be a number of milliseconds from 0, not -1.",
  ],
  [
    { timeouts: { stallMs: "1" } },
    'options.timeouts.stallMs must be a number of milliseconds from 0, not "1".',
  ],
  [
    { timeouts: { totalMs: Number.NaN } },
    "options.timeouts.totalMs must be a number of milliseconds from 0, not NaN.",
  ],
  [
    { maxWaitMs: Infinity },
    "options.maxWaitMs must be a number of milliseconds from 0, not Infinity.",
  ],
  [
    { policy: "compat", strategy: "latency" },
    'options.strategy "latency" needs policy: "resilient".',
  ],
  [
    { timeouts: { connectMs: "soon" } },
    'options.timeouts.connectMs must be a number of milliseconds from 0, not "soon".',
  ],
  [{ retryBudget: 0.5 }, "options.retryBudget must be an object, not 0.5."],
  [
    { retryBudget: { ratio: 1 } },
    'options.retryBudget: there is no option "ratio"; there are share, minPerSecond.',
  ],
  [
    { retryBudget: { share: -1 } },
    "options.retryBudget.share must be a number of retries for each call, from 0 to 1000, not -1.",
  ],
  [
    { retryBudget: { minPerSecond: 0.5 } },
    "options.retryBudget.minPerSecond must be a whole number of retries from 0 to 4294967295, not 0.5.",
  ],
  [{ outcomes: "giveUp" }, 'options.outcomes must be an object, not "giveUp".'],
  [{ outcomes: { success: "giveUp" } }, /^options\.outcomes: there is no outcome "success"; there/],
  [
    { outcomes: { unavailable: "ignore" } },
    'options.outcomes.unavailable must be one of giveUp, failOver, retry, not "ignore".',
  ],
  [
    { outcomes: { bad_credentials: "retry" } },
    'options.outcomes.bad_credentials must be one of giveUp, failOver, not "retry".',
  ],
  [
    { hedge: "yes" },
    'options.hedge must be true, false or an object such as { share: 0.05 }, not "yes".',
  ],
  [{ hedge: { after: 5 } }, 'options.hedge: there is no option "after"; there are share.'],
  [{ hedge: { share: 5 } }, "options.hedge.share must be a share of the calls from 0 to 1, not 5."],
  [{ policy: "compat", hedge: true }, 'options.hedge needs policy: "resilient".'],
  [{ policy: "compat", outcomes: {} }, 'options.outcomes needs policy: "resilient".'],
  [{ policy: "compat", retryBudget: {} }, 'options.retryBudget needs policy: "resilient".'],
  [{ policy: "compat", maxWaitMs: 5 }, 'options.maxWaitMs needs policy: "resilient".'],
  [{ midStream: "retry" }, 'options.midStream must be one of error, recover, not "retry".'],
  [{ policy: "compat", midStream: "recover" }, 'options.midStream needs policy: "resilient".'],
  [{ policy: "compat", timeouts: { stallMs: 5 } }, 'options.timeouts needs policy: "resilient".'],
];

const ofModels = [
  [{ key: "" }, 'options.key must be a non-empty string, not "".'],
  [{ account: 5 }, "options.account must be a non-empty string, not 5."],
  [{ provider: null }, "options.provider must be a non-empty string, not null."],
  [{ tags: ["eu"] }, /^options\.tags must be an object of strings/],
  [{ tags: { region: 5 } }, "options.tags.region must be a string, not 5."],
  [
    { contextWindow: 1.5 },
    "options.contextWindow must be a whole number of tokens from 0 to 4294967295, not 1.5.",
  ],
  [
    { contextWindow: "8k" },
    'options.contextWindow must be a whole number of tokens from 0 to 4294967295, not "8k".',
  ],
  [
    { prefill: "vllm" },
    'options.prefill must be one of prefix, continue_final_message, assistant, not "vllm".',
  ],
  [{ reasoning: 1 }, "options.reasoning must be true or false, not 1."],
  [{ finishOptional: "yes" }, 'options.finishOptional must be true or false, not "yes".'],
];

const ofCalls = [
  [5, "options.multiplexer must be an object, not 5."],
  [{ hedge: true }, /^options\.multiplexer: there is no option "hedge"; there are session/],
  [{ midStream: true }, "options.multiplexer.midStream must be one of error, recover, not true."],
  [{ session: 5 }, "options.multiplexer.session must be a string, not 5."],
  [{ require: "eu" }, /^options\.multiplexer\.require must be an object of strings/],
  [
    { maxWaitMs: -5 },
    "options.multiplexer.maxWaitMs must be a number of milliseconds from 0, not -5.",
  ],
  [
    { deadlineMs: 0 },
    "options.multiplexer.deadlineMs must be a number of milliseconds above 0, not 0.",
  ],
  [
    { priority: 1.5 },
    "options.multiplexer.priority must be a whole number from -2147483648 to 2147483647, not 1.5.",
  ],
];

const says = (message) => (error) => {
  assert.ok(error instanceof MultiplexerError, String(error));
  if (typeof message === "string") assert.equal(error.message, message);
  else assert.match(error.message, message);
  return true;
};

for (const [options, message] of ofMultiplexer) {
  test(`new Multiplexer(): ${message}`, () => {
    assert.throws(() => new Multiplexer({ ...resilient, ...options }), says(message));
  });
}

for (const [options, message] of ofModels) {
  test(`addModel(): ${message}`, () => {
    const multiplexer = new Multiplexer(resilient);
    assert.throws(() => multiplexer.addModel(endpoint, 1, "m", options), says(message));
    assert.deepEqual(multiplexer.getReport(), []);
  });
}

for (const [options, message] of ofCalls) {
  test(`create(): ${message}`, async () => {
    const multiplexer = new Multiplexer(resilient);
    multiplexer.addModel(endpoint, 1, "m");
    const asking = async () => multiplexer.chat.completions.create(hello, { multiplexer: options });
    says(message)(await rejection(asking()));
    assert.equal(multiplexer.getReport()[0].inFlight, 0);
  });
}

test('defaults that are spelled out need no policy: "resilient"', async () => {
  const multiplexer = new Multiplexer({
    logger: false,
    policy: "compat",
    strategy: "weighted",
    midStream: "error",
    maxWaitMs: 0,
    hedge: false,
  });
  const client = { chat: { completions: { create: async () => "answer" } } };
  multiplexer.addModel(client, 1, "m");
  const spelledOut = { multiplexer: { midStream: "error", maxWaitMs: 0, priority: 0 } };
  assert.equal(await multiplexer.chat.completions.create(hello, spelledOut), "answer");
});

for (const name of ["maxWaitMs", "deadlineMs", "priority"]) {
  test(`create(): options.multiplexer.${name} needs policy: "resilient".`, async () => {
    const multiplexer = new Multiplexer({ logger: false });
    multiplexer.addModel(endpoint, 1, "m");
    const asking = async () =>
      multiplexer.chat.completions.create(hello, { multiplexer: { [name]: 5 } });
    says(`options.multiplexer.${name} needs policy: "resilient".`)(await rejection(asking()));
  });
}
