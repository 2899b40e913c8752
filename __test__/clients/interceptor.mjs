// A program whose requests are intercepted by the tool that is named: what the SDK itself gets,
// and what it gets through the multiplexer, for clients added before and after the tool came.

import { hello, Multiplexer, newKey, sdk, versions } from "./sdks.mjs";

const [tool] = process.argv.slice(2);
const url = process.env.SIMULATOR;
const answer = { id: "intercepted", object: "chat.completion", choices: [] };

const tools = {
  async msw() {
    const { http, HttpResponse } = await import("msw");
    const { setupServer } = await import("msw/node");
    const server = setupServer(
      http.post(`${url}/chat/completions`, () => HttpResponse.json(answer)),
    );
    server.listen({ onUnhandledRequest: "bypass" });
  },
  async nock() {
    const { default: nock } = await import("nock");
    nock(new URL(url).origin).persist().post("/v1/chat/completions").reply(200, answer);
  },
  async undici() {
    const { MockAgent, setGlobalDispatcher } = await import("undici");
    const agent = new MockAgent();
    agent.disableNetConnect();
    agent
      .get(new URL(url).origin)
      .intercept({ path: "/v1/chat/completions", method: "POST" })
      .reply(200, answer, { headers: { "content-type": "application/json" } })
      .persist();
    setGlobalDispatcher(agent);
  },
};

const make = (version) => {
  const client = new sdk[version]({ baseURL: url, apiKey: newKey(), maxRetries: 0 });
  const multiplexer = new Multiplexer({ logger: false });
  multiplexer.addModel(client, 1, "gpt");
  return { version, client, multiplexer };
};

const early = versions.map(make);
await tools[tool]();
const late = versions.map(make);

const outcome = (pending) =>
  pending.then(
    ({ id }) => (id === "intercepted" ? id : "sent"),
    (error) => `${error.constructor.name} ${error.status}`,
  );

const rows = [];
for (const [when, all] of Object.entries({ early, late })) {
  for (const { version, client, multiplexer } of all) {
    // Undici is not in the way of openai 4, which uses node:http.
    if (tool === "undici" && version === 4) continue;
    const body = { ...hello, model: "gpt" };
    for (const stage of ["once", "twice"]) {
      rows.push({
        name: `openai ${version}, ${when}, ${stage}`,
        key: client.apiKey,
        bySdk: await outcome(client.chat.completions.create(body)),
        byUs: await outcome(multiplexer.chat.completions.create(body)),
      });
    }
  }
}
console.log(JSON.stringify(rows));
process.exit();
