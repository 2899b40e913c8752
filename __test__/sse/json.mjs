// JSON texts such as events carry: chunks of completions whose strings vary, and texts of any shape,
// written in every way that JSON allows and in some that it does not.

import fc from "fast-check";

/** What a string of a chunk is made of. */
const words = fc.constantFrom(
  ...["a", " word", "", "é", "水", "🍌", "\n", '"', "\\", "/", "\0", "\u001f", "\ud83c", "\udf4c"],
  ...["\u2028", "\ufeff", "\ufffd", "data: ", "[DONE]", '{"error":1}', '","x":"', "\r\n\r\n"],
);
const text = fc.array(words, { maxLength: 3 }).map((parts) => parts.join(""));

/** What a choice's delta is in the chunks of one kind. */
const deltas = {
  content: (value) => ({ content: value }),
  first: (value) => ({ role: "assistant", content: "", refusal: null, name: value }),
  reasoning: (value) => ({ content: null, reasoning_content: value }),
  refusal: (value) => ({ refusal: value }),
  call: (value) => ({
    tool_calls: [
      { index: 0, id: value, type: "function", function: { name: value, arguments: "" } },
    ],
  }),
  arguments: (value) => ({ tool_calls: [{ index: 0, function: { arguments: value } }] }),
  calls: (value) => ({
    tool_calls: [
      { index: 0, function: { arguments: "{" } },
      { index: 1, function: { arguments: value } },
    ],
  }),
  parts: (value) => [value],
  list: (value) => ({ content: [{ type: "text", text: value }] }),
};

/** Ways to write a value down. */
const styles = [
  JSON.stringify,
  (value) => JSON.stringify(value, null, 1).replaceAll(/\n */g, " "),
  (value) => JSON.stringify(value, null, 2),
  (value) =>
    JSON.stringify(value).replaceAll(
      /[\u007f-\uffff]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
];

const step = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("content") },
    { weight: 4, arbitrary: fc.constantFrom(...Object.keys(deltas)) },
    { weight: 1, arbitrary: fc.constantFrom("finish", "usage") },
  ),
  choice: fc.nat(2),
  text,
});

const base = fc.record({
  id: text,
  choices: fc.integer({ min: 1, max: 3 }),
  finishReasons: fc.boolean(),
  obfuscation: fc.boolean(),
  logprobs: fc.boolean(),
  choicesFirst: fc.boolean(),
});

function chunk(of, { kind, choice, text: value }) {
  const isLast = kind === "finish";
  const index = choice % of.choices;
  const choices = [
    {
      index,
      delta: isLast ? {} : deltas[kind]?.(value),
      ...(of.logprobs && { logprobs: null }),
      ...((of.finishReasons || isLast) && { finish_reason: isLast ? "stop" : null }),
    },
  ];
  const head = { id: of.id, object: "chat.completion.chunk", created: 1_700_000_000 };
  const usage = { prompt_tokens: 3, completion_tokens: choice, details: { tier: value } };
  return {
    ...(of.choicesFirst && { choices: [] }),
    ...head,
    choices: kind === "usage" ? [] : choices,
    ...(kind === "usage" && { usage }),
    ...(of.obfuscation && { obfuscation: value.slice(1) + "x".repeat(choice) }),
  };
}

/** The chunks of one completion. */
const completion = fc
  .tuple(base, fc.array(step, { maxLength: 24 }), fc.constantFrom(...styles))
  .map(([of, steps, style]) => steps.map((each) => style(chunk(of, each))));

/** Stands in a text for a string that differs from event to event. */
const hole = "\0";
const keys = [
  ...["a", "b", "1", "10", "", "choices", "choices", "delta", "content", "index", "finish_reason"],
  ...["__proto__", "constructor", "toString", "length", "error", "err\\u006fr", "\\u0061"],
  ...["\\ud83c", "\\n", "é", "\ufeff", "data", "object", "thread"],
];
const scalars = [
  ...["null", "true", "false", "0", "-0", "1", "-1.5", "1e400", "-1E+400", "1E-400", "0.1e-7"],
  ...["12345678901234567890", "0.30000000000000004", "-0.0", "-0e5", "[]", "{}", '""'],
];
const strings = [
  ...["x", "é", "🍌", "\\ud83c", "\\udf4c", "\\ud83c\\udf4c", "\\u0000", "\\/", '\\"', "\\\\"],
  ...["\ufeff", "\u2028", "\\u2028", "[DONE]", "\u007f", "\ufffd"],
];
const space = fc.constantFrom("", "", "", " ", "\t", "\n");

const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 3, arbitrary: fc.constant(`"${hole}"`) },
    { weight: 1, arbitrary: fc.constantFrom(...strings).map((string) => `"${string}"`) },
    { weight: 2, arbitrary: fc.constantFrom(...scalars) },
    { weight: 4, arbitrary: tie("object") },
    { weight: 2, arbitrary: tie("array") },
  ),
  object: fc
    .tuple(space, fc.array(fc.tuple(fc.constantFrom(...keys), tie("value")), { maxLength: 4 }))
    .map(([gap, members]) => {
      const written = members.map(([key, value]) => `${gap}"${key}"${gap}:${value}`);
      return `{${written.join(`${gap},`)}${gap}}`;
    }),
  array: fc
    .tuple(space, fc.array(tie("value"), { maxLength: 3 }))
    .map(([gap, items]) => `[${items.join(`${gap},${gap}`)}${gap}]`),
}));

/** Chunks that are nearly what they should be: choices of any kind. */
const odd = fc
  .tuple(fc.array(anything, { maxLength: 3 }), fc.constantFrom("", ',"x":"\0"', ',"x":{}'))
  .map(([choices, more]) => `{"choices":[${choices.join(",")}]${more}}`);

/** Texts of one shape, whose strings vary. */
const series = fc
  .tuple(
    fc.oneof(anything, odd),
    fc.array(fc.array(fc.constantFrom(...strings), { maxLength: 2 }), { maxLength: 8 }),
  )
  .map(([shape, fills]) => fills.map((parts) => shape.replaceAll(hole, parts.join(""))));

/** Texts that are not JSON, or might be taken for it. */
const broken = fc.constantFrom(
  ...["", " ", "NaN", "01", "1.", "-", ".5", "1e", "'a'", '{"a":1,}', "[1", "1 2", "2]", "1,2"],
  ...['"\u0001"', '"\\x"', '"\\u12g4"', "\ufeff1", "undefined", '{"a" 1}', "\u00a01", "[,1]"],
  ...['{"a":1}}', '{"\\u00":1}', '{"\u0001":1}', '"\t"', "[DONE", "{}\f", "tru", "\v1"],
);

/** The texts of a stream's events. */
export const texts = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: completion },
      { weight: 4, arbitrary: series },
      { weight: 1, arbitrary: broken.map((each) => [each]) },
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.flat());
