// How a command ends: the meaning of its exit codes.

/** It did what it was asked. */
export const DONE = 0;
/** It could not: a port in use, a gateway that does not answer. */
export const FAILED = 1;
/** The arguments are wrong. */
export const USAGE = 2;
/** The configuration is wrong (EX_CONFIG of sysexits.h): trying again does not help. */
export const CONFIGURATION = 78;
