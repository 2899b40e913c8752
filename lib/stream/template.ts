// Builds an event's object from the few strings in which it differs from a sample. Every object
// and array in it is made anew; the sample itself is never handed out.

type Step = string | number;
type Container = Record<string, unknown> | unknown[];

/** A container of the sample, and what in it must be made anew. */
interface Node {
  readonly base: Container;
  readonly isArray: boolean;
  /** Where the event's own strings go, and which they are. */
  readonly holes: readonly { readonly key: Step; readonly hole: number }[];
  readonly children: readonly { readonly key: Step; readonly node: Node }[];
}

/** A sample event with holes for strings. */
export class Template {
  /** How many strings an event needs. */
  readonly holes: number;
  readonly #root: Node;

  /** @param description `{"sample": …, "paths": [["choices", 0, …], …]}` as JSON */
  constructor(description: string) {
    const { sample, paths } = JSON.parse(description) as { sample: Container; paths: Step[][] };
    this.holes = paths.length;
    this.#root = compile(
      sample,
      paths.map((path, hole) => ({ path, hole })),
    );
  }

  /** The event whose strings begin at `at`. */
  build(strings: readonly string[], at: number): unknown {
    return fill(this.#root, strings, at);
  }
}

function compile(base: Container, holes: { path: Step[]; hole: number }[]): Node {
  const inside = (key: Step): typeof holes =>
    holes
      .filter(({ path }) => path[0] === key && path.length > 1)
      .map(({ path, hole }) => ({ path: path.slice(1), hole }));
  const isArray = Array.isArray(base);
  const keys: Step[] = isArray ? [...base.keys()] : Object.keys(base);
  const children = keys.flatMap((key) => {
    const value = (base as Record<Step, unknown>)[key];
    if (typeof value !== "object" || value === null) return [];
    return [{ key, node: compile(value as Container, inside(key)) }];
  });
  return {
    base,
    isArray,
    holes: holes.flatMap(({ path, hole }) => {
      const key = path[0];
      return path.length === 1 && key !== undefined ? [{ key, hole }] : [];
    }),
    children,
  };
}

function fill(node: Node, strings: readonly string[], at: number): Container {
  const copy = (
    node.isArray ? (node.base as unknown[]).slice() : { ...(node.base as object) }
  ) as Record<Step, unknown>;
  for (const { key, hole } of node.holes) copy[key] = strings[at + hole];
  for (const { key, node: child } of node.children) copy[key] = fill(child, strings, at);
  return copy as Container;
}
