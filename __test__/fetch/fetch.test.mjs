// `multiplexer.fetch` as a `fetch`: what it takes, where requests go, with which headers, and what
// comes back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  departure,
  isNative,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  simulate,
  until,
  versions,
} from "../clients/sdks.mjs";
import { startSimulator } from "../support/simulator.mjs";
import { body, callersKey, init, inOrder, refusal, target, url } from "./support.mjs";

const { Multiplexer, reportOf } = ours;

let simulator;
before(
  async () => (simulator = await startSimulator({ defaults: { tokens: 3 }, journal: 10_000 })),
);
after(async () => {
  const seen = JSON.stringify(await simulator.journal());
  await simulator.stop();
  assert.ok(!seen.includes(callersKey), "the caller's key has reached a target");
});

/** A body of every kind that `fetch` takes. */
const bodies = {
  "a string": () => body,
  "a Uint8Array": () => new TextEncoder().encode(body),
  "an ArrayBuffer": () => new TextEncoder().encode(body).buffer,
  "a view of a larger buffer": () => new TextEncoder().encode(`..${body}..`).subarray(2, -2),
  "a Blob": () => new Blob([body]),
  "a ReadableStream": () => new Blob([body]).stream(),
};

for (const [kind, make] of Object.entries(bodies)) {
  test(`the body may be ${kind}`, async () => {
    const endpoint = target(simulator);
    const { fetch } = inOrder(endpoint);
    const response = await fetch(url, init({ body: make(), duplex: "half" }));
    assert.equal(response.status, 200);
    const [request] = await requestsOf(simulator, endpoint.apiKey);
    assert.equal(request.body, body.replace("any", "first"));
  });
}

const inputs = {
  "a string": () => [url, init()],
  "a URL": () => [new URL(url), init()],
  "a Request": () => [new Request(url, init())],
  "a Request that is overridden": () => [
    new Request(url, init({ method: "PUT", body: "{}" })),
    init(),
  ],
};

for (const [kind, make] of Object.entries(inputs)) {
  test(`the input may be ${kind}`, async () => {
    const { fetch } = inOrder(target(simulator));
    const response = await fetch(...make());
    assert.equal((await response.json()).model, "first");
  });
}

test("what is no URL, or no signal, is refused as by fetch", async () => {
  const { fetch } = inOrder(target(simulator));
  for (const [input, more] of [
    ["/chat/completions"],
    [url, { signal: 5 }],
    [url, { signal: {} }],
  ]) {
    const error = await rejection(fetch(input, init(more)));
    assert.ok(error instanceof TypeError);
    if (more !== undefined) assert.match(error.message, /^signal must be an AbortSignal/);
  }
});

for (const path of ["/responses/%zz", "/responses/%E0%A4%A"]) {
  test(`${path}, which is not encoded as URLs are, is answered with a 400`, async () => {
    const { fetch } = inOrder(target(simulator));
    const response = await fetch(`https://caller.example/v1${path}`);
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, "unsupported_request");
  });
}

test("no URL of any scheme leads above a target's base URL", async () => {
  const endpoint = target(simulator);
  const response = await inOrder(endpoint).fetch("any://h/v1/\\..\\..\\admin", init());
  assert.equal(response.status, 400);
  assert.deepEqual(await requestsOf(simulator, endpoint.apiKey), []);
});

/** Where a caller's URL leads below a target's base URL. */
const paths = {
  "https://api.openai.com/v1/chat/completions": "/v1/chat/completions",
  "https://api.openai.com/v1//chat/completions": "/v1/chat/completions",
  "https://api.openai.com/v1/chat/completions/": "/v1/chat/completions",
  "https://openrouter.ai/api/v1/embeddings": "/v1/embeddings",
  "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions":
    "/v1/chat/completions",
  "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1":
    "/v1/chat/completions",
  "https://x.openai.azure.com/openai/v1/responses": "/v1/responses",
  "https://gateway.example/models/x/v1/chat/completions": "/v1/chat/completions",
  "https://gateway.example/chat/completions": "/v1/chat/completions",
  "https://gateway.example/v1/systemone": "/v1/systemone",
  "https://gateway.example/v2.1/a/b?c=d": "/v1/a/b?c=d",
  "https://gateway.example/systemone": "/v1/systemone",
  "http://localhost:3000/v1/completions?x=1": "/v1/completions?x=1",
};

