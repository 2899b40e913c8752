//! Which web pages may use the gateway: its own and those of configured origins (CORS, WHATWG
//! fetch). A request without the headers that browsers add is not a page's.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::refusal::{Kind, Refusal};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a page may read of an answer beside what it may anyway.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "retry-after, x-request-id, x-mm-request-id, x-mm-target, x-mm-model, x-mm-attempts",
);

/// The configured origin that a request comes from; none if it comes from no page, or from the
/// gateway's own.
///
/// # Errors
/// 403 for any other page.
pub(crate) fn origin<B>(
    request: &Request<B>,
    allowed: &[String],
) -> Result<Option<HeaderValue>, Refusal> {
    let headers = request.headers();
    let Some(origin) = headers.get(ORIGIN) else {
        // Images and such of other sites have no origin, but a browser tells where they are from.
        let is_foreign = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
        return if is_foreign { Err(refused()) } else { Ok(None) };
    };
    let text = origin.to_str().unwrap_or_default();
    if allowed.iter().any(|known| known.eq_ignore_ascii_case(text)) {
        return Ok(Some(origin.clone()));
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = text.split_once("://").is_some_and(|(_, own)| own.eq_ignore_ascii_case(host));
    if own { Ok(None) } else { Err(refused()) }
}

fn refused() -> Refusal {
    let message = "pages of this origin may not use the gateway; server.cors_origins allows them";
    Refusal::new(StatusCode::FORBIDDEN, Kind::InvalidRequest, "origin_not_allowed", message)
}

/// True for the question whether a page may send a request.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Says that it may: with which methods, with the headers that it asks for, for ten minutes.
pub(crate) fn allow(asked: Option<&HeaderValue>, headers: &mut HeaderMap) {
    let methods = HeaderValue::from_static("GET, POST, DELETE");
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
    if let Some(asked) = asked {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

/// The headers that a page asks to send.
pub(crate) fn asked_headers<B>(request: &Request<B>) -> Option<HeaderValue> {
    request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS).cloned()
}

/// Lets a page of this origin read an answer.
pub(crate) fn expose(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(VARY, HeaderValue::from_static("origin"));
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pairs = [(&'static str, &'static str)];

    #[test]
    fn only_the_gateways_own_pages_and_those_of_configured_origins_may_ask() {
        let allowed = ["https://chat.example".to_owned()];
        let table: [(&Pairs, Result<bool, u16>); 8] = [
            (&[], Ok(false)),
            (&[("sec-fetch-site", "same-origin")], Ok(false)),
            (&[("sec-fetch-site", "cross-site")], Err(403)),
            (&[("origin", "https://chat.example"), ("sec-fetch-site", "cross-site")], Ok(true)),
            (&[("origin", "http://localhost:3000")], Ok(false)),
            (&[("origin", "http://localhost:3001")], Err(403)),
            (&[("origin", "https://chat.example.attacker.example")], Err(403)),
            (&[("origin", "null")], Err(403)),
        ];
        for (headers, expected) in table {
            let mut request = Request::builder().header(HOST, "localhost:3000");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let origin = origin(&request.body(()).unwrap(), &allowed);
            let told = origin.map(|origin| origin.is_some());
            assert_eq!(told.map_err(|refusal| refusal.status.as_u16()), expected, "{headers:?}");
        }
    }
}
