//! What may be spent where: requests and tokens by minute, hour and day. Pure accounts: the time
//! is handed in, nothing is locked and nothing is sent.
//!
//! A [`Ledger`] belongs to one scope (a target, or what several targets share, such as a key) and
//! has a [`Counter`] for each of its [`Limits`]. A counter is supplied by its own limit or, where
//! several processes share a limit, by [`Grant`]s of a store: see [`Supply`]. Which scopes a
//! target belongs to, and who is closed while a scope is empty, is the fleet's.

mod counter;
mod estimate;
mod expectation;
mod fixed;
mod granted;
mod learned;
mod ledger;
mod limits;
mod scope;
mod sliding;
mod time;
mod told;
mod words;
mod zone;

pub use counter::{Counter, Remaining};
pub use estimate::Estimate;
pub use expectation::{Count, Expectation, USUAL_ANSWER, expect, quarter};
pub use granted::{Demand, Grant, Supply};
pub use learned::{Learned, Mark};
pub use ledger::{Ledger, Shortage};
pub use limits::{Limit, Limits, Measure, Meter, Pace, Span};
pub use scope::{NoScope, Scope, Spending};
pub use time::Time;
pub use told::{Told, told};
pub use words::{Words, has_words, load_words};
pub use zone::{UnknownZone, Window, Zone};
