//! How the requests of clients are made, by the numbers that JavaScript knows them by.
// On the method itself it would not reach what the macro makes of it.
#![allow(
    clippy::too_many_arguments,
    reason = "an object would cost a look-up across the border for each of its members"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use model_multiplexer_core::wire::Profile;
use model_multiplexer_core::wire::http_client::Http2;
use napi::{Error, Result, Status};
use napi_derive::napi;

use crate::hub::Hub;

/// The profiles of one hub.
#[derive(Default)]
pub(crate) struct Profiles {
    by_number: HashMap<u32, Arc<Profile>>,
    last: u32,
}

impl Profiles {
    pub(crate) fn get(&self, number: u32) -> Result<Arc<Profile>> {
        let profile = self.by_number.get(&number).cloned();
        profile.ok_or_else(|| Error::from_reason("no such profile"))
    }

    fn add(&mut self, profile: Profile) -> u32 {
        while self.last == 0 || self.by_number.contains_key(&self.last) {
            self.last = self.last.wrapping_add(1);
        }
        self.by_number.insert(self.last, Arc::new(profile));
        self.last
    }
}

/// Names and values from a list that has them in turn.
pub(crate) fn pairs(headers: &[String]) -> impl Iterator<Item = (&str, &str)> {
    headers.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_str()))
}

#[napi]
impl Hub {
    /// Notes how a client's requests are made (the method, where to, with which headers, names and
    /// values in turn, by way of which proxy) and returns a number for it. HTTP/1.1 is spoken, or
    /// HTTP/2 where `http2` is `negotiated` or `prior-knowledge`. A connection is opened within
    /// `connect_ms`, 10 s by default; 0 is without end.
    #[napi]
    pub fn add_profile(
        &self,
        method: String,
        url: String,
        headers: Vec<String>,
        counts_retries: bool,
        proxy: Option<String>,
        http2: Option<String>,
        connect_ms: Option<f64>,
    ) -> Result<u32> {
        let http2 = match http2.as_deref() {
            None => Http2::Never,
            Some("negotiated") => Http2::Negotiated,
            Some("prior-knowledge") => Http2::PriorKnowledge,
            Some(other) => return Err(Error::from_reason(format!("http2 cannot be \"{other}\""))),
        };
        let mut profile =
            Profile::new(&method, &url, pairs(&headers), counts_retries, proxy.as_deref(), http2)
                .map_err(|error| Error::new(Status::InvalidArg, error.to_string()))?;
        if let Some(ms) = connect_ms {
            let within = if ms > 0.0 { Duration::from_millis(ms as u64) } else { Duration::MAX };
            profile = profile.with_connect_timeout(within);
        }
        Ok(self.profiles().add(profile))
    }

    /// Forgets a profile; requests under way keep it.
    #[napi]
    pub fn drop_profile(&self, profile: u32) {
        self.profiles().by_number.remove(&profile);
    }
}
