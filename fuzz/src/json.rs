//! JSON as `JSON.parse` reads it, written down plainly.

/// A value, with all that a program might see of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    /// In UTF-16 units, which may be lone surrogates.
    String(Vec<u16>),
    Array(Vec<Json>),
    /// All members in their order, also those that a later one of the same key replaces.
    Object(Vec<(Vec<u16>, Json)>),
}

/// The value of a text; none where `JSON.parse` would throw.
pub fn parse(text: &str) -> Option<Json> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value()?;
    (reader.at == text.len()).then_some(value)
}

/// A key or string as it is in a value.
pub fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

impl Json {
    /// The member that a program sees under a key.
    pub fn get(&self, key: &str) -> Option<&Json> {
        let Json::Object(members) = self else { return None };
        let key = units(key);
        members.iter().rev().find(|member| member.0 == key).map(|member| &member.1)
    }

    /// As `Boolean(value)`.
    pub fn is_truthy(&self) -> bool {
        match self {
            Json::Null | Json::Bool(false) => false,
            Json::Number(text) => text.parse::<f64>().expect("a number") != 0.0,
            Json::String(units) => !units.is_empty(),
            Json::Bool(true) | Json::Array(_) | Json::Object(_) => true,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek()? == expected).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// A value and the white space around it.
    fn value(&mut self) -> Option<Json> {
        self.space();
        let value = match self.peek()? {
            b'{' => self.object()?,
            b'[' => self.array()?,
            b'"' => Json::String(self.string()?),
            b'-' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        self.space();
        Some(value)
    }

    fn word(&mut self) -> Option<Json> {
        let words =
            [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        let rest = self.text.get(self.at..)?;
        let (word, value) = words.into_iter().find(|(word, _)| rest.starts_with(word))?;
        self.at += word.len();
        Some(value)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        Some(Json::Number(self.text[start..self.at].to_owned()))
    }

    fn string(&mut self) -> Option<Vec<u16>> {
        self.take(b'"')?;
        let mut string = Vec::new();
        loop {
            let next: char = self.text.get(self.at..)?.chars().next()?;
            self.at += next.len_utf8();
            match next {
                '"' => return Some(string),
                '\\' => string.push(self.escape()?),
                '\0'..'\x20' => return None,
                _ => string.extend(next.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let letter = self.peek()?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => u16::from(letter),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(())?;
                u16::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        })
    }

    fn array(&mut self) -> Option<Json> {
        let mut items = Vec::new();
        self.members(b']', |reader| Some(items.push(reader.value()?)))?;
        Some(Json::Array(items))
    }

    fn object(&mut self) -> Option<Json> {
        let mut members = Vec::new();
        self.members(b'}', |reader| {
            reader.space();
            let key = reader.string()?;
            reader.space();
            reader.take(b':')?;
            Some(members.push((key, reader.value()?)))
        })?;
        Some(Json::Object(members))
    }

    fn members(
        &mut self,
        close: u8,
        mut member: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.at += 1;
        self.space();
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            member(self)?;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }
}
