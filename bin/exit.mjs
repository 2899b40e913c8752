// How a command ends: the meaning of its exit codes. `serve` and `check` have another, 78: the
// configuration is wrong.

/** It did what it was asked. */
export const DONE = 0;
/** It could not: a port in use, a gateway that does not answer. */
export const FAILED = 1;
/** The arguments are wrong. */
export const USAGE = 2;
