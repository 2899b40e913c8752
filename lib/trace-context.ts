// The trace that a call belongs to, for the headers of its requests: what OpenTelemetry's own
// propagator says, where a program has set one up. The API package is not imported: it is found
// where it registers itself for every copy of it.

interface Api {
  context?: { active(): unknown };
  propagation?: { inject(context: unknown, carrier: string[], setter: Setter): void };
}

interface Setter {
  set(carrier: string[], name: string, value: string): void;
}

const registered = Symbol.for("opentelemetry.js.api.1");

const setter: Setter = {
  set(carrier, name, value) {
    carrier.push(name, value);
  },
};

/** Names and values in turn; null where no trace is active. */
export function traceHeaders(): string[] | null {
  const api = (globalThis as Record<symbol, unknown>)[registered] as Api | undefined;
  if (api?.propagation === undefined || api.context === undefined) return null;
  const headers: string[] = [];
  try {
    api.propagation.inject(api.context.active(), headers, setter);
  } catch {
    // A propagator that fails must not fail the call.
    return null;
  }
  return headers.length === 0 ? null : headers;
}
