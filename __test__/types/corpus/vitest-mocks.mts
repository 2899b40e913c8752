import { Multiplexer } from "@upstash/model-multiplexer";
import { expect, test, vi } from "vitest";

test("spies", async () => {
  const multiplexer = new Multiplexer();
  const create = vi
    .spyOn(multiplexer.chat.completions, "create")
    .mockResolvedValue({ choices: [{ message: { content: "mocked" } }] });
  create.mockImplementationOnce(async (params) => ({ model: params.model }));

  multiplexer.addModel({ chat: { completions: { create: vi.fn() } } }, 1, "mock");
  await multiplexer.chat.completions.create({ model: "x", messages: [] });
  expect(create).toHaveBeenCalledOnce();
  expect(create.mock.calls[0]?.[0].model).toBe("x");
});
