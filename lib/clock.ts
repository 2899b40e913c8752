// Whose clock and whose chance count: the host's where a program has replaced them (fake timers,
// seeded tests), else the engine's own, which NaN stands for.

const nativeCode = /\{\s*\[native code\]\s*\}$/;

function isNative(candidate: unknown): boolean {
  return (
    typeof candidate === "function" && nativeCode.test(Function.prototype.toString.call(candidate))
  );
}

let knownNow: unknown = undefined;
let nowIsNative = true;

/** The time in milliseconds if `Date.now` has been replaced, else NaN. */
export function hostNow(): number {
  const now = Date.now as unknown;
  if (now !== knownNow) {
    knownNow = now;
    nowIsNative = isNative(now);
  }
  return nowIsNative ? Number.NaN : Date.now();
}

let knownRandom: unknown = undefined;
let randomIsNative = true;

/** A draw if `Math.random` has been replaced, else NaN. */
export function hostDraw(): number {
  const random = Math.random as unknown;
  if (random !== knownRandom) {
    knownRandom = random;
    randomIsNative = isNative(random);
  }
  return randomIsNative ? Number.NaN : Math.random();
}
