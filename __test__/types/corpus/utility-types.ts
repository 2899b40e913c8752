import { Multiplexer } from "@upstash/model-multiplexer";

type Create = Multiplexer["chat"]["completions"]["create"];
type Params = Parameters<Create>[0];
type Options = NonNullable<Parameters<Create>[1]>;
type Result = Awaited<ReturnType<Create>>;
type Stats = ReturnType<Multiplexer["getStats"]>;
type Client = Parameters<Multiplexer["addModel"]>[0];

const options: Options = {
  timeout: 1000,
  maxRetries: 0,
  idempotencyKey: "k",
  headers: { "x-a": "b" },
};

export async function call(create: Create, params: Params): Promise<Result> {
  const result: Result = await create(params, options);
  return result.choices[0].message;
}

export const total = (stats: Stats) => Object.values(stats).reduce((sum, s) => sum + s.success, 0);
export const register = (multiplexer: Multiplexer, client: Client) =>
  multiplexer.addModel(client, 1, "m");
export type Args = ConstructorParameters<typeof Multiplexer>;
