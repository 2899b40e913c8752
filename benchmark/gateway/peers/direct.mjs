// Nothing in between: the provider.

export function start({ upstream }) {
  return {
    url: `${upstream.origin}/v1/chat/completions`,
    headers: { "content-type": "application/json", authorization: "Bearer sk-bench" },
    stop: () => Promise.resolve(),
  };
}
