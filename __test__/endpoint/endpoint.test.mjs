// Targets that are given as a plain endpoint: what is sent, and answers in the package's own classes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startSimulator } from "../support/simulator.mjs";
import {
  arrival,
  collect,
  departure,
  hello,
  newClient,
  newKey,
  ours,
  over,
  rejection,
  requestsOf,
  simulate,
  textOf,
  until,
} from "../clients/sdks.mjs";

const alive = setInterval(() => undefined, 60_000);
after(() => clearInterval(alive));
const limit = { timeout: 10_000 };

let simulator;
before(async () => (simulator = await startSimulator()));
after(() => simulator.stop());

const streaming = { ...hello, stream: true };
const endpoint = (behaviour = {}, more = {}) => ({
  baseURL: simulator.url,
  apiKey: newKey(),
  ...more,
  headers: { ...simulate(behaviour), ...more.headers },
});
const create = (target, options) => over(target, options).chat.completions.create;
const headersOf = ({ headers }) => Object.fromEntries(headers);

test("a request carries what it must, and nothing of an SDK", limit, async () => {
  const target = endpoint();
  await create(target)(hello);
  const [request] = await requestsOf(simulator, target.apiKey);
  assert.deepEqual([request.method, request.path], ["POST", "/v1/chat/completions"]);
  assert.deepEqual(JSON.parse(request.body), { ...hello, model: "gpt" });
  const headers = headersOf(request);
  assert.equal(headers.authorization, `Bearer ${target.apiKey}`);
  assert.equal(headers.accept, "application/json");
  assert.equal(headers["content-type"], "application/json");
  assert.match(headers["user-agent"], /^model-multiplexer/);
  assert.deepEqual(
    Object.keys(headers).filter((name) => name.startsWith("x-stainless")),
    [],
  );
});

test("an endpoint's own headers are sent, over the package's own", limit, async () => {
  const target = endpoint({}, { headers: { "X-Title": "mine", "user-agent": "me/1" } });
  await create(target)(hello);
  const headers = headersOf((await requestsOf(simulator, target.apiKey))[0]);
  assert.deepEqual([headers["x-title"], headers["user-agent"]], ["mine", "me/1"]);
});

test("an endpoint's own headers may be a Headers", limit, async () => {
  const target = endpoint();
  const headers = new Headers({ ...target.headers, "X-Title": "mine" });
  await create({ ...target, headers })(hello);
  const sent = headersOf((await requestsOf(simulator, target.apiKey))[0]);
  assert.equal(sent["x-title"], "mine");
});

test("what is done to an endpoint's object later has no effect", limit, async () => {
  const target = endpoint();
  const key = target.apiKey;
  const multiplexer = over(target);
  Object.assign(target, { apiKey: newKey(), baseURL: "http://127.0.0.1:9/v1", headers: {} });
  await multiplexer.chat.completions.create(hello);
  assert.equal((await requestsOf(simulator, key)).length, 1);
});

for (const [what, headers] of Object.entries({
  "an object": { "x-one": "1", "x-title": null, "x-none": undefined },
  Headers: new Headers({ "x-one": "1", "x-title": "" }),
  pairs: [
    ["x-one", "1"],
    ["x-title", null],
  ],
})) {
  test(`headers of a call are sent over the endpoint's: ${what}`, limit, async () => {
    const target = endpoint({}, { headers: { "x-title": "mine" } });
    await create(target)(hello, { headers });
    const sent = headersOf((await requestsOf(simulator, target.apiKey))[0]);
    assert.equal(sent["x-one"], "1");
    assert.ok(!sent["x-title"]);
    assert.ok(!("x-none" in sent));
  });
}

test("headers as the newer SDKs hand them on are taken: values and removals", limit, async () => {
  const target = endpoint({}, { headers: { "x-title": "mine" } });
  const headers = { values: new Headers({ "x-one": "1" }), nulls: new Set(["x-title"]) };
  await create(target)(hello, { headers });
  const sent = headersOf((await requestsOf(simulator, target.apiKey))[0]);
  assert.equal(sent["x-one"], "1");
  assert.ok(!("x-title" in sent) && !("values" in sent) && !("nulls" in sent));
});

for (const path of [
  "/../../admin",
  "../../admin",
  "/%2e%2e/%2E./admin",
  "/\\..\\..\\admin",
  "/.\t./../admin",
]) {
  test(`the path ${JSON.stringify(path)} does not lead away from an endpoint`, limit, async () => {
    const target = endpoint({}, { baseURL: simulator.url.replace("/v1", "/tenant-a/v1") });
    const multiplexer = over(target);
    const calls = [multiplexer.chat.completions.create(hello, { path })];
    if (path.startsWith("/"))
      calls.push(multiplexer.post(path), over(newClient(7, simulator)).post(path));
    for (const error of await Promise.all(calls.map(rejection))) {
      assert.ok(error instanceof ours.MultiplexerError, String(error));
      assert.match(error.message, /^path must /);
    }
    assert.deepEqual(await requestsOf(simulator, target.apiKey), []);
  });
}

