// One cell of the matrix: a call to two targets of which the first has the fault, what came of it,
// and what is left behind.

import { Multiplexer, newKey, requestsOf, sdk, until } from "../clients/sdks.mjs";
import { own, timeouts, words } from "./rows.mjs";

/** Nothing may take longer; what waits for good is left after a while. */
const longest = 15_000;
const patience = 1_500;

/** Makes the calls of a cell, and tells what became of them. */
export async function play(simulator, row, policy, form, [expected, asked]) {
  const key = newKey();
  const fault = row.fault && { ...row.fault, first: asked };
  const behaviour = (text, more) => ({ "x-simulate": JSON.stringify({ text, ...more }) });
  const client = (options) =>
    new sdk[7]({ baseURL: simulator.url, apiKey: `${key}-other`, ...options });
  const recovers = policy === "recover";
  const isResilient = policy === "resilient" || recovers;
  const multiplexer = new Multiplexer({
    policy: isResilient ? "resilient" : policy,
    logger: false,
    ...(row.http2 === true || row.server !== undefined ? { http2: "prior-knowledge" } : undefined),
    cooldown: { minMs: 60_000, maxMs: 60_000 },
    ...(isResilient ? { timeouts: row.timeouts ?? timeouts } : undefined),
    ...(recovers ? { midStream: "recover" } : undefined),
  });
  const faulty = row.warm === true ? row.fault : fault;
  const first = client({ apiKey: key, defaultHeaders: behaviour(words.own, { fault: faulty }) });
  // Only who says the same can go on with an answer.
  const second = client({ defaultHeaders: behaviour(recovers ? words.own : words.other) });
  multiplexer.addModel(first, 1, "first", { maxConcurrent: 1 });
  multiplexer.addFallbackModel(second, 1, "second", { maxConcurrent: 1 });

  // The fault is that of a connection that was used before.
  if (row.warm === true) await call(multiplexer, form, {}, longest);
  const before = (await requestsOf(simulator, key)).length;
  const mayWait = expected.waits === undefined ? longest : patience;
  const began = performance.now();
  const got = await call(multiplexer, form, row.options, mayWait);
  const took = performance.now() - began;
  const report = await until(() => {
    const report = multiplexer.getReport();
    return report.every(({ inFlight }) => inFlight === 0) && report;
  }, "every slot is back");
  const next = await call(multiplexer, form, {}, longest);
  const requests = await settled(simulator, key);
  multiplexer.close();
  // By what the first says, but for an answer that both give; then the first rests.
  const answersNext = next === own && !recovers;
  return {
    got,
    asked: asked === undefined ? undefined : requests.length - before - (answersNext ? 1 : 0),
    next,
    tookTooLong: took > longest,
    outcomes: Object.keys(report[0].outcomes).filter(
      // A call that waited for good was left.
      (name) => name !== "success" && (name !== "aborted" || expected.waits === undefined),
    ),
  };
}

/** The requests with this key, once none of them is under way. */
async function settled(simulator, key) {
  return until(async () => {
    const requests = await requestsOf(simulator, key);
    // What was cut off by the simulator itself is neither finished nor left.
    const cutOff = ({ headers }) =>
      /"kind":"(reset|cut|staleConnection)"|"early":true/.test(
        headers.find(([name]) => name === "x-simulate")?.[1] ?? "",
      );
    const isOver = (entry) => entry.finished || entry.clientLeft || cutOff(entry);
    return requests.every(isOver) && requests;
  }, "every connection of an attempt is closed or free");
}

async function call(multiplexer, form, options, mayWait) {
  const signal = AbortSignal.timeout(mayWait);
  const body = { model: "any", messages: [{ role: "user", content: "hi" }] };
  let text = "";
  try {
    if (form === "json") {
      const reply = await multiplexer.chat.completions.create(body, { ...options, signal });
      text = reply?.choices?.[0]?.message?.content;
      if (reply?.error !== undefined) return { gives: "error" };
      if (text === undefined)
        return { gives: typeof reply === "string" ? "the page" : String(reply) };
    } else {
      const asked = { ...body, stream: true };
      const stream = await multiplexer.chat.completions.create(asked, { ...options, signal });
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? "";
    }
  } catch (error) {
    return failure(error, text, signal.aborted);
  }
  if (signal.aborted) return { waits: text.trim() };
  return Object.keys(words).find((name) => words[name] === text) ?? { ends: text.trim() };
}

function failure(error, text, isAborted) {
  const name = error.constructor.name;
  if (isAborted) return { waits: text.trim() };
  if (name !== "StreamInterruptedError") {
    const { status, code } = error;
    return {
      error: name,
      status,
      code: typeof code === "string" ? code : undefined,
      ...(text === "" ? undefined : { text: text.trim() }),
    };
  }
  // It tells what the caller has been given.
  const isSame = error.text === text;
  return {
    cut: isSame ? text.trim() : `${error.text} instead of ${text}`,
    cause: error.cause.constructor.name,
  };
}
