//! The clients, and whether their keys are hard to guess.

use std::collections::BTreeSet;

use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};

use super::super::document::{BudgetDocument, ClientDocument, ClientKeyDocument, PeriodName};
use super::super::place::Place;
use super::super::{Budget, Client, ClientKey, KeyHash, Period};
use super::Around;

/// The name of the client that the variable `API_KEY` makes.
const OF_ENVIRONMENT: &str = "default";
/// Keys of fewer characters can be guessed.
const STRONG: usize = 20;

/// A client, and what is known of its keys only while they are read.
pub(super) struct Checked {
    pub(super) client: Client,
    /// None of its keys is easy to guess.
    pub(super) strong: bool,
}

pub(super) fn resolve(
    documents: Vec<ClientDocument>,
    place: &Place<'_>,
    around: &Around<'_>,
) -> Vec<Checked> {
    let mut names = BTreeSet::new();
    let mut clients = Vec::new();
    if let Some(key) = around.variable("API_KEY") {
        names.insert(OF_ENVIRONMENT.to_owned());
        clients.push(of_environment(&key));
    }
    for (index, document) in documents.into_iter().enumerate() {
        let here = place.item(index);
        if document.name.is_empty() || document.name.chars().any(char::is_control) {
            here.field("name").problem("must be a name");
        } else if !names.insert(document.name.clone()) {
            here.field("name").problem(format!(
                "another client is called \"{}\" already{}",
                document.name,
                if document.name == OF_ENVIRONMENT {
                    ": the one of the variable API_KEY"
                } else {
                    ""
                }
            ));
        }
        clients.push(client(document, &here));
    }
    check_unique(&clients, place);
    clients
}

fn of_environment(key: &str) -> Checked {
    let keys = vec![ClientKey { hash: KeyHash::of(key), expires: None }];
    let name = OF_ENVIRONMENT.to_owned();
    let client = Client { name, keys, models: None, rpm: None, tpm: None, budget: None };
    Checked { client, strong: is_strong(key) }
}

fn client(document: ClientDocument, place: &Place<'_>) -> Checked {
    let keys_place = place.field("keys");
    if document.keys.is_empty() {
        keys_place.problem("must have at least one key");
    }
    let keys = document.keys.into_iter().enumerate();
    let (keys, strong): (Vec<_>, Vec<_>) =
        keys.filter_map(|(index, document)| key(&document, &keys_place.item(index))).unzip();
    let client = Client {
        name: document.name,
        keys,
        models: document.models,
        rpm: document.rpm.map(|count| count.0),
        tpm: document.tpm.map(|count| count.0),
        budget: document.budget.map(|budget| self::budget(&budget, &place.field("budget"))),
    };
    Checked { client, strong: strong.into_iter().all(|strong| strong) }
}

fn key(document: &ClientKeyDocument, place: &Place<'_>) -> Option<(ClientKey, bool)> {
    let expires = document.expires.as_deref().and_then(|text| instant(text, place));
    let (hash, strong) = match (&document.sha256, &document.key) {
        (Some(digits), None) => (hash(digits.0.expose(), place)?, true),
        (None, Some(key)) if key.0.expose().trim().is_empty() => {
            place.field("key").problem("is empty");
            return None;
        }
        (None, Some(key)) => (KeyHash::of(key.0.expose()), is_strong(key.0.expose())),
        _ => {
            place.problem("must have either `sha256` or `key`");
            return None;
        }
    };
    Some((ClientKey { hash, expires }, strong))
}

fn hash(digits: &str, place: &Place<'_>) -> Option<KeyHash> {
    let mut hash = [0; 32];
    let pairs = digits.as_bytes().chunks_exact(2);
    let usable = digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !usable {
        place.field("sha256").problem("must be 64 hexadecimal digits");
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(pairs) {
        let pair = std::str::from_utf8(pair).ok()?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(KeyHash(hash))
}

fn instant(text: &str, place: &Place<'_>) -> Option<OffsetDateTime> {
    let whole = OffsetDateTime::parse(text, &Rfc3339).ok();
    let day = || Date::parse(text, &Iso8601::DATE).ok().map(|day| day.midnight().assume_utc());
    let found = whole.or_else(day);
    if found.is_none() {
        // The text is not told: beside a key, it may be the key.
        place
            .field("expires")
            .problem("must be a day or a time, as \"2027-01-31\" or \"2027-01-31T12:00:00Z\"");
    }
    found
}

fn budget(document: &BudgetDocument, place: &Place<'_>) -> Budget {
    if document.usd <= 0.0 {
        place.field("usd").problem(format!("must be more than 0, not {}", document.usd));
    }
    let per = match document.per {
        Some(PeriodName::Day) => Period::Day,
        Some(PeriodName::Month) | None => Period::Month,
        Some(PeriodName::Total) => Period::Total,
    };
    Budget { usd: document.usd, per }
}

fn is_strong(key: &str) -> bool {
    let different: BTreeSet<char> = key.chars().collect();
    key.len() >= STRONG && different.len() >= STRONG / 2
}

/// One key cannot be that of two clients.
fn check_unique(clients: &[Checked], place: &Place<'_>) {
    let mut seen: BTreeSet<[u8; 32]> = BTreeSet::new();
    for checked in clients {
        for key in &checked.client.keys {
            if !seen.insert(key.hash.0) {
                place.problem(format!("a key of \"{}\" is there twice", checked.client.name));
            }
        }
    }
}