for (const [from, to] of Object.entries(paths)) {
  test(`${from} leads to ${to}`, async () => {
    const endpoint = target(simulator);
    await inOrder(endpoint).fetch(from, init());
    const [{ path }] = await requestsOf(simulator, endpoint.apiKey);
    assert.equal(path, to);
  });
}

test("the caller's own headers are passed on, but none that is a credential or of its connection", async () => {
  const endpoint = target(simulator);
  const headers = {
    authorization: `Bearer ${callersKey}`,
    "api-key": callersKey,
    "X-Api-Key": callersKey,
    "x-goog-api-key": callersKey,
    "Ocp-Apim-Subscription-Key": callersKey,
    "x-auth-token": callersKey,
    "helicone-auth": `Bearer ${callersKey}`,
    cookie: `session=${callersKey}`,
    "proxy-authorization": callersKey,
    host: "caller.example",
    "user-agent": "OpenAI/JS 6.0.0",
    "openai-organization": "org-caller",
    "x-stainless-lang": "js",
    "http-referer": "https://app.example",
    "x-title": "An app",
    traceparent: "00-1-2-01",
    "idempotency-key": "once",
  };
  await inOrder(endpoint).fetch(url, init({ headers }));
  const [request] = await requestsOf(simulator, endpoint.apiKey);
  const sent = Object.fromEntries(request.headers);
  assert.equal(sent.authorization, `Bearer ${endpoint.apiKey}`);
  assert.equal(sent["user-agent"], "model-multiplexer");
  assert.equal(sent.host, `127.0.0.1:${simulator.port}`);
  for (const name of ["http-referer", "x-title", "traceparent", "idempotency-key"]) {
    assert.equal(sent[name], headers[name]);
  }
  assert.ok(!JSON.stringify(request.headers).includes(callersKey));
  assert.ok(!("openai-organization" in sent) && !("x-stainless-lang" in sent));
});

test("no credential of the caller's query reaches a target", async () => {
  const endpoint = target(simulator);
  const names = [
    "key",
    "api_key",
    "api-key",
    "apiKey",
    "access_token",
    "token",
    "sig",
    "code",
    "X-Amz-Signature",
  ];
  const query = new URLSearchParams([...names.map((name) => [name, callersKey]), ["beta", "1"]]);
  await inOrder(endpoint).fetch(`${url}?${query}`, init());
  const [{ path }] = await requestsOf(simulator, endpoint.apiKey);
  assert.equal(path, "/v1/chat/completions?beta=1");
});

for (const version of versions) {
  test(`a client of openai ${version} sends its own headers, and the engine sends them`, async () => {
    const client = newClient(version, simulator, { organization: "org-target" });
    const response = await inOrder(client).fetch(url, init());
    assert.equal(response.status, 200);
    const [request] = await requestsOf(simulator, client.apiKey);
    assert.ok(isNative(request));
    const sent = Object.fromEntries(request.headers);
    assert.equal(sent["openai-organization"], "org-target");
    assert.match(sent["user-agent"], new RegExp(`^OpenAI/JS ${version}\\.`));
  });

  test(`a client of openai ${version} with a fetch of its own is called itself`, async () => {
    const client = newClient(version, simulator, {
      fetch: (...args) => globalThis.fetch(...args),
    });
    const { fetch } = inOrder(client);
    const whole = await fetch(url, init());
    assert.equal(whole.headers.get("x-should-retry"), "false");
    assert.equal((await whole.json()).model, "first");
    const streamed = JSON.stringify({ ...JSON.parse(body), stream: true });
    const events = await (await fetch(url, init({ body: streamed }))).text();
    assert.ok(events.endsWith("data: [DONE]\n\n"));
    const vectors = await fetch("https://x.example/v1/embeddings", init({ body: '{"input":"a"}' }));
    assert.equal((await vectors.json()).model, "first");
    const headers = simulate({ fault: { kind: "status", status: 404, body: "gone" } });
    const failed = await fetch(url, init({ headers }));
    assert.equal(failed.status, 404);
    assert.equal(failed.headers.get("x-should-retry"), "false");
    assert.ok((await requestsOf(simulator, client.apiKey)).every((entry) => !isNative(entry)));
  });
}

