// The floor: what it costs in JavaScript to make a request and parse what comes, and nothing else.

import { request } from "undici";

import { key, model, params } from "./question.mjs";

export function make({ url }) {
  const post = async (body) => {
    const { statusCode, body: answer } = await request(`${url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}: ${await answer.text()}`);
    return answer;
  };
  return {
    complete: async () => JSON.parse(await (await post({ model, ...params })).text()),
    stream: async () => events(await post({ model, ...params, stream: true })),
  };
}

/** Takes for granted that every event is one line `data: ` and an empty one. */
async function* events(body) {
  body.setEncoding("utf8");
  let rest = "";
  for await (const text of body) {
    const parts = (rest + text).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      if (part !== "data: [DONE]") yield JSON.parse(part.slice(6));
    }
  }
}
