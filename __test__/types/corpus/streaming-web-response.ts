import { Multiplexer } from "@upstash/model-multiplexer";

const multiplexer = new Multiplexer();

export async function POST(request: Request): Promise<Response> {
  const { prompt } = (await request.json()) as { prompt: string };
  const stream = await multiplexer.chat.completions.create(
    { model: "x", messages: [{ role: "user", content: prompt }], stream: true },
    { signal: request.signal },
  );
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      for await (const chunk of stream) {
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`));
      }
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
