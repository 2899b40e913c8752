// One listener for each AbortSignal, however many calls share it: Node.js warns at eleven.

type Listener = () => void;

const listeners = new WeakMap<AbortSignal, Set<Listener>>();

function onAbort(this: AbortSignal): void {
  const waiting = listeners.get(this);
  listeners.delete(this);
  for (const listener of waiting ?? []) listener();
}

/** Calls `listener` once when the signal is aborted, until it is taken back with `unlisten`. */
export function listen(signal: AbortSignal, listener: Listener): void {
  let waiting = listeners.get(signal);
  if (waiting === undefined) {
    waiting = new Set();
    listeners.set(signal, waiting);
    signal.addEventListener("abort", onAbort, { once: true });
  }
  waiting.add(listener);
}

/** Takes a listener back. */
export function unlisten(signal: AbortSignal, listener: Listener): void {
  const waiting = listeners.get(signal);
  if (waiting?.delete(listener) === true && waiting.size === 0) {
    listeners.delete(signal);
    signal.removeEventListener("abort", onAbort);
  }
}
