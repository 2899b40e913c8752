import { Multiplexer } from "@upstash/model-multiplexer";

interface Person {
  name: string;
  age: number;
}

export async function extract(multiplexer: Multiplexer, text: string): Promise<Person> {
  const completion = await multiplexer.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    response_format: {
      type: "json_schema",
      json_schema: { name: "person", strict: true, schema: { type: "object", properties: {} } },
    },
    seed: 7,
    stop: ["END"],
  });
  return JSON.parse(completion.choices[0].message.content ?? "{}") as Person;
}

export const loose = (multiplexer: Multiplexer) =>
  multiplexer.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content: "JSON please" }],
    response_format: { type: "json_object" },
  });
