// What a thrown value tells of the attempt that it ended, whichever SDK threw it: openai's and
// Anthropic's errors, the AI SDK's, Google's, axios', `fetch`'s own, a `Response`. It gathers; the
// engine judges.

/** What the engine is told. */
export interface Evidence {
  readonly status: number | undefined;
  /** Names in lower case and values in turn. */
  readonly headers: string[];
  readonly body: string;
  readonly code: string | undefined;
}

/** How deep an error may wrap another. */
const deepest = 6;
/** How much of an answer is handed on; more is never an error's. */
const longestBody = 64 * 1024;
const mostHeaders = 64;

type Fields = Record<string, unknown>;

/** Gathers from the error, then from what it wraps; what is further out counts before. */
export function evidenceOf(thrown: unknown): Evidence {
  let status: number | undefined;
  let headers: string[] = [];
  let body = "";
  let words = "";
  const codes: string[] = [];
  for (const fields of layers(thrown)) {
    status ??= statusOf(fields);
    if (headers.length === 0) headers = headersOf(fields);
    if (body === "") body = bodyOf(fields);
    if (words === "") words = wordsOf(fields);
    codes.push(...codesOf(fields));
  }
  // The words of what is further out must not hide an answer that is further in.
  if (body === "") body = words;
  const code = codes.find(isOfTheNetwork) ?? codes.find(isOfAnEnd) ?? codes[0];
  return { status, headers, body, code };
}

/** The error and those within it, the outermost first. */
function* layers(thrown: unknown): Generator<Fields> {
  let next = thrown;
  for (let depth = 0; depth < deepest; depth++) {
    if (typeof next !== "object" || next === null) return;
    const fields = next as Fields;
    yield fields;
    const response = get(fields, "response");
    if (typeof response === "object" && response !== null) yield response as Fields;
    const all = get(fields, "errors");
    // The AI SDK's RetryError, Node's AggregateError: the last says how it ended.
    const last: unknown = Array.isArray(all) ? all.at(-1) : undefined;
    next = get(fields, "lastError") ?? get(fields, "cause") ?? last;
  }
}

/** A member, also of objects whose getters throw. */
function get(fields: Fields, name: string): unknown {
  try {
    return fields[name];
  } catch {
    return undefined;
  }
}

function statusOf(fields: Fields): number | undefined {
  const candidates = [get(fields, "status"), get(fields, "statusCode"), get(fields, "code")];
  const metadata = get(fields, "$metadata");
  if (typeof metadata === "object" && metadata !== null) {
    candidates.push(get(metadata as Fields, "httpStatusCode"));
  }
  return candidates.map(toStatus).find((status) => status !== undefined);
}

function toStatus(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return undefined;
  return number >= 100 && number <= 599 ? number : undefined;
}

function headersOf(fields: Fields): string[] {
  return pairsOf(get(fields, "headers") ?? get(fields, "responseHeaders")).flat();
}

/** Names in lower case with their values, of any headers; none of what is none. */
export function pairsOf(headers: unknown): [string, string][] {
  if (typeof headers !== "object" || headers === null) return [];
  try {
    const isIterable = headers instanceof Headers || headers instanceof Map;
    const pairs = isIterable ? [...headers] : entriesOf(headers);
    return pairs.slice(0, mostHeaders).flatMap(([name, value]): [string, string][] => {
      const isText = typeof value === "string" || typeof value === "number";
      return isText ? [[String(name).toLowerCase(), String(value)]] : [];
    });
  } catch {
    return [];
  }
}

/** Of any version's Headers, else of a plain object. */
function entriesOf(given: object): [unknown, unknown][] {
  const { entries } = given as { entries?: unknown };
  if (typeof entries !== "function") return Object.entries(given);
  return [...(entries.call(given) as Iterable<[unknown, unknown]>)];
}

/** The answer's body, as JSON where it is an object. */
function bodyOf(fields: Fields): string {
  const error = get(fields, "error");
  if (typeof error === "object" && error !== null) {
    // openai's has what is within `error`, Anthropic's what is around it.
    return asJson("error" in error ? error : { error });
  }
  for (const name of ["responseBody", "body", "data"]) {
    const value = get(fields, name);
    if (typeof value === "string" && value !== "") return cut(value);
    const isPlain = typeof value === "object" && value !== null && !isStream(value);
    if (isPlain) return asJson(value);
  }
  const details = get(fields, "errorDetails");
  const message = get(fields, "message");
  if (Array.isArray(details)) return asJson({ error: { message, details } });
  // Google's SDK puts the answer into the message, after words of its own.
  const begins = typeof message === "string" ? message.indexOf("{") : -1;
  const json = begins < 0 ? "" : (message as string).slice(begins);
  return isJson(json) ? cut(json) : "";
}

/** What the error says itself, where there is no answer. */
function wordsOf(fields: Fields): string {
  const message = get(fields, "message");
  if (typeof message !== "string") return "";
  return asJson({ error: { message, type: get(fields, "type"), code: get(fields, "code") } });
}

function isStream(value: object): boolean {
  return Symbol.asyncIterator in value || "getReader" in value;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function asJson(value: object): string {
  try {
    return cut(JSON.stringify(value));
  } catch {
    return "";
  }
}

function cut(text: string): string {
  return text.length > longestBody ? "" : text;
}

function codesOf(fields: Fields): string[] {
  const all = [get(fields, "code"), get(fields, "name"), className(fields)];
  return all.filter((one): one is string => typeof one === "string" && one !== "Error");
}

/** openai before 5 names its errors "Error" all. */
function className(fields: Fields): unknown {
  return (get(fields, "constructor") as { name?: unknown } | undefined)?.name;
}

/** A deadline, or the caller's own abort. */
function isOfAnEnd(code: string): boolean {
  return /Abort|Timeout|^ERR_CANCELED$/i.test(code);
}

/** What a connection failed with counts before what wraps it. */
function isOfTheNetwork(code: string): boolean {
  return /^(E[A-Z]{3,}|EAI_\w+|UND_ERR_\w+|ERR_(TLS|SSL|HTTP2)_\w+)$/.test(code);
}
