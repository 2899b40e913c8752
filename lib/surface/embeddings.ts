// `embeddings.create()`. As the openai SDK does it: the numbers travel as base64 unless the program
// asks for a format, and come out as numbers.

import { callMember } from "../operation.js";
import type { Operation } from "../operation.js";
import { embeddingsResource } from "../sdk/resource.js";

export const embeddings: Operation = {
  name: "embeddings.create",
  method: "post",
  path: "/embeddings",
  profileKey: "embeddings ",
  resource: embeddingsResource,
  streams: () => false,
  body: (params) => (asksForFormat(params) ? params : { ...params, encoding_format: "base64" }),
  reply: (value, params) => (asksForFormat(params) ? value : withNumbers(value)),
  call: (client, params, options) =>
    callMember(client, ["embeddings", "create"], [params, options]),
};

function asksForFormat(params: unknown): boolean {
  return Boolean((params as { encoding_format?: unknown } | null | undefined)?.encoding_format);
}

/** Decodes in place. A server that does not know base64 has sent numbers, which stay. */
function withNumbers(value: unknown): unknown {
  const { data } = (value ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) return value;
  for (const item of data as ({ embedding?: unknown } | null)[]) {
    if (typeof item?.embedding === "string") item.embedding = numbersOf(item.embedding);
  }
  return value;
}

/** Little-endian floats of 32 bits. */
function numbersOf(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  const numbers = new Array<number>(Math.floor(bytes.length / 4));
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = bytes.readFloatLE(index * 4);
  return numbers;
}
