// Targets of a simulator that do what a test tells them, behind a multiplexer under "resilient".

import { Multiplexer, hello, newKey, requestsOf, simulate } from "../clients/sdks.mjs";

/** Multiplexers and targets for one simulator. */
export function targetsOf(simulator) {
  /** An endpoint that behaves so. */
  const endpoint = (behaviour = {}, apiKey = newKey()) => ({
    baseURL: simulator.url,
    apiKey,
    headers: simulate(behaviour),
  });

  /**
   * A multiplexer with these targets in the order in which they are asked, unless told otherwise:
   * by id, a behaviour and the model's options.
   */
  const multiplexer = (targets, options) => {
    const made = new Multiplexer({
      policy: "resilient",
      strategy: "priority",
      logger: false,
      ...options,
    });
    const keys = {};
    for (const [id, { model = id, ...more }] of Object.entries(targets)) {
      const { behaviour, client, ...modelOptions } = more;
      const asked =
        client ??
        endpoint(behaviour?.tokens === undefined ? { text: id, ...behaviour } : behaviour);
      keys[id] = asked.apiKey;
      made.addModel(asked, 1, model, { id, ...modelOptions });
    }
    return {
      made,
      ask: async (params, options) => {
        const reply = await made.chat.completions.create({ ...hello, ...params }, options);
        return reply.choices[0].message.content;
      },
      stream: (options) => made.chat.completions.create({ ...hello, stream: true }, options),
      /** How often each target has been asked, by id. */
      asked: async () => {
        const counts = Object.entries(keys).map(async ([id, key]) => {
          return [id, (await requestsOf(simulator, key)).length];
        });
        return Object.fromEntries(await Promise.all(counts));
      },
      states: () => Object.fromEntries(made.getReport().map(({ id, state }) => [id, state])),
      /** How many milliseconds each target still rests, by id; 0 for not at all. */
      rests: () =>
        Object.fromEntries(
          made
            .getReport()
            .map(({ id, restsUntil = 0 }) => [id, Math.max(0, restsUntil - Date.now())]),
        ),
      outcomes: (id) => made.getReport().find((target) => target.id === id).outcomes,
    };
  };
  return { endpoint, multiplexer };
}

export const status = (code, more) => ({ fault: { kind: "status", status: code, ...more } });
export const refusal = (provider, reason, more) => ({
  fault: { kind: "refusal", provider, reason, delayMs: 60_000, ...more },
});
