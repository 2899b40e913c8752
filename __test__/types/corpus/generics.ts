import { Multiplexer } from "@upstash/model-multiplexer";

interface HasChat {
  chat: { completions: { create: (...args: any[]) => Promise<any> } };
}

export function traced<T extends HasChat>(target: T, log: (ms: number) => void): T {
  const { create } = target.chat.completions;
  target.chat.completions.create = async (...args) => {
    const start = performance.now();
    try {
      return await create(...args);
    } finally {
      log(performance.now() - start);
    }
  };
  return target;
}

export const multiplexer: Multiplexer = traced(new Multiplexer(), console.log);
export type AsyncResult<F extends (...args: any[]) => Promise<any>> = Awaited<ReturnType<F>>;
export type Reply = AsyncResult<Multiplexer["chat"]["completions"]["create"]>;
