// Builds an event's object from the few strings in which it differs from a sample. Every object
// and array in it is made anew; the sample itself is never handed out.

type Step = string | number;
type Container = Record<Step, unknown>;

/** A container of the sample, and what in it must be made anew. */
interface Node {
  readonly members: Container;
  /** The same, for an array. */
  readonly elements: unknown[] | undefined;
  /** Where the event's own strings go, and which they are. */
  readonly holes: readonly { readonly key: Step; readonly hole: number }[];
  readonly children: readonly { readonly key: Step; readonly node: Node }[];
}

/** Makes an event of its strings, which begin at `at`. */
type Build = (strings: readonly string[], at: number) => unknown;

/** A sample event with holes for strings. */
export class Template {
  /** How many strings an event needs. */
  readonly holes: number;
  /** The event whose strings begin at a place. */
  readonly build: Build;

  /**
   * @param description `{"sample": …, "paths": [["choices", 0, …], …]}` as JSON
   * @param normalise what is done to an event's object besides
   */
  constructor(description: string, normalise: (event: unknown) => unknown = (event) => event) {
    const { sample, paths } = JSON.parse(description) as Description;
    const holes = paths.map((path, hole) => ({ path, hole }));
    this.holes = holes.length;
    const normal = normalise(sample);
    if (paths.every((path) => leadsToString(normal, path))) {
      const root = compile(normal as Container, holes);
      this.build = chunkBuilder(root) ?? ((strings, at) => fill(root, strings, at));
    } else {
      // A hole is in what is made anew of each event.
      const root = compile((JSON.parse(description) as Description).sample, holes);
      this.build = (strings, at) => normalise(fill(root, strings, at));
    }
  }
}

interface Description {
  readonly sample: Container;
  readonly paths: Step[][];
}

/** Whether a path leads through objects and arrays, as its steps say, to a string. */
function leadsToString(value: unknown, path: readonly Step[]): boolean {
  for (const step of path) {
    if (Array.isArray(value) !== (typeof step === "number")) return false;
    value = (value as Container)[step];
  }
  return typeof value === "string";
}

/**
 * A faster way for what nearly every chunk of a chat completion is: one choice, whose delta has one
 * string, and at most one string beside the choices (OpenAI's `obfuscation`).
 */
function chunkBuilder(root: Node): Build | undefined {
  const choices = onlyChild(root, "choices");
  const choice = choices?.elements?.length === 1 ? onlyChild(choices, 0) : undefined;
  const delta = choice && onlyChild(choice, "delta");
  const text = delta?.elements === undefined ? delta?.holes[0] : undefined;
  if (choice === undefined || delta === undefined || text === undefined) return undefined;
  if (choice.holes.length > 0 || delta.holes.length > 1 || delta.children.length > 0) {
    return undefined;
  }
  if (root.holes.length > 1) return undefined;
  const { members: base } = root;
  const { members: choiceBase } = choice;
  const { members: deltaBase } = delta;
  const [beside] = root.holes;
  return (strings, at) => {
    const deltaCopy = { ...deltaBase };
    deltaCopy[text.key] = strings[at + text.hole];
    const choiceCopy: Container = { ...choiceBase };
    choiceCopy["delta"] = deltaCopy;
    const event: Container = { ...base };
    event["choices"] = [choiceCopy];
    if (beside !== undefined) event[beside.key] = strings[at + beside.hole];
    return event;
  };
}

/** The child at a key, if there is no other. */
function onlyChild({ children }: Node, key: Step): Node | undefined {
  const [child] = children;
  return children.length === 1 && child?.key === key ? child.node : undefined;
}

function compile(members: Container, holes: { path: Step[]; hole: number }[]): Node {
  const inside = (key: Step): typeof holes =>
    holes
      .filter(({ path }) => path[0] === key && path.length > 1)
      .map(({ path, hole }) => ({ path: path.slice(1), hole }));
  const elements = Array.isArray(members) ? (members as unknown[]) : undefined;
  const keys: Step[] = elements === undefined ? Object.keys(members) : [...elements.keys()];
  const children = keys.flatMap((key) => {
    const value = members[key];
    if (typeof value !== "object" || value === null) return [];
    return [{ key, node: compile(value as Container, inside(key)) }];
  });
  const own = holes.flatMap(({ path, hole }) => {
    const key = path[0];
    return path.length === 1 && key !== undefined ? [{ key, hole }] : [];
  });
  return { members, elements, holes: own, children };
}

function fill(node: Node, strings: readonly string[], at: number): Container {
  const { members, elements, holes, children } = node;
  const copy = elements === undefined ? { ...members } : (elements.slice() as unknown as Container);
  for (const { key, hole } of holes) copy[key] = strings[at + hole];
  for (const { key, node: child } of children) copy[key] = fill(child, strings, at);
  return copy;
}
