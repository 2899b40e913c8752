//! The number of a request, by which it is found again in the log and by `explain`.

use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderValue;

/// Told apart from every other request's, also those of other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

/// What the numbers of this process begin with.
static PROCESS: LazyLock<u32> = LazyLock::new(rand::random);
static NEXT: AtomicU64 = AtomicU64::new(1);

impl RequestId {
    pub(crate) fn next() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// True if it is written so.
    pub(crate) fn is(self, text: &str) -> bool {
        let number = text.strip_prefix("mm-").and_then(|text| text.split_once('-'));
        let Some((process, number)) = number else { return false };
        u32::from_str_radix(process, 16) == Ok(*PROCESS)
            && u64::from_str_radix(number, 16) == Ok(self.0)
    }

    pub(crate) fn header(self) -> HeaderValue {
        // Hexadecimal digits and hyphens are always a header's.
        HeaderValue::from_str(&self.to_string()).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mm-{:08x}-{:x}", *PROCESS, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_found_by_what_its_header_says() {
        let (one, other) = (RequestId::next(), RequestId::next());
        assert!(one.is(one.header().to_str().unwrap()));
        assert!(!one.is(&other.to_string()));
        assert!(!one.is("mm-1"));
    }
}
