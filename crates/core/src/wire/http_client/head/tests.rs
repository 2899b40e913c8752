#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use super::*;

fn received(head: &str) -> Received {
    let uri = Uri::from_static("http://localhost/v1/chat/completions");
    match parse(head.as_bytes(), &uri).unwrap() {
        Parsed::Whole(length, received) => {
            assert_eq!(length, head.len());
            received
        }
        other => panic!("{other:?}"),
    }
}

fn is_refused(head: &str) -> bool {
    parse(head.as_bytes(), &Uri::from_static("http://localhost/")).is_err()
}

#[test]
fn a_head_becomes_the_text_that_the_host_gets() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Name: Zo\u{eb}\r\n\r\n";
    let latin1: Vec<u8> = head.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let uri = Uri::from_static("http://localhost/v1");
    let Parsed::Whole(_, received) = parse(&latin1, &uri).unwrap() else { panic!("not whole") };
    let head = received.head;
    assert_eq!(head.get("content-type"), Some("application/json"));
    assert_eq!(head.get("x-name"), Some("Zo\u{eb}"));
    assert_eq!(head.get("x-nam"), None);
    assert_eq!(head.get("localhost/v1"), None);
    assert_eq!(
        head.into_text(),
        "200 http://localhost/v1\ncontent-type: application/json\nx-name: Zo\u{eb}"
    );
}

#[test]
fn a_bodys_end_is_where_rfc_9112_says() {
    let table = [
        ("", Framing::UntilClose, false),
        ("content-length: 5\r\n", Framing::Length(5), true),
        ("content-length: 5, 5\r\ncontent-length: 5\r\n", Framing::Length(5), true),
        ("content-length: 5\r\nconnection: Close\r\n", Framing::Length(5), false),
        ("transfer-encoding: chunked\r\n", Framing::Chunked, true),
        ("transfer-encoding: gzip, Chunked\r\n", Framing::Chunked, true),
        ("transfer-encoding: chunked\r\ncontent-length: 5\r\n", Framing::Chunked, false),
        ("transfer-encoding: chunked, gzip\r\n", Framing::UntilClose, false),
        ("transfer-encoding: gzip\r\ncontent-length: 5\r\n", Framing::UntilClose, false),
    ];
    for (headers, framing, persistent) in table {
        let received = received(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n"));
        assert_eq!((received.framing, received.persistent), (framing, persistent), "{headers}");
    }
    for status in [204, 304] {
        let head = format!("HTTP/1.1 {status} None\r\ncontent-length: 5\r\n\r\n");
        assert_eq!(received(&head).framing, Framing::Length(0));
    }
}

#[test]
fn http_1_0_keeps_a_connection_only_where_it_says_so() {
    assert!(!received("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n").persistent);
    let kept = received("HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n\r\n");
    assert!(kept.persistent);
}

#[test]
fn lengths_that_disagree_or_are_none_are_refused() {
    for length in ["-1", "+5", "5, 6", "", "0x5", "5 5", "99999999999999999999999"] {
        assert!(is_refused(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n")));
    }
    assert!(is_refused("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n"));
}

#[test]
fn what_is_not_a_head_is_refused() {
    for head in ["<html>", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n"] {
        assert!(is_refused(head), "{head}");
    }
    assert!(is_refused("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n"));
}

#[test]
fn the_time_that_an_idle_connection_is_kept() {
    let kept =
        |value| received(&format!("HTTP/1.1 200 OK\r\nkeep-alive: {value}\r\n\r\n")).keep_alive;
    assert_eq!(kept("timeout=5"), Some(Duration::from_secs(5)));
    assert_eq!(kept("max=100, Timeout = 72"), Some(Duration::from_secs(72)));
    assert_eq!(kept("timeout=soon"), None);
}

#[test]
fn interim_responses_are_told_apart() {
    let uri = Uri::from_static("http://localhost/");
    let interim = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let head = [&interim[..], b"HTTP/1.1 200 OK\r\n\r\n"].concat();
    let Ok(Parsed::Interim(length)) = parse(&head, &uri) else { panic!("not an interim one") };
    assert_eq!(length, interim.len());
    assert!(matches!(parse(b"HTTP/1.1 200 OK\r\nx", &uri), Ok(Parsed::Partial)));
}

#[test]
fn codings_are_in_their_order() {
    let head = received("HTTP/1.1 200 OK\r\ncontent-encoding: gzip, identity, BR\r\n\r\n");
    assert_eq!(head.codings, [Coding::Gzip, Coding::Brotli]);
}
