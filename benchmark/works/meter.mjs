// What a stretch of work costs: processor time and wall time, in microseconds.

import { readFileSync } from "node:fs";

const clockTicksPerSecond = 100;

export class Meter {
  #simulator;
  #start;

  constructor(simulator) {
    this.#simulator = simulator;
    this.#start = this.#now();
  }

  /** Per unit, since the meter was made. */
  per(units) {
    const now = this.#now();
    const spent = (name) => (now[name] - this.#start[name]) / units;
    const wall = spent("wall");
    return {
      units,
      main: spent("main"),
      process: spent("process"),
      wall,
      rate: 1e6 / wall,
      simulator: spent("simulator"),
    };
  }

  #now() {
    const { user, system } = process.cpuUsage();
    return {
      wall: performance.now() * 1000,
      main: mainThread(),
      /** All threads: the engine's, libuv's and V8's too. */
      process: user + system,
      simulator: anotherProcess(this.#simulator),
    };
  }
}

/** On Linux the scheduler tells, to a tick. */
function mainThread() {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  return Number(readFileSync(file, "utf8").split(" ")[0]) / 1000;
}

function anotherProcess(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may have spaces in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / clockTicksPerSecond;
}
