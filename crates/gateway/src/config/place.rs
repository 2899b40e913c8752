//! Where in the file something stands, and what has been found wrong there.

use std::cell::RefCell;

use super::Problem;
use super::decode::snake_case;
use super::tree::{Node, Value};

/// The problems that have been found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    file: String,
    problems: RefCell<Vec<Problem>>,
}

impl Findings {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), problems: RefCell::default() }
    }

    /// Something outside the file is wrong: a variable of the environment, an option.
    pub(super) fn outside(&self, file: &str, field: &str, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            file: file.to_owned(),
            line: None,
            field: field.to_owned(),
            message: message.into(),
        });
    }

    pub(super) fn at(&self, line: usize, field: &str, message: impl Into<String>) {
        self.problems.borrow_mut().push(Problem {
            file: self.file.clone(),
            line: (line > 0).then_some(line),
            field: field.to_owned(),
            message: message.into(),
        });
    }

    /// What has been found, in the order of the lines.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| problem.line);
        problems
    }
}

/// A place in the file: a field, and the line that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    node: Option<&'a Node>,
    line: usize,
    field: String,
    findings: &'a Findings,
}

impl<'a> Place<'a> {
    pub(super) fn root(node: &'a Node, findings: &'a Findings) -> Self {
        Self { node: Some(node), line: node.line, field: String::new(), findings }
    }

    /// A field of the map here; where it is not written, the line is the map's.
    pub(super) fn field(&self, name: &str) -> Self {
        let fields = match self.node.map(|node| &node.value) {
            Some(Value::Map(fields)) => fields.as_slice(),
            _ => &[],
        };
        let matches = |text: &str| text == name || snake_case(text) == name;
        let found = fields.iter().find(|(key, _)| matches(&key.text));
        let between = if self.field.is_empty() { "" } else { "." };
        Self {
            node: found.map(|(_, node)| node),
            line: found.map_or(self.line, |(key, _)| key.line),
            field: format!("{}{between}{name}", self.field),
            findings: self.findings,
        }
    }

    /// An item of the list here. What is not a list counts as a list of one.
    pub(super) fn item(&self, index: usize) -> Self {
        let Some(Value::List(items)) = self.node.map(|node| &node.value) else {
            return self.clone();
        };
        let node = items.get(index);
        Self {
            node,
            line: node.map_or(self.line, |node| node.line),
            field: format!("{}[{index}]", self.field),
            findings: self.findings,
        }
    }

    /// Says that something is wrong here.
    pub(super) fn problem(&self, message: impl Into<String>) {
        self.findings.at(self.line, &self.field, message);
    }
}
