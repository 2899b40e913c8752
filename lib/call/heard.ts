// What the HTTP response behind a client's answer tells of limits, where the client's promise leads
// to it as the SDKs' do. The answer itself is not touched.

import { hub } from "../hub.js";
import { pairsOf } from "./evidence.js";

/** An SDK's promise has the response at hand once it is fulfilled; nobody waits for another's. */
const mostTurns = 16;

/** Hands on the headers that tell of limits. `asked` is what the client's method has returned, fulfilled. */
export async function hear(call: number, asked: { asResponse: () => unknown }): Promise<void> {
  const wait = { isOver: false };
  const end = (): void => {
    wait.isOver = true;
  };
  const heard = Promise.resolve().then(async () => {
    const response = await asked.asResponse();
    const { headers } = (response ?? {}) as { headers?: unknown };
    const told = pairsOf(headers).filter(([name]) => name.includes("ratelimit"));
    if (told.length > 0 && !wait.isOver) hub.native.heard(call, told.flat());
  });
  heard.then(end, end);
  for (let turn = 0; turn < mostTurns && !wait.isOver; turn++) await Promise.resolve();
  end();
}

/** True for an SDK's promise. */
export function leadsToResponse(asked: unknown): asked is { asResponse: () => unknown } {
  try {
    return (
      typeof asked === "object" &&
      asked !== null &&
      typeof (asked as { asResponse?: unknown }).asResponse === "function"
    );
  } catch {
    return false;
  }
}
