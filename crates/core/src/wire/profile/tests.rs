#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;

fn made<'a>(
    method: &str,
    url: &str,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
    counts_retries: bool,
) -> Result<Profile, ProfileError> {
    Profile::new(method, url, headers, counts_retries, None, Http2::Never)
}

fn head(profile: &Profile, length: usize, retry: u32) -> String {
    let mut head = Vec::new();
    profile.write_head(length, retry, &HeaderMap::new(), &mut head);
    String::from_utf8(head).unwrap()
}

#[test]
fn a_requests_head_is_as_http_has_it() {
    let headers = [("Authorization", "Bearer k"), ("x-one", "1")];
    let url = "https://api.example.com/v1/chat/completions?a=b%20c";
    let profile = made("POST", url, headers, false).unwrap();
    assert_eq!(
        head(&profile, 12, 3),
        "POST /v1/chat/completions?a=b%20c HTTP/1.1\r\nhost: api.example.com\r\n\
         authorization: Bearer k\r\nx-one: 1\r\n\
         accept-encoding: gzip, deflate, br\r\ncontent-length: 12\r\n\r\n"
    );
}

#[test]
fn the_number_of_the_retry_is_told_where_the_sdk_tells_it() {
    let profile = made("POST", "http://h/", [("x-stainless-retry-count", "0")], true).unwrap();
    assert!(head(&profile, 0, 2).contains("\r\nx-stainless-retry-count: 2\r\n"));
    let profile = made("POST", "http://h/", [("x-stainless-retry-count", "9")], false).unwrap();
    assert!(head(&profile, 0, 2).contains("\r\nx-stainless-retry-count: 9\r\n"));
}

#[test]
fn the_host_is_the_urls_unless_the_caller_says_another() {
    let profile = made("GET", "http://[::1]:8080", [], false).unwrap();
    assert!(head(&profile, 0, 0).starts_with("GET / HTTP/1.1\r\nhost: [::1]:8080\r\n"));
    let profile = made("GET", "http://h:80/x", [("Host", "other")], false).unwrap();
    let head = head(&profile, 0, 0);
    assert!(head.contains("\r\nhost: other\r\n") && !head.contains("host: h"), "{head}");
    assert!(!head.contains("content-length"));
}

#[test]
fn nobody_else_frames_the_message() {
    let headers = FRAMING.map(|name| (name, "5"));
    let profile = made("POST", "http://h/", headers, false).unwrap();
    let head = head(&profile, 2, 0);
    assert_eq!(head.matches(": 5").count(), 0, "{head}");
    assert_eq!(head.matches("content-length: 2").count(), 1);
}

#[test]
fn what_cannot_be_sent_is_named_without_its_value() {
    let error =
        |name, value| made("POST", "http://h/", [(name, value)], false).unwrap_err().to_string();
    assert_eq!(error("x-key", "secret\nline"), "the header \"x-key\" is not valid in HTTP");
    assert_eq!(error("x key", "v"), "the header \"x key\" is not valid in HTTP");
    assert_eq!(error("x-key", "\u{20ac}"), "the header \"x-key\" is not valid in HTTP");
    for url in ["localhost/secret", "ftp://h/secret", "/secret", "http://user:secret@h/"] {
        let error = made("POST", url, [], false).unwrap_err();
        assert!(matches!(error, ProfileError::Url), "{url}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{url}");
    }
    assert!(matches!(made("PO ST", "http://h/", [], false), Err(ProfileError::Method(_))));
}

#[test]
fn a_redirect_stays_within_its_origin() {
    let profile = made("POST", "http://h/a", [("content-type", "x")], false).unwrap();
    let to = |uri, method| profile.redirected(Uri::from_static(uri), method);
    assert!(to("http://h:81/b", Method::POST).is_none());
    assert!(to("https://h/b", Method::POST).is_none());
    assert!(head(&to("http://h:80/b", Method::POST).unwrap(), 1, 0).contains("content-type: x"));
    let get = head(&to("http://h/b", Method::GET).unwrap(), 0, 0);
    assert!(get.starts_with("GET /b ") && !get.contains("content-type"), "{get}");
}

#[test]
fn a_requests_own_headers_do_not_replace_the_profiles() {
    let profile = made("POST", "http://h/", [("traceparent", "callers")], false).unwrap();
    let extra = Profile::headers([("traceparent", "ours"), ("tracestate", "a=b")]).unwrap();
    let mut head = Vec::new();
    profile.write_head(2, 0, &extra, &mut head);
    let head = String::from_utf8(head).unwrap();
    assert!(head.contains("\r\ntracestate: a=b\r\n"), "{head}");
    assert!(head.contains("traceparent: callers") && !head.contains("ours"), "{head}");
    let fields = profile.fields(2, 0, &extra);
    assert_eq!(
        (&fields["traceparent"], &fields["tracestate"]),
        (&"callers".parse().unwrap(), &"a=b".parse().unwrap())
    );
}
