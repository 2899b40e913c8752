// Whether a path stays where it begins: below a base URL, whose key goes nowhere else.

/** A segment that URLs take for a step up, or for none: also encoded, and behind a backslash. */
const step = /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i;
/** What URLs are read without. */
const ignored = /[\t\n\r]/g;

/** True for a path with a segment "." or "..". */
export function hasSteps(path: string): boolean {
  const [before = ""] = path.replace(ignored, "").split(/[?#]/, 1);
  return step.test(before);
}