test("a body is handed over as it came, with its headers and bytes", async () => {
  const text = 'zß水🍌 "q"';
  const { fetch } = inOrder(target(simulator, { text, headers: { "x-provider": "one" } }));
  const response = await fetch(url, init());
  assert.equal(response.headers.get("x-provider"), "one");
  assert.match(response.headers.get("x-request-id"), /^req_/);
  assert.equal(response.ok, true);
  assert.equal(response.url, `${simulator.url}/chat/completions`);
  assert.equal((await response.json()).choices[0].message.content, text);
});

test("a text that JSON.parse would change is sent as it was given", async () => {
  const endpoint = target(simulator);
  const given = '{ "model": "any", "seed": 12345678901234567890, "messages": [] }';
  await inOrder(endpoint).fetch(url, init({ body: given }));
  const [request] = await requestsOf(simulator, endpoint.apiKey);
  assert.equal(request.body, given.replace("any", "first"));
});

test("a body without a model, or with two, gets the target's", async () => {
  const endpoint = target(simulator);
  const { fetch } = inOrder(endpoint);
  await fetch(url, init({ body: '{"messages":[]}' }));
  await fetch(url, init({ body: '{"model":"a","messages":[],"model":"b"}' }));
  await fetch(url, init({ body: '{"model":3,"messages":[]}' }));
  const sent = await requestsOf(simulator, endpoint.apiKey);
  assert.deepEqual(
    sent.map((entry) => JSON.parse(entry.body)),
    Array(3).fill({ messages: [], model: "first" }),
  );
  assert.equal(sent[1].body.split('"model"').length, 2);
});

