// Where what a call has made lies: a stored response can be continued, read or deleted only at the
// target, and with the key, that made it.

/** How many are remembered; the oldest are forgotten first. */
const mostKept = 10_000;

/** Targets by the ids of what they made. */
export class Places {
  readonly #targets = new Map<string, number>();

  /** @param id undefined for what has none */
  put(id: string | undefined, target: number): void {
    if (id === undefined) return;
    this.#targets.delete(id);
    this.#targets.set(id, target);
    if (this.#targets.size <= mostKept) return;
    const [oldest] = this.#targets.keys();
    if (oldest !== undefined) this.#targets.delete(oldest);
  }

  get(id: string): number | undefined {
    return this.#targets.get(id);
  }

  clear(): void {
    this.#targets.clear();
  }
}
