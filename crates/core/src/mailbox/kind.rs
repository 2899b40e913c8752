//! What an entry of a drain is, in the low byte of its first number.

/// Events as they came.
pub const VALUES: u32 = 1;
/// Events as strings that fill the template named in the second byte.
pub const FILLED: u32 = 2;
/// [`super::Letter::Template`], its number in the second byte.
pub const TEMPLATE: u32 = 3;
/// [`super::Letter::Named`].
pub const NAMED: u32 = 4;
/// [`super::Letter::ErrorEvent`].
pub const ERROR_EVENT: u32 = 5;
/// [`super::Letter::Unparsed`].
pub const UNPARSED: u32 = 6;
/// [`super::Letter::Opened`].
pub const OPENED: u32 = 7;
/// [`super::Letter::Ended`]; the second byte is 1 if it was truncated.
pub const ENDED: u32 = 8;
/// [`super::Letter::Reply`].
pub const REPLY: u32 = 9;
/// [`super::Letter::Broken`]; the second byte is 1 if time ran out.
pub const BROKEN: u32 = 10;
/// [`super::Letter::RateLimited`].
pub const RATE_LIMITED: u32 = 11;
/// [`super::Letter::Refused`].
pub const REFUSED: u32 = 12;
/// [`super::Letter::Unreachable`]; the second byte is 1 if time ran out.
pub const UNREACHABLE: u32 = 13;
/// [`super::Letter::TimedOut`].
pub const TIMED_OUT: u32 = 14;
/// [`super::Letter::Bytes`].
pub const BYTES: u32 = 15;
/// [`super::Letter::Finished`].
pub const FINISHED: u32 = 16;
/// [`super::Letter::Leased`].
pub const LEASED: u32 = 17;
/// [`super::Letter::Spent`].
pub const SPENT: u32 = 18;
