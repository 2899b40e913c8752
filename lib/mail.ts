// The numbers in which the engine is told what to send and writes its mail.

// As in the core's mailbox/kind.rs.
/** What an entry is, in the low byte of its first number. */
export const enum Kind {
  Values = 1,
  Filled = 2,
  Template = 3,
  Named = 4,
  ErrorEvent = 5,
  Unparsed = 6,
  Opened = 7,
  Ended = 8,
  Reply = 9,
  Broken = 10,
  RateLimited = 11,
  Refused = 12,
  Unreachable = 13,
  TimedOut = 14,
  Bytes = 15,
  Finished = 16,
  Leased = 17,
  Spent = 18,
}

/** As what an answer with a status of 2xx is told. */
export const enum Mode {
  /** Whole, when all of it is there. */
  Reply = 0,
  /** When its headers are there, and then the events in it. */
  Events = 1,
  /** When its headers are there, and then its bytes. */
  Bytes = 2,
}
