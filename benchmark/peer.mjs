// One peer doing the work of one row, in a process of its own. The figures are the last line of
// its output, as JSON.

import { makeClient } from "./peers/index.mjs";

const task = JSON.parse(process.argv[2]);
const { work } = await import(`./works/${task.work}.mjs`);
const client = await makeClient(task);
const figures = await work(client, task);
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
