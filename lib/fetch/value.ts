// What a client's own method has returned, as the response that it came from; or as one like it,
// where the client does not tell.

import { isStream } from "../call/slot.js";

/** The response behind a client's promise. */
export async function toResponse(result: unknown): Promise<Response> {
  const { asResponse } = (result ?? {}) as { asResponse?: () => Promise<Response> };
  if (typeof asResponse === "function") return asResponse.call(result);
  const value: unknown = await result;
  if (value instanceof Response) return value;
  if (!isStream(value)) return Response.json(value ?? null);
  return new Response(eventStream(value), { headers: { "content-type": "text/event-stream" } });
}

/** A client's stream as server-sent events. */
function eventStream(events: AsyncIterable<unknown>): ReadableStream {
  const encoder = new TextEncoder();
  const iterator = events[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const result = (await iterator.next()) as IteratorResult<unknown, unknown>;
        const data = result.done === true ? "[DONE]" : JSON.stringify(result.value);
        controller.enqueue(encoder.encode(`data: ${data}\n\n`));
        if (result.done === true) controller.close();
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
