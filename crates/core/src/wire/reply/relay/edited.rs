//! What is passed on in place of the bytes that have come.

use bytes::{Bytes, BytesMut};

use crate::wire::reply::editor::Editor;

/// Events that have been edited, as bytes.
#[derive(Debug)]
pub(super) struct Edited {
    pub(super) editor: Editor,
    bytes: BytesMut,
}

impl Edited {
    pub(super) fn new(editor: Editor) -> Self {
        Self { editor, bytes: BytesMut::new() }
    }

    /// A whole event as it came.
    pub(super) fn put_as_it_is(&mut self, event: &[u8]) {
        self.bytes.extend_from_slice(event);
    }

    /// An event of this data, in one line: a line feed would end it, and is but space in JSON.
    pub(super) fn put(&mut self, data: &str) {
        let plain = |byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte };
        self.bytes.reserve(data.len() + 8);
        self.bytes.extend_from_slice(b"data: ");
        self.bytes.extend(data.bytes().map(plain));
        self.bytes.extend_from_slice(b"\n\n");
    }

    /// Gives out what is there.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        (!self.bytes.is_empty()).then(|| self.bytes.split().freeze())
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}
