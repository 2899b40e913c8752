//! Why targets were not asked, for JavaScript.

use model_multiplexer_core::fleet::{Candidacy, Lease};
use napi_derive::napi;

use crate::fleet::{NativeFleet, moment};
use crate::hub::Hub;

/// A target that a call was not given.
#[napi(object)]
pub struct PassedOverDto {
    /// Its number.
    pub target: u32,
    /// `resting`, `probing`, `at_capacity`, `unmatched` or `too_small`.
    pub reason: String,
}

/// So many are told of.
const MOST: usize = 100;

#[napi]
impl NativeFleet {
    /// True if there is a target that no call would be given now.
    #[napi]
    pub fn someone_is_out(&self) -> bool {
        self.fleet().someone_is_out()
    }
}

#[napi]
impl Hub {
    /// Who is passed over by a pick of this call now, and why.
    #[napi]
    pub fn passed_over(&self, call: u32, now: f64) -> Vec<PassedOverDto> {
        let all = self.calls().with(call, |active| {
            let held = active.lease.as_ref().map(Lease::target);
            let mut all = active.call.passed_over(moment(now, 0.0).now);
            // That it is full, or probed, is this call's own doing.
            all.retain(|(target, _)| Some(*target) != held);
            all
        });
        let all = all.unwrap_or_default().into_iter().take(MOST);
        all.filter_map(|(target, why)| {
            let reason = match why {
                Candidacy::Resting { .. } => "resting",
                Candidacy::Probing => "probing",
                Candidacy::AtCapacity => "at_capacity",
                Candidacy::Unmatched => "unmatched",
                Candidacy::TooSmall => "too_small",
                Candidacy::Eligible | Candidacy::LaterTier | Candidacy::Excluded => return None,
            };
            Some(PassedOverDto { target: target.0, reason: reason.to_owned() })
        })
        .collect()
    }
}
