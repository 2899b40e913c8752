import { mock, test } from "node:test";
import { Multiplexer } from "@upstash/model-multiplexer";

test("mocks", async () => {
  const multiplexer = new Multiplexer();
  const create = mock.method(multiplexer.chat.completions, "create", async () => ({ choices: [] }));
  await multiplexer.chat.completions.create({ model: "x", messages: [] });
  if (create.mock.callCount() !== 1) throw new Error("not called");
});
