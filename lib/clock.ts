// Whose clock and whose chance count: the host's where a program has replaced them (fake timers,
// seeded tests), else the engine's own, which NaN stands for.

/** True for the engine's own function of this name: a bound one, a Proxy or a mock reads otherwise. */
function isBuiltIn(candidate: unknown, name: string): boolean {
  if (typeof candidate !== "function") return false;
  const text = Function.prototype.toString.call(candidate).replaceAll(/\s+/g, " ");
  return text === `function ${name}() { [native code] }`;
}

let knownNow: unknown = undefined;
let nowIsBuiltIn = true;

/** The time in milliseconds if `Date.now` has been replaced, else NaN. */
export function hostNow(): number {
  const now = Date.now as unknown;
  if (now !== knownNow) {
    knownNow = now;
    nowIsBuiltIn = isBuiltIn(now, "now");
  }
  if (nowIsBuiltIn) return Number.NaN;
  // A mock may give anything. By no time at all, whoever rests still does.
  const time: unknown = Date.now();
  return typeof time === "number" && !Number.isNaN(time) ? time : 0;
}

let knownRandom: unknown = undefined;
let randomIsBuiltIn = true;

/** True if `Math.random` has been replaced. */
export function isHostDraw(): boolean {
  const random = Math.random as unknown;
  if (random !== knownRandom) {
    knownRandom = random;
    randomIsBuiltIn = isBuiltIn(random, "random");
  }
  return !randomIsBuiltIn;
}

/** A draw by a replaced `Math.random`. One that is no number picks the last, as any beyond 1 does. */
export function hostDraw(): number {
  const draw: unknown = Math.random();
  return typeof draw === "number" && !Number.isNaN(draw) ? draw : Number.POSITIVE_INFINITY;
}