test("a path may have dots that are no steps", limit, async () => {
  const target = endpoint();
  await over(target)
    .post("/v1.2/...", {})
    .catch(() => undefined);
  const [{ path }] = await requestsOf(simulator, target.apiKey);
  assert.equal(path, "/v1/v1.2/...");
});

test("an endpoint's URL may end with a slash and may hold a query", limit, async () => {
  for (const [suffix, query, path] of [
    ["/", undefined, "/v1/chat/completions"],
    ["?a=1", undefined, "/v1/chat/completions?a=1"],
    ["?a=1", { b: "2" }, "/v1/chat/completions?a=1&b=2"],
    ["", { a: "x y" }, "/v1/chat/completions?a=x+y"],
  ]) {
    const target = endpoint({}, { baseURL: `${simulator.url}${suffix}` });
    await create(target)(hello, { query });
    assert.equal((await requestsOf(simulator, target.apiKey))[0].path, path);
  }
});

test("a stream is read, and has the members of the SDK's", limit, async () => {
  const stream = await create(endpoint({ text: "one two 水" }))(streaming);
  assert.deepEqual(
    ["tee", "toReadableStream"].map((name) => typeof stream[name]),
    ["function", "function"],
  );
  assert.ok(stream.controller instanceof AbortController);
  const [left, right] = stream.tee();
  const chunks = await collect(left);
  assert.equal(textOf(chunks), "one two 水");
  assert.deepEqual(await collect(right), chunks);
});

test("toReadableStream() gives a line of JSON for each chunk", limit, async () => {
  const stream = await create(endpoint({ text: "one two" }))(streaming);
  const lines = (await new Response(stream.toReadableStream()).text()).trimEnd().split("\n");
  assert.equal(textOf(lines.map((line) => JSON.parse(line))), "one two");
});

test("cancelling toReadableStream() leaves the server", limit, async () => {
  const target = endpoint({ tokens: 100_000, tokenIntervalMs: 1 });
  const stream = await create(target)(streaming);
  const reader = stream.toReadableStream().getReader();
  await reader.read();
  await reader.cancel();
  await departure(simulator, target.apiKey);
});

test("a second iteration is an error", limit, async () => {
  const stream = await create(endpoint())(streaming);
  await collect(stream);
  const error = await rejection(collect(stream));
  assert.ok(error instanceof ours.MultiplexerError);
  assert.match(error.message, /consumed stream, use `\.tee\(\)`/);
});

const classes = {
  400: "BadRequestError",
  401: "AuthenticationError",
  402: "APIError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  409: "ConflictError",
  422: "UnprocessableEntityError",
  429: "RateLimitError",
  500: "InternalServerError",
  503: "InternalServerError",
  529: "InternalServerError",
};

for (const [status, name] of Object.entries(classes)) {
  test(
    `a ${status} is the package's own ${name}, with all that the server said`,
    limit,
    async () => {
      const body = { error: { message: "bad", type: "t", code: "c", param: "p" } };
      const fault = { kind: "status", status: Number(status), body };
      const target = endpoint({ fault, requestId: "req_5" });
      const error = await rejection(create(target)(hello, { maxRetries: 0 }));
      assert.equal(error.constructor, ours[name]);
      assert.ok(error instanceof ours.APIError && error instanceof ours.MultiplexerError);
      assert.deepEqual(
        [error.name, error.message, error.status, error.type, error.code, error.param],
        [name, `${status} bad`, Number(status), "t", "c", "p"],
      );
      assert.deepEqual([error.error, error.requestID], [body.error, "req_5"]);
      assert.equal(error.headers.get("content-type"), "application/json");
    },
  );
}

for (const [what, body] of Object.entries({
  "an error of OpenAI": { error: { message: "bad" } },
  "a string as error": { error: "oops" },
  text: "plain",
  nothing: "",
  "no error inside": { detail: "oops" },
  HTML: "<html>no</html>",
})) {
  test(`the message for a body with ${what} is the SDK's`, limit, async () => {
    const fault = { kind: "status", status: 400, body };
    const sdk = newClient(7, simulator, { defaultHeaders: simulate({ fault }) });
    const theirs = await rejection(sdk.chat.completions.create({ ...hello, model: "gpt" }));
    const own = await rejection(create(endpoint({ fault }))(hello));
    assert.equal(own.message, theirs.message);
  });
}

test("a server that is not there is an APIConnectionError with its cause", limit, async () => {
  const error = await rejection(
    create({ baseURL: "http://127.0.0.1:9/v1", apiKey: "sk" })(hello, { maxRetries: 0 }),
  );
  assert.equal(error.constructor, ours.APIConnectionError);
  assert.equal(error.message, "Connection error.");
  assert.ok(error.cause instanceof Error);
  assert.equal(error.status, undefined);
});