describe("failover", () => {
  test("a refusal moves on, and the caller sees only the answer", async () => {
    const multiplexer = inOrder(target(simulator, refusal), target(simulator));
    const response = await multiplexer.fetch(url, init());
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal((await response.json()).model, "other-0");
    const { id, attempts } = reportOf(response);
    assert.equal(id, "other-0");
    assert.deepEqual(
      attempts.map(({ outcome, status }) => [outcome, status]),
      [
        ["rate_limited", 429],
        ["success", 200],
      ],
    );
  });

  test("when all refuse, the last refusal is the response", async () => {
    const headers = { "retry-after": "7" };
    const last = target(simulator, { fault: { ...refusal.fault, headers } });
    const response = await inOrder(target(simulator, refusal), last).fetch(url, init());
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "7");
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal(typeof (await response.json()).error.message, "string");
  });

  test("while all rest, the response is a 429 that says for how long", async () => {
    const limited = target(simulator, {
      fault: { ...refusal.fault, headers: { "retry-after": "30" } },
    });
    const { fetch } = inOrder(limited);
    await fetch(url, init());
    const response = await fetch(url, init());
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal(response.headers.get("content-type"), "application/json");
    const seconds = Number(response.headers.get("retry-after"));
    assert.ok(seconds > 25 && seconds <= 30, String(seconds));
    const milliseconds = Number(response.headers.get("retry-after-ms"));
    assert.ok(milliseconds > 25_000 && milliseconds <= 30_000);
    assert.deepEqual(await response.json(), {
      error: {
        message: "All models are temporarily rate limited.",
        type: "rate_limit_error",
        code: "rate_limited",
        param: null,
      },
    });
    assert.equal((await requestsOf(simulator, limited.apiKey)).length, 1);
  });

  test("without models the response is a 503", async () => {
    const response = await new Multiplexer({ logger: false }).fetch(url, init());
    assert.equal(response.status, 503);
    assert.equal((await response.json()).error.code, "no_models");
  });

  test("any other failure is the server's own response", async () => {
    const fault = { kind: "status", status: 400, body: { error: { message: "bad" }, x: 1 } };
    const endpoint = target(simulator, { fault });
    const response = await inOrder(endpoint, target(simulator)).fetch(url, init());
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.deepEqual(await response.json(), fault.body);
    const text = target(simulator, { fault: { kind: "status", status: 403, body: "<html>" } });
    assert.equal(await (await inOrder(text).fetch(url, init())).text(), "<html>");
  });

  test("a server that cannot be reached is a 502, one that is silent a 504", async () => {
    const dead = over({ baseURL: "http://127.0.0.1:9/v1", apiKey: "k" });
    const response = await dead.fetch(url, init());
    assert.equal(response.status, 502);
    assert.equal(response.headers.get("x-should-retry"), "false");
    assert.equal((await response.json()).error.type, "connection_error");
    const client = newClient(6, simulator, { timeout: 100 });
    const silent = await inOrder(client).fetch(
      url,
      init({ headers: simulate({ fault: { kind: "noAnswer" } }) }),
    );
    assert.equal(silent.status, 504);
    assert.equal((await silent.json()).error.type, "timeout_error");
  });

  test("a target whose client has no way to a path is passed over", async () => {
    const mock = { chat: { completions: { create: async () => ({ model: "mock" }) } } };
    const multiplexer = inOrder(mock, target(simulator));
    assert.equal((await (await multiplexer.fetch(url, init())).json()).model, "mock");
    const response = await multiplexer.fetch("https://x.example/v1/embeddings", {
      method: "POST",
      body: '{"input":"a"}',
    });
    assert.equal((await response.json()).model, "other-0");
    const none = await inOrder(mock).fetch("https://x.example/v1/embeddings", {
      method: "POST",
      body: "{}",
    });
    assert.equal(none.status, 500);
    assert.match((await none.json()).error.message, /has no such method/);
  });

  test("a mock's stream is a stream of events", async () => {
    async function* chunks() {
      yield { n: 1 };
      yield { n: 2 };
    }
    const mock = { chat: { completions: { create: async () => chunks() } } };
    const response = await inOrder(mock).fetch(url, init());
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    assert.equal(await response.text(), 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n');
  });

  test("an error of a client that is called itself is a response with its status and body", async () => {
    const error = Object.assign(new Error("409 busy"), {
      status: 409,
      error: { message: "busy", code: "x" },
      headers: { "x-one": "1", "content-length": "3" },
    });
    const create = () => Promise.reject(error);
    const response = await inOrder({ chat: { completions: { create } } }).fetch(url, init());
    assert.equal(response.status, 409);
    assert.equal(response.headers.get("x-one"), "1");
    assert.deepEqual(await response.json(), { error: { message: "busy", code: "x" } });
  });
});

