// What every client test talks to: a gateway with a key, in front of one simulated provider that is
// limited and one that answers.

import { startSimulator } from "../support/simulator.mjs";
import { configuration, serve } from "./serve.mjs";

export const key = "mm-a-key-that-only-these-tests-know";
export const said = "The sea is calm.";

const limited = { fault: { kind: "status", status: 429 } };

/** Models that behave so, at the provider that answers. */
const models = {
  "gpt-4o": {},
  tools: { toolCalls: 1 },
  endless: { text: null, tokens: 100_000, tokenIntervalMs: 2 },
  silent: { latencyMs: 60_000 },
  wrong: { fault: { kind: "status", status: 400 } },
};

export async function startFleet() {
  const [busy, free] = await Promise.all([
    startSimulator({ defaults: limited }),
    startSimulator({ defaults: { text: said }, models }),
  ]);
  const urls = [busy.url, free.url];
  const file = configuration(urls, { models: Object.keys(models) });
  const gateway = await serve({ "providers.yaml": file }, { env: { API_KEY: key } });
  return {
    url: gateway.url,
    /** Waits until the provider that answers has seen its client leave a request for this model. */
    left: async (model) => {
      const tooLate = Date.now() + 20_000;
      const hasLeft = ({ body, clientLeft }) => clientLeft && JSON.parse(body).model === model;
      while (!(await free.journal()).some(hasLeft)) {
        if (Date.now() > tooLate) throw new Error(`the request for ${model} goes on`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await free.clearJournal();
    },
    stop: async () => {
      await gateway.stop();
      await Promise.all([busy.stop(), free.stop()]);
      if (`${gateway.output.stdout}${gateway.output.stderr}`.includes(key)) {
        throw new Error("the log holds a key");
      }
    },
  };
}
