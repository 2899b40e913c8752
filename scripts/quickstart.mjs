// Sets up a fresh clone and runs the example conversation.

import { run, setup } from "./setup.mjs";

setup();
run(process.execPath, ["examples/quickstart.mjs"]);
