//! What holds a call to one account: ids in its request that no other account knows. It does not
//! decide which of a request's members are such ids ([`crate::policy::Replay`]).

use crate::fleet::{Account, Fleet};
use crate::policy::Replay;

/// A call that is held to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The member whose id does so.
    pub field: &'static str,
    /// The account.
    pub account: Account,
    /// A member whose id belongs to another account, so that no target can answer the call.
    pub at_odds: Option<&'static str>,
}

impl Binding {
    /// Reads a request's body; a binding is found where an id is known to have come from an
    /// account.
    pub(super) fn read(body: &str, fleet: &Fleet) -> (Replay, Option<Self>) {
        let mut binding: Option<Self> = None;
        let replay = Replay::read(body, &mut |field, id| {
            let Some(origin) = fleet.origin(id) else { return };
            match &mut binding {
                None => {
                    binding = Some(Self { field, account: origin.account, at_odds: None });
                }
                Some(bound) if bound.account != origin.account => {
                    bound.at_odds.get_or_insert(field);
                }
                Some(_) => {}
            }
        });
        (replay, binding)
    }
}