describe("a stream", () => {
  const streamed = (more) =>
    init({ body: JSON.stringify({ ...JSON.parse(body), stream: true }), ...more });

  test("comes event by event, and not faster than it is read", async () => {
    const endpoint = target(simulator, { tokens: 1_000_000 });
    const response = await inOrder(endpoint).fetch(url, streamed());
    assert.match(response.headers.get("content-type"), /^text\/event-stream/);
    const reader = response.body.getReader();
    assert.match(Buffer.from((await reader.read()).value).toString(), /^data: \{/);
    let before = -1;
    await until(async () => {
      const [{ tokensSent }] = await requestsOf(simulator, endpoint.apiKey);
      await new Promise((resolve) => setTimeout(resolve, 200));
      const still = tokensSent === before;
      before = tokensSent;
      return still;
    });
    assert.ok(before < 1_000_000);
    await reader.cancel();
    await departure(simulator, endpoint.apiKey);
  });

  test("that is aborted fails with the reason, and its request ends", async () => {
    const endpoint = target(simulator, { tokens: 1_000, tokenIntervalMs: 10 });
    const controller = new AbortController();
    const response = await inOrder(endpoint).fetch(url, streamed({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 30);
    assert.equal((await rejection(response.text())).name, "AbortError");
    await departure(simulator, endpoint.apiKey);
  });

  test("that breaks off fails as by fetch", async () => {
    const fault = { kind: "cut", afterTokens: 2 };
    const endpoint = target(simulator, { fault, tokens: 5, tokenIntervalMs: 10 });
    const response = await inOrder(endpoint).fetch(url, streamed());
    const error = await rejection(response.text());
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "terminated");
  });
});

describe("an abort", () => {
  test("before the headers rejects with the signal's reason, and counts nowhere", async () => {
    const endpoint = target(simulator, { latencyMs: 60_000 });
    const multiplexer = inOrder(endpoint);
    const controller = new AbortController();
    const reason = new Error("no longer");
    const pending = multiplexer.fetch(url, init({ signal: controller.signal }));
    setTimeout(() => controller.abort(reason), 50);
    assert.equal(await rejection(pending), reason);
    await departure(simulator, endpoint.apiKey);
    assert.deepEqual(multiplexer.getStats().first, { success: 0, rateLimited: 0, failed: 0 });
  });

  test("that came first sends nothing, also as the signal of a Request", async () => {
    const endpoint = target(simulator);
    const signal = AbortSignal.abort();
    const { fetch } = inOrder(endpoint);
    assert.equal((await rejection(fetch(url, init({ signal })))).name, "AbortError");
    assert.equal((await rejection(fetch(new Request(url, init({ signal }))))).name, "AbortError");
    assert.deepEqual(await requestsOf(simulator, endpoint.apiKey), []);
  });
});

describe("other requests", () => {
  test("the models are those of the multiplexer", async () => {
    const multiplexer = inOrder(target(simulator), target(simulator));
    const response = await multiplexer.fetch("https://x.example/v1/models");
    const { object, data } = await response.json();
    assert.equal(object, "list");
    assert.deepEqual(
      data.map(({ id }) => id),
      ["first", "other-0"],
    );
  });

  test("a stored response is asked of the target that made it", async () => {
    const targets = Array.from({ length: 4 }, () => target(simulator));
    const multiplexer = new Multiplexer({ logger: false });
    for (const endpoint of targets) {
      multiplexer.addModel(endpoint, 1, "gpt", { id: endpoint.apiKey });
    }
    const { fetch } = multiplexer;
    const base = "https://x.example/v1/responses";
    for (const stream of [false, true, false]) {
      const made = await fetch(base, init({ body: JSON.stringify({ input: "hi", stream }) }));
      const [, id] = /"id":"(resp_[^"]+)"/.exec(await made.text());
      const { id: maker } = reportOf(made);
      const read = await fetch(`${base}/${id}?include=x`);
      assert.equal((await read.json()).id, id);
      const next = await fetch(
        base,
        init({ body: JSON.stringify({ input: "hi", previous_response_id: id }) }),
      );
      assert.equal(reportOf(next).id, maker);
      assert.equal((await fetch(`${base}/${id}`, { method: "DELETE" })).status, 200);
      const gone = await fetch(`${base}/${id}`);
      assert.equal(gone.status, 404);
      assert.equal(reportOf(gone).attempts[0].id, maker);
      await fetch(`${base}/${id}/cancel`, { method: "POST" });
      const sent = (await requestsOf(simulator, maker)).map(({ method, path }) => [method, path]);
      assert.deepEqual(sent.slice(-5), [
        ["GET", `/v1/responses/${id}?include=x`],
        ["POST", "/v1/responses"],
        ["DELETE", `/v1/responses/${id}`],
        ["GET", `/v1/responses/${id}`],
        ["POST", `/v1/responses/${id}/cancel`],
      ]);
    }
    const unknown = await fetch(`${base}/resp_unknown`);
    assert.equal(unknown.status, 404);
    assert.equal((await unknown.json()).error.code, "unknown_response");
  });

  test("what cannot be sent is a 400 that says why", async () => {
    const key = newKey();
    const { fetch } = over({ baseURL: simulator.url, apiKey: key });
    const form = new FormData();
    form.append("file", new Blob(["x"]), "x.txt");
    for (const [input, given] of [
      ["https://x.example/v1/files", undefined],
      ["https://x.example/v1/files", { method: "POST", body: form }],
      [url, { method: "POST", body: "[]" }],
      [url, { method: "POST", body: "no JSON" }],
      [url, { method: "PUT", body }],
    ]) {
      const response = await fetch(input, given);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("x-should-retry"), "false");
      assert.match((await response.json()).error.message, /multiplexer\.fetch cannot send/);
    }
    assert.deepEqual(await requestsOf(simulator, key), []);
  });
});
