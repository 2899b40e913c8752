// Bursts as in streams.mjs, and in a second pass, whose cost is not counted, how the chunks came to
// be objects: by how many calls of JSON.parse, and how many as a whole instead of from a template.

import { readAllOf } from "./read.mjs";
import { work as streams } from "./streams.mjs";
import { keepBusy } from "./workers.mjs";

const countedSeconds = 0.5;

export async function work(client, task) {
  const figures = await streams(client, task);
  return { ...figures, ...(await countParses(client, task)) };
}

async function countParses(client, { concurrency, tokens }) {
  const { parse } = JSON;
  let calls = 0;
  let whole = 0;
  JSON.parse = (text, reviver) => {
    const value = parse(text, reviver);
    calls++;
    // Several events are parsed in one call: those that fill templates are strings in it.
    if (Array.isArray(value)) whole += value.filter((item) => typeof item === "object").length;
    return value;
  };
  try {
    const job = async () => readAllOf(await client.stream(), tokens);
    const chunks = await keepBusy(concurrency, countedSeconds, job);
    return { parses: calls / chunks, whole: (100 * whole) / chunks };
  } finally {
    JSON.parse = parse;
  }
}
