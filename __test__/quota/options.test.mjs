// Limits as options: what is refused, and in which words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Multiplexer } from "../clients/sdks.mjs";

const endpoint = { baseURL: "http://127.0.0.1:1/v1", apiKey: "sk" };

const wrong = [
  [{ limits: 20 }, "options.limits must be an object, not 20."],
  [{ limits: null }, "options.limits must be an object, not null."],
  [
    { limits: { rps: 1 } },
    'options.limits: there is no option "rps"; there are rpm, rph, rpd, tpm, tph, tpd.',
  ],
  [
    { limits: { rpm: 0 } },
    "options.limits.rpm must be an integer from 1 to 9007199254740991, not 0.",
  ],
  [
    { limits: { rpm: 1.5 } },
    "options.limits.rpm must be an integer from 1 to 9007199254740991, not 1.5.",
  ],
  [
    { limits: { tpm: "6000" } },
    'options.limits.tpm must be a positive integer or an object, not "6000".',
  ],
  [
    { limits: { tpm: {} } },
    "options.limits.tpm.limit must be an integer from 1 to 9007199254740991, not undefined.",
  ],
  [
    { limits: { rpd: { limit: 5, zone: "Mars/Base" } } },
    'options.limits.rpd.zone must be an IANA time zone such as "America/Los_Angeles", not "Mars/Base".',
  ],
  [
    { limits: { rpd: { limit: 5, window: "rolling" } } },
    'options.limits.rpd.window must be "fixed" or "sliding", not "rolling".',
  ],
  [
    { limits: { rpd: { limit: 5, window: "sliding", zone: "UTC" } } },
    'options.limits.rpd.zone is of no use where the window is "sliding".',
  ],
  [
    { limits: { rpd: { limit: 5, every: "day" } } },
    'options.limits.rpd: there is no option "every"; there are limit, zone, window.',
  ],
  [
    { sharedLimits: { team: { rpm: 1 } } },
    'options.sharedLimits: there is no option "team"; there are key, account, accountModel, provider, model.',
  ],
  [
    { limits: { concurrent: 1 } },
    'options.limits: there is no option "concurrent"; there are rpm, rph, rpd, tpm, tph, tpd.',
  ],
  [
    { key: "k", sharedLimits: { key: { rps: 1 } } },
    'options.sharedLimits.key: there is no option "rps"; there are rpm, rph, rpd, tpm, tph, tpd, concurrent.',
  ],
  [
    { key: "k", sharedLimits: { key: { concurrent: 0 } } },
    "options.sharedLimits.key.concurrent must be an integer from 1 to 4294967295, not 0.",
  ],
  [
    { key: "k", sharedLimits: { key: { concurrent: { limit: 1 } } } },
    "options.sharedLimits.key.concurrent must be an integer from 1 to 4294967295, not an object.",
  ],
  [
    { sharedLimits: { key: { rpm: 1 } } },
    "options.sharedLimits.key needs options.key: the name by which targets share the limits.",
  ],
  [
    { sharedLimits: { model: { rpm: 1 } } },
    "options.sharedLimits.model needs options.provider: the name by which targets share the limits.",
  ],
];

for (const [options, message] of wrong) {
  test(`addModel and updateModels refuse ${JSON.stringify(options)}`, () => {
    const made = new Multiplexer();
    assert.throws(() => made.addModel(endpoint, 1, "m", options), { message });
    const models = [{ client: endpoint, weight: 1, modelName: "m", ...options }];
    const ofDefinition = message.replaceAll("options.", "models[0].");
    assert.throws(() => made.updateModels({ models }), { message: ofDefinition });
  });
}

test("models without limits have none to tell of", () => {
  const made = new Multiplexer();
  made.addModel(endpoint, 1, "free");
  made.addModel(endpoint, 1, "same", { limits: {}, sharedLimits: {} });
  assert.deepEqual(made.getQuota(), { free: [], same: [] });
});
