// What becomes of a call for every fault that the simulator has, under each policy, for JSON and
// for streams: written by hand. matrix.test.mjs holds the package to it, and docs/failover.md has
// it as a table.
//
// Two targets, the second only a fallback. A row with `server` has one of its own, with this configuration, and like
// one with `http2` speaks HTTP/2 with it. A cell is [what the caller gets, how often the first
// target is asked (undefined: once more for each connection that it had closed), who answers the
// next call].
//
//   own                 the first target's answer, whole
//   other               the other target's answer, whole
//   error(class, …)     the call, or the loop over its stream, fails with this
//   cut(text)           the loop fails with StreamInterruptedError after this text
//   ends(text)          the stream ends after this text as if it were whole
//   gives(value)        what `create` resolves with instead of an answer
//   waits(text)         nothing more comes after this text; the call is left by its caller

export const own = "own";
export const other = "other";
const error = (name, status, code) => ({ error: name, status, code });
const cut = (text, cause) => ({ cut: text, cause });
const ends = (text) => ({ ends: text });
const gives = (value) => ({ gives: value });
const waits = (text) => ({ waits: text });

/** What the first target answers where it is well, and the other one. */
export const words = { own: "one two three four five six", other: "another answer altogether" };
const begun = "one two three";

/** Deadlines of the cells under "resilient". */
export const timeouts = { firstTokenMs: 1500, stallMs: 1500 };

const both = (cell) => ({ json: cell, stream: cell });

/** The openai SDK asks three times, with its pauses, and gives up. */
const asksThrice = (...given) => both([error(...given), 3, own]);
const passesOn = both([other, 1, other]);
const isCallers = (...given) => both([error(...given), 1, own]);
/** One more try after a moment, then the other target. */
const triesTwice = both([other, 2, other]);

/** An error that a provider sends. What it asks for is too long for the SDK to wait. */
const refusal = (provider, reason, more) => ({
  fault: { kind: "refusal", provider, reason, delayMs: 60_000, ...more },
});

