// Streams of server-sent events as bytes: written in every way that the format allows, then damaged,
// and cut into pieces.

import fc from "fast-check";
import { texts } from "./json.mjs";

const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
/** The line ends of a stream, used in turn. */
const lineEnds = fc.oneof(
  { weight: 3, arbitrary: fc.constant(["\n"]) },
  { weight: 3, arbitrary: lineEnd.map((end) => [end]) },
  { weight: 2, arbitrary: fc.array(lineEnd, { minLength: 2, maxLength: 5 }) },
);

const seldom = (arbitrary) => fc.option(arbitrary, { freq: 6, nil: undefined });

/** How an event is written. */
const manner = fc.record({
  prefix: fc.oneof(
    { weight: 6, arbitrary: fc.constant("data: ") },
    { weight: 1, arbitrary: fc.constantFrom("data:", "data:  ", "data:\t", "\ufeffdata: ") },
  ),
  name: seldom(
    fc.constantFrom("", "message", "error", "thread.run", "thread.", "ping", "response.done", "é"),
  ),
  before: seldom(
    fc.constantFrom(
      ...[":", ": comment", "id: 7", "retry: 10", "unknown: x", "nothing", "data", "data:", ""],
      ...["event", "event: ", "event: error", " data: x", "Data: x", "\ufeff", "data : x", "\0"],
    ),
  ),
  after: seldom(fc.constantFrom("data", "data: ", "data: 1", ":", "id", "event: ping")),
});

/** How a stream ends. */
const tails = [
  ...[["data: [DONE]", ""], ["data:[DONE]", ""], ["data: [DONE]"], [], [""], ["data:  [DONE]", ""]],
  ...[
    ["data: [DONE] ", ""],
    ["data: [DONE]x", ""],
    ["event: done", "data: [DONE]", ""],
  ],
  ...[["data: [DO", "data: NE]", ""], ["event: error", "data: [DONE]", ""], ["event: error"]],
  ["data: [DONE]", "", 'data: {"after":"x"}', "", "data: no JSON", ""],
];

const whole = fc
  .record({
    texts,
    manners: fc.array(manner, { minLength: 1, maxLength: 6 }),
    ends: lineEnds,
    tail: fc.constantFrom(...tails),
    mark: fc.constantFrom("", "", "", "\ufeff", "\ufeff\ufeff"),
    lastEnd: fc.boolean(),
  })
  .map(({ texts, manners, ends, tail, mark, lastEnd }) => {
    const lines = texts.flatMap((text, index) => {
      const { prefix, name, before, after } = manners[index % manners.length];
      return [
        ...(name === undefined ? [] : [`event: ${name}`]),
        ...(before === undefined ? [] : [before]),
        ...text.split("\n").map((line) => prefix + line),
        ...(after === undefined ? [] : [after]),
        "",
      ];
    });
    lines.push(...tail);
    const ended = lines.map((line, index) => {
      const isLast = index === lines.length - 1;
      return line + (isLast && !lastEnd ? "" : ends[index % ends.length]);
    });
    return Buffer.from(mark + ended.join(""));
  });

/** A place in bytes whose length is not yet known. */
const place = fc.nat(0xffff_ffff);
const at = (bytes, where) => where % (bytes.length + 1);

const damages = {
  flip: (bytes, { where, byte }) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[where % copy.length] = byte;
    return copy;
  },
  insert: (bytes, { where, what }) =>
    Buffer.concat([bytes.subarray(0, at(bytes, where)), what, bytes.subarray(at(bytes, where))]),
  remove: (bytes, { where, length }) =>
    Buffer.concat([bytes.subarray(0, at(bytes, where)), bytes.subarray(at(bytes, where) + length)]),
  truncate: (bytes, { where }) => bytes.subarray(0, at(bytes, where)),
  repeat: (bytes, { where, length }) =>
    Buffer.concat([bytes.subarray(0, at(bytes, where) + length), bytes.subarray(at(bytes, where))]),
};

const damage = fc.record({
  kind: fc.constantFrom(...Object.keys(damages)),
  where: place,
  byte: fc.integer({ min: 0, max: 255 }),
  length: fc.integer({ min: 1, max: 60 }),
  what: fc.constantFrom(
    ...["\ufeff", "\r", "\n", "\r\n", "\n\n", "data: ", "event: error\n", ":", "\0", '"', "\\"].map(
      (text) => Buffer.from(text),
    ),
    // No UTF-8: a lone byte, an unfinished character, a surrogate, one that is too long.
    ...[[0xff], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x8d], [0xc0, 0x80]].map((bytes) =>
      Buffer.from(bytes),
    ),
  ),
});

/** A stream's bytes. */
export const streams = fc
  .tuple(
    whole,
    fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(damage, { minLength: 1, maxLength: 4 }) },
    ),
  )
  .map(([bytes, list]) => list.reduce((left, each) => damages[each.kind](left, each), bytes))
  .map((bytes) => Object.assign(bytes, { [fc.toStringMethod]: () => shown(bytes) }));

/** Bytes as the expression that makes them, for the report of a failure. */
const shown = (bytes) => `Buffer.from(${JSON.stringify(bytes.toString("latin1"))}, "latin1")`;

/** Where a stream's bytes are cut, and after which pieces the server waits. */
export const cuts = fc.oneof(
  fc.constant({ every: 1, places: [], pauses: [] }),
  fc.record({
    every: fc.constantFrom(0, 0, 0, 2, 3, 7, 100),
    places: fc.array(place, { maxLength: 12 }),
    pauses: fc.array(fc.boolean(), { maxLength: 6 }),
  }),
);

/** The bytes in pieces, each with whether to wait after it. */
export function pieces(bytes, { every, places, pauses }) {
  const ends = new Set(places.map((where) => at(bytes, where)));
  // A byte at a time only for so long: what follows is in as few pieces as else.
  if (every > 0) for (let end = every; end < 600; end += every) ends.add(end);
  ends.add(bytes.length);
  const sorted = [...ends].filter((end) => end <= bytes.length).sort((a, b) => a - b);
  return sorted.map((end, index) => ({
    piece: bytes.subarray(sorted[index - 1] ?? 0, end),
    waits: pauses[index] ?? false,
  }));
}
