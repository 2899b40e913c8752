// A program with one of the tools that people put around OpenAI clients or under them: makes a
// call by a client, and by a multiplexer over it, and prints whether the tool saw each.

import { createRequire } from "node:module";
import { hello, Multiplexer, newKey } from "../clients/sdks.mjs";

const require = createRequire(import.meta.url);
const [tool, version] = process.argv.slice(2);
const url = process.env.SIMULATOR;

/** Spans that OpenTelemetry's own SDK has collected. */
async function collectSpans() {
  const { trace } = await import("@opentelemetry/api");
  const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } =
    await import("@opentelemetry/sdk-trace-base");
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  return { provider, count: () => exporter.getFinishedSpans().length };
}

/**
 * Each gives `wrap`, what a program does to its client, and `count`, how often the tool has seen
 * a call so far.
 */
const tools = {
  async none() {
    return { wrap: (client) => client, count: () => 0 };
  },
  async langfuse() {
    const { count } = await collectSpans();
    const { observeOpenAI } = await import("@langfuse/openai");
    return { wrap: (client) => observeOpenAI(client), count };
  },
  async langsmith() {
    const { wrapOpenAI } = await import("langsmith/wrappers/openai");
    const { Client } = await import("langsmith");
    let runs = 0;
    class Watched extends Client {
      async createRun() {
        runs++;
      }
      async updateRun() {}
    }
    const client = new Watched({
      apiKey: "none",
      apiUrl: "http://127.0.0.1:9",
      autoBatchTracing: false,
    });
    return {
      wrap: (sdk) => wrapOpenAI(sdk, { client, tracingEnabled: true }),
      count: () => runs,
    };
  },
  async braintrust() {
    const braintrust = await import("braintrust");
    const memory = braintrust._exportsForTestingOnly;
    await memory.simulateLoginForTests();
    const recorder = memory.useTestBackgroundLogger();
    braintrust.initLogger({ projectName: "test", projectId: "test" });
    let spans = 0;
    return {
      wrap: (client) => braintrust.wrapOpenAI(client),
      count: async () => (spans += (await recorder.drain()).length),
    };
  },
  async sentry() {
    const Sentry = await import("@sentry/node");
    let spans = 0;
    Sentry.init({
      dsn: "http://key@127.0.0.1:9/1",
      tracesSampleRate: 1,
      traceLifecycle: "static",
      beforeSendTransaction: (event) => {
        spans += event.spans.length;
        return null;
      },
    });
    return {
      wrap: (client) => Sentry.instrumentOpenAiClient(client),
      around: (call) => Sentry.startSpan({ name: "test" }, call),
      count: async () => {
        await Sentry.flush(500);
        return spans;
      },
    };
  },
  async openinference() {
    const { provider, count } = await collectSpans();
    const { OpenAIInstrumentation } = await import("@arizeai/openinference-instrumentation-openai");
    const instrumentation = new OpenAIInstrumentation({ tracerProvider: provider });
    instrumentation.manuallyInstrument(require(`openai${version}`).OpenAI);
    return { wrap: (client) => client, count };
  },
  async "opentelemetry-undici"() {
    const { provider, count } = await collectSpans();
    const { UndiciInstrumentation } = await import("@opentelemetry/instrumentation-undici");
    const instrumentation = new UndiciInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.enable();
    return { wrap: (client) => client, count };
  },
  async "undici-dispatcher"() {
    const { Agent, setGlobalDispatcher } = await import("undici");
    let requests = 0;
    const counting = (dispatch) => (options, handler) => {
      requests++;
      return dispatch(options, handler);
    };
    setGlobalDispatcher(new Agent().compose(counting));
    return { wrap: (client) => client, count: () => requests };
  },
  async "undici-proxy"() {
    const { ProxyAgent, setGlobalDispatcher } = await import("undici");
    const { createServer } = await import("node:http");
    const { connect } = await import("node:net");
    let tunnels = 0;
    const proxy = createServer().on("connect", (request, socket, head) => {
      tunnels++;
      const [host, port] = request.url.split(":");
      const upstream = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [socket, upstream]) end.on("error", () => undefined);
    });
    await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const { port } = proxy.address();
    setGlobalDispatcher(
      new ProxyAgent({
        uri: `http://127.0.0.1:${port}`,
        proxyTunnel: true,
        pipelining: 0,
        keepAliveTimeout: 1,
      }),
    );
    return { wrap: (client) => client, count: () => tunnels };
  },
  async msw() {
    const { http, passthrough } = await import("msw");
    const { setupServer } = await import("msw/node");
    let requests = 0;
    const server = setupServer(
      http.post(`${url}/chat/completions`, () => {
        requests++;
        return passthrough();
      }),
    );
    server.listen({ onUnhandledRequest: "bypass" });
    return { wrap: (client) => client, count: () => requests };
  },
  async nock() {
    const { default: nock } = await import("nock");
    nock.recorder.rec({ dont_print: true, logging: () => undefined, output_objects: true });
    return { wrap: (client) => client, count: () => nock.recorder.play().length };
  },
};

const { wrap, count, around = (call) => call() } = await tools[tool]();
const { OpenAI } = require(`openai${version}`);
const client = wrap(new OpenAI({ baseURL: url, apiKey: newKey(), maxRetries: 0 }));
const multiplexer = new Multiplexer({ logger: false });
multiplexer.addModel(client, 1, "gpt");

const seen = async (call) => {
  const before = await count();
  const { object } = await around(call);
  if (object !== "chat.completion") throw new Error(`it answered ${object}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return (await count()) > before;
};
const body = { ...hello, model: "gpt" };
const bySdk = await seen(() => client.chat.completions.create(body));
const byUs = await seen(() => multiplexer.chat.completions.create(body));
console.log(
  JSON.stringify({ bySdk, byUs, key: client.apiKey, ...multiplexer.explainTransport("gpt") }),
);
process.exit();