export const rows = [
  {
    what: "500",
    fault: { kind: "status", status: 500 },
    compat: asksThrice("InternalServerError", 500),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "503 (overloaded)",
    fault: { kind: "status", status: 503 },
    compat: asksThrice("InternalServerError", 503),
    resilient: passesOn,
    outcome: "overloaded",
  },
  {
    what: "529 (overloaded)",
    fault: { kind: "status", status: 529 },
    compat: passesOn,
    resilient: passesOn,
    outcome: "overloaded",
  },
  {
    what: "429",
    fault: { kind: "status", status: 429 },
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "429 before the request was read, then a reset",
    fault: { kind: "status", status: 429, early: true },
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "408",
    fault: { kind: "status", status: 408 },
    compat: asksThrice("APIError", 408),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "401",
    fault: { kind: "status", status: 401 },
    compat: isCallers("AuthenticationError", 401),
    resilient: passesOn,
    outcome: "bad_credentials",
  },
  {
    what: "403",
    fault: { kind: "status", status: 403 },
    compat: isCallers("PermissionDeniedError", 403),
    resilient: passesOn,
    outcome: "bad_credentials",
  },
  {
    what: "402",
    fault: { kind: "status", status: 402 },
    compat: isCallers("APIError", 402),
    resilient: passesOn,
    outcome: "quota_used_up",
  },
  {
    what: "404",
    fault: { kind: "status", status: 404 },
    compat: isCallers("NotFoundError", 404),
    resilient: passesOn,
    outcome: "model_not_found",
  },
  {
    what: "400",
    fault: { kind: "status", status: 400 },
    compat: isCallers("BadRequestError", 400),
    resilient: isCallers("BadRequestError", 400),
    outcome: "bad_request",
  },
  {
    what: "OpenAI: too many requests",
    ...refusal("openai", "rateLimited"),
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "OpenAI: too many tokens",
    ...refusal("openai", "tokensLimited"),
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "OpenRouter: the day's free requests are used up",
    ...refusal("openrouter", "dailyLimit"),
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "Anthropic: overloaded (529)",
    ...refusal("anthropic", "overloaded"),
    compat: passesOn,
    resilient: passesOn,
    outcome: "overloaded",
  },
  {
    what: "OpenAI: the quota is used up (429)",
    ...refusal("openai", "quotaUsedUp"),
    compat: passesOn,
    resilient: passesOn,
    outcome: "quota_used_up",
  },
  {
    what: "DeepSeek: the quota is used up (402)",
    ...refusal("deepseek", "quotaUsedUp"),
    compat: isCallers("APIError", 402),
    resilient: passesOn,
    outcome: "quota_used_up",
  },
  {
    what: "OpenRouter: fewer tokens can be afforded (402)",
    ...refusal("openrouter", "fewerTokens"),
    compat: isCallers("APIError", 402),
    resilient: both([other, 1, own]),
    outcome: "quota_used_up",
  },
  {
    what: "OpenAI: a bad key (401)",
    ...refusal("openai", "badKey"),
    compat: isCallers("AuthenticationError", 401, "invalid_api_key"),
    resilient: passesOn,
    outcome: "bad_credentials",
  },
  {
    what: "Gemini: a bad key (400)",
    ...refusal("gemini", "badKey"),
    compat: isCallers("BadRequestError", 400),
    resilient: passesOn,
    outcome: "bad_credentials",
  },
  {
    what: "OpenAI: forbidden (403)",
    ...refusal("openai", "forbidden"),
    compat: isCallers("PermissionDeniedError", 403),
    resilient: passesOn,
    outcome: "model_not_found",
  },
  {
    what: "OpenAI: no such model (404)",
    ...refusal("openai", "modelNotFound"),
    compat: isCallers("NotFoundError", 404, "model_not_found"),
    resilient: passesOn,
    outcome: "model_not_found",
  },
  {
    what: "OpenAI: the context is too long (400)",
    ...refusal("openai", "contextTooLong"),
    compat: isCallers("BadRequestError", 400, "context_length_exceeded"),
    resilient: both([other, 1, own]),
    outcome: "context_too_long",
  },
  {
    what: "Groq: more tokens than a minute has (413)",
    ...refusal("groq", "requestTooLarge"),
    compat: isCallers("APIError", 413, "rate_limit_exceeded"),
    resilient: both([other, 1, own]),
    outcome: "rate_limited",
  },
  {
    what: "Azure: the content is refused (400)",
    ...refusal("azure", "contentRefused"),
    compat: isCallers("BadRequestError", 400, "content_filter"),
    resilient: both([other, 1, own]),
    outcome: "content_refused",
  },
  {
    what: "OpenAI: the request is wrong (400)",
    ...refusal("openai", "badRequest"),
    compat: isCallers("BadRequestError", 400),
    resilient: isCallers("BadRequestError", 400),
    outcome: "bad_request",
  },
  {
    what: "OpenAI: a server error (500)",
    ...refusal("openai", "serverError"),
    compat: asksThrice("InternalServerError", 500),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "OpenAI: too many requests, before the request was read",
    ...refusal("openai", "rateLimited", { early: true }),
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "The connection is reset before the headers",
    fault: { kind: "reset" },
    compat: asksThrice("APIConnectionError"),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "A kept connection turns out to be closed",
    fault: { kind: "staleConnection" },
    warm: true,
    compat: both([own, undefined, own]),
    resilient: both([own, undefined, own]),
    outcome: "unavailable",
  },
  {
    what: "A kept connection turns out to be reset",
    fault: { kind: "staleConnection", reset: true },
    warm: true,
    compat: both([own, undefined, own]),
    resilient: both([own, undefined, own]),
    outcome: "unavailable",
  },
  {
    what: "No answer; `timeout` of the call is 500 ms",
    fault: { kind: "noAnswer" },
    options: { timeout: 500 },
    compat: asksThrice("APIConnectionTimeoutError"),
    resilient: passesOn,
    outcome: "timed_out",
  },
  {
    what: "The first token, or a JSON answer, is late (`timeout` is 1 s)",
    fault: { kind: "slowFirstToken", ms: 3_000 },
    options: { timeout: 1_000 },
    compat: { json: [error("APIConnectionTimeoutError"), 3, own], stream: [own, 1, own] },
    resilient: passesOn,
    outcome: "timed_out",
  },
  {
    what: "The connection is cut before the first token",
    fault: { kind: "cut" },
    compat: {
      json: [error("TypeError"), 1, own],
      stream: [error("TypeError"), 1, own],
    },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "The connection is cut after some tokens",
    fault: { kind: "cut", afterTokens: 3 },
    compat: {
      json: [error("TypeError"), 1, own],
      stream: [{ ...error("TypeError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 2, other], stream: [cut(begun, "TypeError"), 1, other] },
    outcome: { json: "unavailable", stream: "truncated" },
  },
  {
    what: "Silence before the first token",
    fault: { kind: "stall" },
    compat: both([waits(""), 1, own]),
    resilient: passesOn,
    outcome: "timed_out",
  },
  {
    what: "Silence after some tokens",
    fault: { kind: "stall", afterTokens: 3 },
    compat: { json: [waits(""), 1, own], stream: [waits(begun), 1, own] },
    resilient: { json: [other, 1, other], stream: [cut(begun, "TypeError"), 1, other] },
    outcome: { json: "timed_out", stream: "truncated" },
  },
  {
    what: "Pings and no first token",
    fault: { kind: "pings", ms: 100 },
    compat: both([waits(""), 1, own]),
    resilient: { json: [waits(""), 1, own], stream: [other, 1, other] },
    outcome: { json: undefined, stream: "timed_out" },
  },
  {
    what: "Pings and no first token, with `totalMs` of 1 s",
    fault: { kind: "pings", ms: 100 },
    timeouts: { totalMs: 1_000, stallMs: 0, firstTokenMs: 0 },
    compat: both([waits(""), 1, own]),
    resilient: {
      json: [error("APIConnectionTimeoutError"), 1, other],
      stream: [error("APIConnectionTimeoutError"), 1, other],
    },
    outcome: "timed_out",
  },
  {
    what: "Pings after some tokens",
    fault: { kind: "pings", ms: 100, afterTokens: 3 },
    compat: { json: [waits(""), 1, own], stream: [waits(begun), 1, own] },
    resilient: { json: [waits(""), 1, own], stream: [cut(begun, "TypeError"), 1, other] },
    outcome: { json: undefined, stream: "truncated" },
  },
  {
    what: "A few pings, then the answer",
    fault: { kind: "pings", ms: 100, count: 3 },
    compat: both([own, 1, own]),
    resilient: both([own, 1, own]),
  },
  {
    what: "An event at two bytes a second",
    fault: { kind: "trickle", afterTokens: 3, bytesPerSecond: 2 },
    compat: { json: [waits(""), 1, own], stream: [waits(begun), 1, own] },
    resilient: { json: [waits(""), 1, own], stream: [cut(begun, "TypeError"), 1, other] },
    outcome: { json: undefined, stream: "truncated" },
  },
  {
    what: "The answer is whole, the stream stays open before `[DONE]`",
    fault: { kind: "neverCloses" },
    compat: { json: [own, 1, own], stream: [waits(words.own), 1, own] },
    resilient: both([own, 1, own]),
  },
  {
    what: "The answer is whole, the connection stays open after `[DONE]`",
    fault: { kind: "neverCloses", after: "done" },
    compat: both([own, 1, own]),
    resilient: both([own, 1, own]),
  },
  {
    what: "An event that is not JSON, before the first token",
    fault: { kind: "malformedEvent" },
    compat: both([error("SyntaxError"), 1, own]),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "An event that is not JSON, after some tokens",
    fault: { kind: "malformedEvent", afterTokens: 3 },
    compat: {
      json: [error("SyntaxError"), 1, own],
      stream: [{ ...error("SyntaxError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 2, other], stream: [cut(begun, "SyntaxError"), 1, other] },
    outcome: { json: "unavailable", stream: "truncated" },
  },
  {
    what: "OpenAI's error within a stream, or as a 200, before the first token",
    fault: { kind: "errorEvent" },
    compat: { json: [gives("error"), 1, own], stream: [error("APIError"), 1, own] },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "OpenAI's error after some tokens",
    fault: { kind: "errorEvent", afterTokens: 3 },
    compat: {
      json: [gives("error"), 1, own],
      stream: [{ ...error("APIError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 2, other], stream: [cut(begun, "APIError"), 1, other] },
    outcome: "unavailable",
  },
  {
    what: "Anthropic's error event (overloaded) after some tokens",
    fault: { kind: "errorEvent", provider: "anthropic", afterTokens: 3 },
    compat: {
      json: [gives("error"), 1, own],
      stream: [{ ...error("APIError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 1, other], stream: [cut(begun, "APIError"), 1, other] },
    outcome: "overloaded",
  },
  {
    what: 'OpenRouter\'s `finish_reason: "error"` after some tokens',
    fault: { kind: "errorEvent", provider: "openrouter", afterTokens: 3 },
    compat: {
      json: [gives("error"), 1, own],
      stream: [{ ...error("APIError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 2, other], stream: [cut(begun, "APIError"), 1, other] },
    outcome: "unavailable",
  },
  {
    what: "No `[DONE]`",
    fault: { kind: "missingDone" },
    compat: both([own, 1, own]),
    resilient: both([own, 1, own]),
  },
  {
    what: "No `finish_reason`",
    fault: { kind: "missingFinishReason" },
    compat: { json: [own, 1, own], stream: [own, 1, own] },
    resilient: { json: [own, 1, own], stream: [cut(words.own, "TypeError"), 1, other] },
    outcome: { json: undefined, stream: "truncated" },
  },
  {
    what: "No bytes in the body",
    fault: { kind: "emptyBody" },
    compat: { json: [gives("undefined"), 1, own], stream: [ends(""), 1, own] },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "A page of HTML with status 200",
    fault: { kind: "html" },
    compat: { json: [gives("the page"), 1, own], stream: [ends(""), 1, own] },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "A page of HTML with status 502",
    fault: { kind: "html", status: 502 },
    compat: asksThrice("InternalServerError", 502),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "JSON that is none",
    fault: { kind: "invalidJson" },
    compat: { json: [error("SyntaxError"), 1, own], stream: [ends(""), 1, own] },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "204",
    fault: { kind: "noContent" },
    compat: { json: [gives("null"), 1, own], stream: [error("OpenAIError"), 1, own] },
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "A redirect to another origin",
    fault: { kind: "redirect", location: "http://127.0.0.1:1/v1/chat/completions" },
    compat: isCallers("APIError", 307),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "HTTP/2: a goodbye after every answer",
    server: { goAwayAfter: 1 },
    compat: both([own, undefined, own]),
    resilient: both([own, undefined, own]),
  },
  {
    what: "HTTP/2: the stream is reset before the headers",
    http2: true,
    fault: { kind: "reset" },
    compat: asksThrice("APIConnectionError"),
    resilient: triesTwice,
    outcome: "unavailable",
  },
  {
    what: "HTTP/2: 429 before the request was read, then the stream is reset",
    http2: true,
    fault: { kind: "status", status: 429, early: true },
    compat: passesOn,
    resilient: passesOn,
    outcome: "rate_limited",
  },
  {
    what: "HTTP/2: the stream is reset after some tokens",
    http2: true,
    fault: { kind: "cut", afterTokens: 3 },
    compat: {
      json: [error("TypeError"), 1, own],
      stream: [{ ...error("TypeError"), text: begun }, 1, own],
    },
    resilient: { json: [other, 2, other], stream: [cut(begun, "TypeError"), 1, other] },
    outcome: { json: "unavailable", stream: "truncated" },
  },
];
