// The figures there are: their names, units, and how they are written.

/** Those that nearly every row has; one column each. */
export const columns = {
  main: { title: "Main-thread CPU", write: microseconds },
  process: { title: "Whole-process CPU", write: microseconds },
  wall: { title: "Wall", write: microseconds },
  rate: { title: "Per second", write: (value) => whole(value) },
  /** Told for whoever asks whether the simulator was what a peer waited for. */
  simulator: { title: "Simulator's CPU", write: microseconds, absoluteOnly: true },
};

/** Those that only some rows have; all in one column. */
export const others = {
  latencyMedian: { title: "latency median", write: microseconds },
  latencyP99: { title: "latency p99", write: microseconds },
  memory: { title: "memory per open stream", write: kilobytes },
  heap: { title: "of it JavaScript heap", write: kilobytes },
  lagP99: { title: "event-loop lag p99", write: milliseconds },
  lagMax: { title: "event-loop lag max", write: milliseconds },
  parses: { title: "JSON.parse calls per chunk", write: (value) => value.toFixed(3) },
  whole: { title: "chunks parsed whole", write: (value) => `${value.toFixed(1)} %` },
  restsMedian: { title: "until it is known, median", write: milliseconds },
  restsP99: { title: "until it is known, p99", write: milliseconds },
  importMs: { title: "import", write: beyondNoise },
};

export const figures = { ...columns, ...others };

function microseconds(value) {
  return `${value < 100 ? value.toPrecision(3) : whole(value)} µs`;
}

function kilobytes(value) {
  return `${value.toFixed(1)} KB`;
}

function milliseconds(value) {
  return `${value.toFixed(1)} ms`;
}

/** A process is not faster for having loaded something. */
function beyondNoise(value) {
  return value < 0.5 ? "within the noise" : milliseconds(value);
}

function whole(value) {
  return Math.round(value).toLocaleString("en-US");
}
