// Written for @upstash/model-multiplexer: mocked clients under vitest.

import { Multiplexer } from "@upstash/model-multiplexer";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const zeros = { success: 0, rateLimited: 0, failed: 0 };
const clientOf = (create) => ({ chat: { completions: { create } } });
const refusal = () => Object.assign(new Error("Too many requests"), { status: 429 });
const params = { model: "any", messages: [{ role: "user", content: "hi" }] };

let multiplexer;

beforeEach(() => {
  multiplexer = new Multiplexer();
  for (const level of ["log", "warn", "error"])
    vi.spyOn(console, level).mockImplementation(() => {});
});

afterEach(() => {
  multiplexer.reset();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("mocked clients", () => {
  test("are called with the registered model", async () => {
    const create = vi.fn().mockResolvedValue({ choices: [] });
    multiplexer.addModel(clientOf(create), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).resolves.toEqual({ choices: [] });
    expect(create).toHaveBeenCalledExactlyOnceWith({ ...params, model: "gpt" }, undefined);
    expect(multiplexer.getStats()).toStrictEqual({ gpt: { ...zeros, success: 1 } });
  });

  test("are chosen by Math.random", async () => {
    multiplexer.addModel(
      clientOf(async () => "first"),
      1,
      "a",
    );
    multiplexer.addModel(
      clientOf(async () => "second"),
      1,
      "b",
    );
    vi.spyOn(Math, "random").mockReturnValueOnce(0.9).mockReturnValueOnce(0.1);
    expect(await multiplexer.chat.completions.create(params)).toBe("second");
    expect(await multiplexer.chat.completions.create(params)).toBe("first");
    expect(Math.random).toHaveBeenCalledTimes(2);
  });
});

describe("errors", () => {
  test("of arguments are Errors", () => {
    const add = () => multiplexer.addModel(clientOf(vi.fn()), 1, "");
    expect(add).toThrow(Error);
    expect(add).toThrowError("modelName must be a non-empty string.");
  });

  test("of calls are Errors", async () => {
    const pending = multiplexer.chat.completions.create(params);
    await expect(pending).rejects.toThrow("No models available in the multiplexer.");
    await expect(pending).rejects.toBeInstanceOf(Error);
  });

  test("of clients are rethrown", async () => {
    const error = new TypeError("broken");
    multiplexer.addModel(clientOf(vi.fn().mockRejectedValue(error)), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).rejects.toBe(error);
  });
});

for (const [kind, options] of Object.entries({
  all: undefined,
  "timers alone": { toFake: ["setTimeout", "clearTimeout"] },
  "Date alone": { toFake: ["Date"] },
})) {
  test(`rests end under fake timers: ${kind}`, async () => {
    vi.useFakeTimers(options);
    const create = vi.fn().mockRejectedValueOnce(refusal()).mockResolvedValue("back");
    multiplexer.addModel(clientOf(create), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).rejects.toMatchObject({
      status: 429,
    });
    vi.advanceTimersByTime(59_000);
    await expect(multiplexer.chat.completions.create(params)).rejects.toThrow(
      "All models are temporarily rate limited.",
    );
    vi.advanceTimersByTime(1_001);
    expect(await multiplexer.chat.completions.create(params)).toBe("back");
  });
}

test("vi.setSystemTime ends a rest", async () => {
  vi.useFakeTimers();
  vi.setSystemTime(1_000_000);
  const create = vi.fn().mockRejectedValueOnce(refusal()).mockResolvedValue("back");
  multiplexer.addModel(clientOf(create), 1, "gpt");
  await multiplexer.chat.completions.create(params).catch(() => {});
  vi.setSystemTime(1_060_001);
  expect(await multiplexer.chat.completions.create(params)).toBe("back");
});
