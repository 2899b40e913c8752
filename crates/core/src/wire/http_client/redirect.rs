//! Where a response redirects to, as fetch follows it (WHATWG fetch, HTTP-redirect fetch), but
//! only within one origin, so that no key goes elsewhere.

use http::{Method, Uri};
use url::Url;

use super::Head;
use crate::wire::profile::Profile;

/// The request to make next, if the response redirects within its origin.
pub(super) fn target(asked: &Profile, head: &Head) -> Option<Profile> {
    if !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let base = Url::parse(&asked.uri.to_string()).ok()?;
    let mut location = base.join(head.get("location")?).ok()?;
    location.set_fragment(None);
    let uri: Uri = location.as_str().parse().ok()?;
    let becomes_get = match head.status {
        301 | 302 => asked.method == Method::POST,
        303 => asked.method != Method::GET && asked.method != Method::HEAD,
        _ => false,
    };
    let method = if becomes_get { Method::GET } else { asked.method.clone() };
    asked.redirected(uri, method)
}
