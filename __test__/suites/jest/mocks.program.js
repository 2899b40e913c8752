// Written for @upstash/model-multiplexer: mocked clients under jest.
/* global jest, describe, test, expect, beforeEach, afterEach */

const { Multiplexer } = require("@upstash/model-multiplexer");

const zeros = { success: 0, rateLimited: 0, failed: 0 };
const clientOf = (create) => ({ chat: { completions: { create } } });
const refusal = () => Object.assign(new Error("Too many requests"), { status: 429 });
const params = { model: "any", messages: [{ role: "user", content: "hi" }] };

let multiplexer;

beforeEach(() => {
  multiplexer = new Multiplexer();
  for (const level of ["log", "warn", "error"]) {
    jest.spyOn(console, level).mockImplementation(() => {});
  }
});

afterEach(() => {
  multiplexer.reset();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe("mocked clients", () => {
  test("are called with the registered model", async () => {
    const create = jest.fn().mockResolvedValue({ choices: [] });
    multiplexer.addModel(clientOf(create), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).resolves.toEqual({ choices: [] });
    expect(create).toHaveBeenCalledTimes(1);
    expect(create).toHaveBeenCalledWith({ ...params, model: "gpt" }, undefined);
    expect(multiplexer.getStats()).toStrictEqual({ gpt: { ...zeros, success: 1 } });
  });

  test("are chosen by Math.random", async () => {
    const first = jest.fn().mockResolvedValue("first");
    const second = jest.fn().mockResolvedValue("second");
    multiplexer.addModel(clientOf(first), 1, "a");
    multiplexer.addModel(clientOf(second), 1, "b");
    jest.spyOn(Math, "random").mockReturnValueOnce(0.9).mockReturnValueOnce(0.1);
    expect(await multiplexer.chat.completions.create(params)).toBe("second");
    expect(await multiplexer.chat.completions.create(params)).toBe("first");
    expect(Math.random).toHaveBeenCalledTimes(2);
  });

  test("that refuse give way to the next, with messages", async () => {
    multiplexer.addModel(clientOf(jest.fn().mockRejectedValue(refusal())), 1, "gpt");
    multiplexer.addFallbackModel(
      clientOf(async () => "fallback"),
      1,
      "fallback",
    );
    expect(await multiplexer.chat.completions.create(params)).toBe("fallback");
    expect(console.warn).toHaveBeenCalledWith("Model gpt hit rate limit. Trying next model.");
    expect(console.log).toHaveBeenCalledWith(
      "Model gpt temporarily disabled for 60s due to rate limit.",
    );
  });
});

describe("errors", () => {
  test("of arguments are Errors", () => {
    const add = () => multiplexer.addModel(clientOf(jest.fn()), 0, "gpt");
    expect(add).toThrow(Error);
    expect(add).toThrow("Weight must be a positive integer.");
    expect(add).toThrow(new Error("Weight must be a positive integer."));
  });

  test("of calls are Errors, and equal to what is expected", async () => {
    const pending = multiplexer.chat.completions.create(params);
    await expect(pending).rejects.toThrow("No models available in the multiplexer.");
    await expect(pending).rejects.toBeInstanceOf(Error);
    await expect(pending).rejects.toEqual(new Error("No models available in the multiplexer."));
  });

  test("of clients are rethrown", async () => {
    const error = new TypeError("broken");
    multiplexer.addModel(clientOf(jest.fn().mockRejectedValue(error)), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).rejects.toBe(error);
    expect(console.error).toHaveBeenCalledWith("Error in Multiplexer: gpt", error);
  });

  test("of aborts are Errors", async () => {
    const controller = new AbortController();
    multiplexer.addModel(
      clientOf(async () => {
        controller.abort();
        throw new Error("stopped");
      }),
      1,
      "gpt",
    );
    const pending = multiplexer.chat.completions.create(params, { signal: controller.signal });
    await expect(pending).rejects.toThrow(new Error("Request aborted"));
  });

  test("promises are this realm's", () => {
    multiplexer.addModel(
      clientOf(async () => ({})),
      1,
      "gpt",
    );
    expect(multiplexer.chat.completions.create(params)).toBeInstanceOf(Promise);
    expect(multiplexer.getStats()).toBeInstanceOf(Object);
  });
});

for (const [kind, options] of Object.entries({
  modern: undefined,
  legacy: { legacyFakeTimers: true },
  "modern with a set time": { now: 1_700_000_000_000 },
})) {
  test(`rests end under ${kind} fake timers`, async () => {
    jest.useFakeTimers(options);
    const create = jest.fn().mockRejectedValueOnce(refusal()).mockResolvedValue("back");
    multiplexer.addModel(clientOf(create), 1, "gpt");
    await expect(multiplexer.chat.completions.create(params)).rejects.toMatchObject({
      status: 429,
    });
    jest.advanceTimersByTime(59_000);
    await expect(multiplexer.chat.completions.create(params)).rejects.toThrow(
      "All models are temporarily rate limited.",
    );
    jest.advanceTimersByTime(1_001);
    expect(await multiplexer.chat.completions.create(params)).toBe("back");
    expect(console.log).toHaveBeenLastCalledWith("Model gpt re-enabled after rate limit.");
  });
}

test("rests end when all timers are run", async () => {
  jest.useFakeTimers();
  const create = jest.fn().mockRejectedValueOnce(refusal()).mockResolvedValue("back");
  multiplexer.addModel(clientOf(create), 1, "gpt");
  await multiplexer.chat.completions.create(params).catch(() => {});
  expect(jest.getTimerCount()).toBe(1);
  jest.runAllTimers();
  expect(await multiplexer.chat.completions.create(params)).toBe("back");
});

test("a mocked Date.now ends a rest", async () => {
  const now = jest.spyOn(Date, "now").mockReturnValue(1_000_000);
  const create = jest.fn().mockRejectedValueOnce(refusal()).mockResolvedValue("back");
  multiplexer.addModel(clientOf(create), 1, "gpt");
  await multiplexer.chat.completions.create(params).catch(() => {});
  now.mockReturnValue(1_060_001);
  expect(await multiplexer.chat.completions.create(params)).toBe("back");
});

test("a multiplexer can itself be mocked", async () => {
  jest.spyOn(multiplexer.chat.completions, "create").mockResolvedValue("mocked");
  expect(await multiplexer.chat.completions.create(params)).toBe("mocked");
});
