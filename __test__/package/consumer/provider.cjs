// A provider that knows one answer, whole or streamed.

const { createServer } = require("node:http");

const chunk = (delta, finish_reason = null) => ({
  id: "chunk",
  object: "chat.completion.chunk",
  created: 1,
  model: "atlas",
  choices: [{ index: 0, delta, finish_reason }],
});

const whole = {
  id: "whole",
  object: "chat.completion",
  created: 1,
  model: "atlas",
  choices: [
    {
      index: 0,
      finish_reason: "stop",
      logprobs: null,
      message: { role: "assistant", content: "Paris", refusal: null },
    },
  ],
};

/** Starts the provider, and hands its base URL to `use`; stops when that is done. */
exports.withProvider = async function withProvider(use) {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { stream, model } = JSON.parse(body);
    if (model !== "atlas") return response.writeHead(404).end();
    if (!stream) {
      response.setHeader("content-type", "application/json");
      return response.end(JSON.stringify(whole));
    }
    response.setHeader("content-type", "text/event-stream");
    for (const event of [chunk({ content: "Par" }), chunk({ content: "is" }), chunk({}, "stop")]) {
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }
    response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/v1`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};
