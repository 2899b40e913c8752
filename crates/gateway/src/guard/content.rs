//! Whether a body is sent as JSON in the clear. Forms and plain text can be sent by any page
//! without being asked; an encoded body could be a bomb.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderMap, Request, StatusCode};

use crate::refusal::{Kind, Refusal};

/// # Errors
/// 415.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Refusal> {
    let refused = |code, message| {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Err(Refusal::new(status, Kind::InvalidRequest, code, message))
    };
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return refused("encoded_body", "the body must not be encoded (content-encoding)");
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return refused("not_json", "the content-type must be application/json");
    }
    Ok(())
}

/// A length that is said in two ways is what smuggling looks like (RFC 9112 §6.3).
///
/// # Errors
/// 400.
pub(crate) fn check_framing<B>(request: &Request<B>) -> Result<(), Refusal> {
    let headers = request.headers();
    let both = headers.contains_key(CONTENT_LENGTH) && headers.contains_key(TRANSFER_ENCODING);
    if both {
        let message = "a request must not have both content-length and transfer-encoding";
        return Err(Refusal::bad_request("ambiguous_length", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_json_in_the_clear_is_taken() {
        let table = [
            (Some("application/json"), None, true),
            (Some("Application/JSON; charset=utf-8"), Some("identity"), true),
            (Some("text/plain"), None, false),
            (Some("application/x-www-form-urlencoded"), None, false),
            (Some("application/jsonp"), None, false),
            (None, None, false),
            (Some("application/json"), Some("gzip"), false),
        ];
        for (kind, coding, taken) in table {
            let mut headers = HeaderMap::new();
            headers.extend(kind.map(|kind| (CONTENT_TYPE, HeaderValue::from_static(kind))));
            headers
                .extend(coding.map(|coding| (CONTENT_ENCODING, HeaderValue::from_static(coding))));
            assert_eq!(check(&headers).is_ok(), taken, "{kind:?} {coding:?}");
        }
    }
}
