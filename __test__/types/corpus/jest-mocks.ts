import { expect, jest, test } from "@jest/globals";
import { Multiplexer } from "@upstash/model-multiplexer";

test("spies", async () => {
  const multiplexer = new Multiplexer();
  const create = jest
    .spyOn(multiplexer.chat.completions, "create")
    .mockResolvedValue({ choices: [{ message: { content: "mocked" } }] });
  create.mockImplementationOnce(async (params) => ({ model: params.model }));
  create.mockRejectedValueOnce(new Error("boom"));

  const client = { chat: { completions: { create: jest.fn<() => Promise<any>>() } } };
  client.chat.completions.create.mockResolvedValue({});
  multiplexer.addModel(client, 1, "mock");

  await multiplexer.chat.completions.create({ model: "x", messages: [] });
  expect(create).toHaveBeenCalledWith({ model: "x", messages: [] });
  expect(create.mock.calls[0]?.[0].messages).toEqual([]);

  const mocked = jest.mocked(multiplexer);
  mocked.getStats.mockReturnValue({ x: { success: 1, rateLimited: 0, failed: 0 } });
});
