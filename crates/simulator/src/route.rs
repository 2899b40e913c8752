//! Which endpoint a method and a path mean; not what the endpoint answers.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

/// What a request is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    Control(Control),
    Provider { endpoint: Endpoint, deployment: Option<Cow<'a, str>> },
    Models,
    Model(Cow<'a, str>),
    Stored { verb: Verb, id: Cow<'a, str> },
    Unknown,
}

/// An endpoint that takes a model and a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Chat,
    Text,
    Embeddings,
    Responses,
}

/// What is to be done with a response that was made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Read,
    Delete,
    Cancel,
}

/// An endpoint that controls the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    ReadJournal,
    ClearJournal,
    Stats,
    ReplaceScript,
}

/// Where the base URLs of providers end. The longest comes first.
const BASES: [&str; 6] = ["/v1beta/openai", "/openai/v1", "/api/v1", "/openai", "/beta", "/v1"];

impl Route<'_> {
    /// The model that the path names, or nothing.
    pub(crate) fn model(&self) -> &str {
        match self {
            Self::Provider { deployment: Some(deployment), .. } => deployment,
            Self::Model(id) => id,
            _ => "",
        }
    }
}

/// Finds the endpoint. The path is without the query.
pub(crate) fn route<'a>(method: &Method, path: &'a str) -> Route<'a> {
    if let Some(control) = path.strip_prefix("/_simulator/") {
        return match (method, control) {
            (&Method::GET, "journal") => Route::Control(Control::ReadJournal),
            (&Method::DELETE, "journal") => Route::Control(Control::ClearJournal),
            (&Method::GET, "stats") => Route::Control(Control::Stats),
            (&Method::PUT, "script") => Route::Control(Control::ReplaceScript),
            _ => Route::Unknown,
        };
    }
    if let Some(rest) = path.strip_prefix("/openai/deployments/") {
        let Some((deployment, rest)) = rest.split_once('/') else { return Route::Unknown };
        return match (method, endpoint(rest)) {
            (&Method::POST, Some(endpoint)) => {
                Route::Provider { endpoint, deployment: Some(decode(deployment)) }
            }
            _ => Route::Unknown,
        };
    }
    let rest = BASES.iter().find_map(|base| path.strip_prefix(base)).unwrap_or(path);
    let Some(rest) = rest.strip_prefix('/') else { return Route::Unknown };
    if let Some(rest) = rest.strip_prefix("responses/") {
        return stored(method, rest);
    }
    match (method, endpoint(rest)) {
        (&Method::POST, Some(endpoint)) => Route::Provider { endpoint, deployment: None },
        (&Method::GET, None) if rest == "models" => Route::Models,
        (&Method::GET, None) => match rest.strip_prefix("models/") {
            Some(id) if !id.is_empty() => Route::Model(decode(id)),
            _ => Route::Unknown,
        },
        _ => Route::Unknown,
    }
}

fn stored<'a>(method: &Method, path: &'a str) -> Route<'a> {
    let (verb, id) = match (method, path.split_once('/')) {
        (&Method::GET, None) => (Verb::Read, path),
        (&Method::DELETE, None) => (Verb::Delete, path),
        (&Method::POST, Some((id, "cancel"))) => (Verb::Cancel, id),
        _ => return Route::Unknown,
    };
    Route::Stored { verb, id: decode(id) }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    match path {
        "chat/completions" => Some(Endpoint::Chat),
        "completions" => Some(Endpoint::Text),
        "embeddings" => Some(Endpoint::Embeddings),
        "responses" => Some(Endpoint::Responses),
        _ => None,
    }
}

fn decode(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_their_endpoints() {
        let plain = |endpoint| Route::Provider { endpoint, deployment: None };
        let table = [
            ("POST", "/v1/chat/completions", plain(Endpoint::Chat)),
            ("POST", "/chat/completions", plain(Endpoint::Chat)),
            ("POST", "/openai/v1/chat/completions", plain(Endpoint::Chat)),
            ("POST", "/api/v1/chat/completions", plain(Endpoint::Chat)),
            ("POST", "/v1/completions", plain(Endpoint::Text)),
            ("POST", "/v1/embeddings", plain(Endpoint::Embeddings)),
            (
                "POST",
                "/openai/deployments/my%20gpt/chat/completions",
                Route::Provider { endpoint: Endpoint::Chat, deployment: Some("my gpt".into()) },
            ),
            ("GET", "/v1/models", Route::Models),
            ("GET", "/v1/models/meta/llama%203", Route::Model("meta/llama 3".into())),
            ("GET", "/_simulator/journal", Route::Control(Control::ReadJournal)),
            ("DELETE", "/_simulator/journal", Route::Control(Control::ClearJournal)),
            ("GET", "/_simulator/stats", Route::Control(Control::Stats)),
            ("PUT", "/_simulator/script", Route::Control(Control::ReplaceScript)),
            ("GET", "/v1/chat/completions", Route::Unknown),
            ("POST", "/v1/responses", plain(Endpoint::Responses)),
            ("POST", "/openai/responses", plain(Endpoint::Responses)),
            ("POST", "/beta/chat/completions", plain(Endpoint::Chat)),
            ("POST", "/v1beta/openai/chat/completions", plain(Endpoint::Chat)),
            ("GET", "/v1/responses/a", Route::Stored { verb: Verb::Read, id: "a".into() }),
            ("DELETE", "/v1/responses/a", Route::Stored { verb: Verb::Delete, id: "a".into() }),
            (
                "POST",
                "/v1/responses/a/cancel",
                Route::Stored { verb: Verb::Cancel, id: "a".into() },
            ),
            ("GET", "/v1/responses/a/cancel", Route::Unknown),
            ("GET", "/", Route::Unknown),
            ("GET", "/v1", Route::Unknown),
        ];
        for (method, path, expected) in table {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            assert_eq!(route(&method, path), expected, "{method} {path}");
        }
    }
}