test("no answer in time is an APIConnectionTimeoutError", limit, async () => {
  const target = endpoint({ fault: { kind: "noAnswer" } });
  const error = await rejection(create(target)(hello, { timeout: 50, maxRetries: 0 }));
  assert.equal(error.constructor, ours.APIConnectionTimeoutError);
  assert.ok(error instanceof ours.APIConnectionError);
  await departure(simulator, target.apiKey);
});

test("an abort is an APIUserAbortError, before, during and within", limit, async () => {
  const idle = endpoint();
  const early = await rejection(create(idle)(hello, { signal: AbortSignal.abort() }));
  assert.deepEqual(await requestsOf(simulator, idle.apiKey), []);
  const waiting = endpoint({ fault: { kind: "noAnswer" } });
  const controller = new AbortController();
  const pending = rejection(create(waiting)(hello, { signal: controller.signal }));
  await arrival(simulator, waiting.apiKey);
  controller.abort();
  for (const error of [early, await pending]) {
    assert.equal(error.constructor, ours.APIUserAbortError);
    assert.equal(error.message, "Request aborted");
  }
  const target = endpoint({ tokens: 100_000, tokenIntervalMs: 1 });
  const other = new AbortController();
  let count = 0;
  for await (const _ of await create(target)(streaming, { signal: other.signal })) {
    if (++count === 3) other.abort();
  }
  assert.equal(count, 3);
  await departure(simulator, target.apiKey);
});

test("an error in a stream is an APIError with what the server said", limit, async () => {
  const error = { message: "over", type: "server_error", code: "c", param: "p" };
  const target = endpoint({ fault: { kind: "errorEvent", afterTokens: 2, error } });
  const failure = await rejection(collect(await create(target)(streaming)));
  assert.equal(failure.constructor, ours.APIError);
  assert.deepEqual(
    [failure.message, failure.status, failure.type, failure.code, failure.param],
    ["over", undefined, "server_error", "c", "p"],
  );
});

test("a stream that is cut or malformed is an APIConnectionError", limit, async () => {
  for (const kind of ["cut", "malformedEvent"]) {
    const target = endpoint({ tokens: 50, fault: { kind, afterTokens: 5 } });
    const failure = await rejection(collect(await create(target)(streaming)));
    assert.equal(failure.constructor, ours.APIConnectionError, kind);
  }
});

test("a 5xx is tried again twice unless told otherwise", limit, async () => {
  const fault = { kind: "status", status: 503, headers: { "retry-after-ms": "1" } };
  for (const [options, attempts] of [
    [undefined, 3],
    [{ maxRetries: 0 }, 1],
    [{ maxRetries: 4 }, 5],
  ]) {
    const target = endpoint({ fault });
    await rejection(create(target)(hello, options));
    assert.equal((await requestsOf(simulator, target.apiKey)).length, attempts);
  }
});

test(
  "a refusal goes on to the next target at once, be it an endpoint or a client",
  limit,
  async () => {
    const limited = endpoint({ fault: { kind: "status", status: 429 } });
    const multiplexer = over(limited, undefined, "limited");
    multiplexer.addFallbackModel(newClient(7, simulator), 1, "client");
    assert.equal((await multiplexer.chat.completions.create(hello)).model, "client");
    assert.equal((await requestsOf(simulator, limited.apiKey)).length, 1);
  },
);

test("a reply has its request id, and its response", limit, async () => {
  const pending = create(endpoint({ requestId: "req_8" }))(hello);
  const { data, response, request_id: id } = await pending.withResponse();
  assert.equal(data._request_id, "req_8");
  assert.ok(!Object.keys(data).includes("_request_id"));
  assert.deepEqual([response.status, id], [200, "req_8"]);
});

test("an endpoint works where openai is not installed", { timeout: 20_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "model-multiplexer-bare-"));
  try {
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const place = join(folder, "package");
    mkdirSync(place);
    const files = readdirSync(root).filter(
      (name) => /^(index|native)\.m?js$/.test(name) || name.endsWith(".node"),
    );
    for (const name of [...files, "package.json"])
      copyFileSync(join(root, name), join(place, name));
    const program = join(folder, "program.mjs");
    copyFileSync(fileURLToPath(new URL("without-openai.mjs", import.meta.url)), program);
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [program, simulator.url, newKey()],
      { cwd: folder, env: { PATH: process.env.PATH } },
    );
    assert.equal(stderr, "");
    assert.deepEqual(JSON.parse(stdout), {
      openai: "absent",
      object: "chat.completion",
      streamed: true,
      bad: true,
      limited: true,
      loaded: [],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a stream that is left in the middle is closed at the server", limit, async () => {
  const target = endpoint({ tokens: 100_000, tokenIntervalMs: 1 });
  for await (const _ of await create(target)(streaming)) break;
  await departure(simulator, target.apiKey);
  await until(async () => (await simulator.stats()).streamsOpen === 0);
});
