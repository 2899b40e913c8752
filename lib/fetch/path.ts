// Which part of a URL names the endpoint: what follows the caller's base URL, which is not known
// here. The rest is replaced by the target's own base URL.

/** What most programs call, wherever their base URL ends. */
const endpoint = /\/(?:chat\/completions|completions|embeddings|responses)$/;
/** A base URL's version segment, the last one, and what Gemini has behind it. */
const version = /^.*\/v\d[\w.]*(?:\/openai)?(?=\/)/;
/** Collections whose members have paths of their own. */
const collection = /\/(?:responses|models)\/.*$|\/models$/;

/** The path below the caller's base URL; begins with a slash. */
export function pathBelowBase(pathname: string): string {
  const path = pathname.replace(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  const known = endpoint.exec(path);
  if (known !== null) return known[0];
  const base = version.exec(path);
  if (base !== null) return path.slice(base[0].length);
  return collection.exec(path)?.[0] ?? path;
}
