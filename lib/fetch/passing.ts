// Which of the caller's headers and query parameters go to a target. A target is asked with its own
// credentials and its own description of itself; what the caller says of its account, its
// connection or its SDK stays.

/** Names of what must not reach another server. */
const secret =
  /authorization|cookie|(?:^|[-_])(?:auth|(?:(?:api|access|auth|subscription|functions)[-_]?key)|token|secret|password)$/;

/** In a query also words that are too common for a header: Google's `key`, Azure's `sig` and `code`. */
const secretInQuery =
  /^(?:key|code|sig|signature|credential|x-amz-(?:signature|credential)|(?:access|auth)token)$/;

const ofTheCaller = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "forwarded",
  "host",
  "keep-alive",
  "openai-organization",
  "openai-project",
  "origin",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
]);

const ofTheCallersSdk = /^(?:x-stainless-|sec-|proxy-|x-forwarded-)/;

/** True if the header is passed on; `name` is in lower case. */
function passes(name: string): boolean {
  return !secret.test(name) && !ofTheCaller.has(name) && !ofTheCallersSdk.test(name);
}

/** The headers to pass on; undefined if there are none. */
export function headersToPass(headers: Headers): Record<string, string> | undefined {
  const passed = [...headers].filter(([name]) => passes(name));
  return passed.length === 0 ? undefined : Object.fromEntries(passed);
}

/** True if the query parameter is passed on. */
function passesInQuery([given]: [string, string]): boolean {
  const name = given.toLowerCase();
  // Which version of Azure's API a target speaks is its own matter.
  return !secret.test(name) && !secretInQuery.test(name) && name !== "api-version";
}

/** The query to pass on; undefined if there is none. */
export function queryToPass(query: URLSearchParams): Record<string, string> | undefined {
  const passed = [...query].filter(passesInQuery);
  return passed.length === 0 ? undefined : Object.fromEntries(passed);
}
