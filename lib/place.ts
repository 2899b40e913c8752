// Where in what a program gave the complaint of a check is: the checks of a target's options and of
// the multiplexer's speak of `options`, which have another name at other doors.

/** Members that only a definition's `client` has. */
const ofEndpoint = /^(?=(baseURL|apiKey|headers)\b)/;

/**
 * A check's message at the place `what` (empty for the top): `options.tier must …` at `models[1]` is
 * `models[1].tier must …`.
 */
export function inPlace(what: string, message: string): string {
  const within = what === "" ? "" : `${what}.`;
  if (/^options\b/.test(message)) {
    return message
      .replace(/(?<![\w"])options\./g, within)
      .replace(/^options(?=[ :])/, what === "" ? "config" : what);
  }
  // A field leads: `apiKey must …`, `headers: …`.
  if (/^[a-z]\w*(\.\w+)*( must\b|:)/.test(message)) return `${within}${message}`;
  return what === "" ? message : `${what}: ${message}`;
}

/** The same for a definition of `updateModels()`, whose endpoint is its `client`. */
export function inDefinition(what: string, message: string): string {
  return inPlace(what, message.replace(ofEndpoint, "client."));
}
