import { Multiplexer } from "@upstash/model-multiplexer";

export async function classify(multiplexer: Multiplexer, inputs: readonly string[]) {
  const results = await Promise.allSettled(
    inputs.map((content) =>
      multiplexer.chat.completions.create({
        model: "x",
        messages: [{ role: "user", content }],
        n: 1,
      }),
    ),
  );
  return results.map((result) =>
    result.status === "fulfilled" ? result.value.choices[0].message.content : String(result.reason),
  );
}

export const race = (multiplexer: Multiplexer, content: string) =>
  Promise.race([
    multiplexer.chat.completions.create({ model: "x", messages: [{ role: "user", content }] }),
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), 1000)),
  ]);
