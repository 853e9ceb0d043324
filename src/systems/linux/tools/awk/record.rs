//! The record at hand and its fields, split when they are first asked for.

use std::sync::Arc;

use super::text;
use super::value::{Text, Value};
use crate::systems::linux::tools::regex::Regex;

/// How records become fields.
#[derive(Clone, Debug)]
pub enum Splitter {
    /// At white space.
    Blanks,
    /// At this byte.
    Byte(u8),
    /// At what matches.
    Regex(Arc<Regex>),
    /// Into characters.
    Characters,
    /// What matches are the fields (`FPAT`).
    Fields(Arc<Regex>),
}

impl Splitter {
    /// The fields of a text and what stands between them; `lines` when a newline parts them too.
    #[must_use]
    pub fn split(&self, record: &[u8], lines: bool) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (mut fields, mut between) = (Vec::new(), Vec::new());
        if record.is_empty() {
            return (fields, between);
        }
        let mut from = 0;
        let mut cut = |begin: usize, end: usize, next: usize| {
            fields.push(record[begin..end].to_vec());
            between.push(record[end..next].to_vec());
        };
        match self {
            Self::Blanks => {
                let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n');
                let mut at = record.iter().take_while(|byte| blank(byte)).count();
                while at < record.len() {
                    let end = at + record[at..].iter().take_while(|byte| !blank(byte)).count();
                    let next = end + record[end..].iter().take_while(|byte| blank(byte)).count();
                    cut(at, end, next);
                    at = next;
                }
                between.pop();
                return (fields, between);
            }
            Self::Byte(byte) => {
                for (at, own) in record.iter().enumerate() {
                    if own == byte || lines && *own == b'\n' {
                        cut(from, at, at + 1);
                        from = at + 1;
                    }
                }
            }
            Self::Characters => {
                for character in text::characters(record) {
                    cut(from, from + character.len(), from + character.len());
                    from += character.len();
                }
                between.pop();
                return (fields, between);
            }
            Self::Regex(regex) => {
                let mut at = 0;
                loop {
                    let found = regex.find_at(record, at).filter(|found| found.start < record.len());
                    let newline = record[at..].iter().position(|byte| *byte == b'\n').filter(|_| lines);
                    let newline = newline.map(|place| at + place..at + place + 1);
                    let found = match (found, newline) {
                        (Some(found), Some(newline)) if newline.start < found.start => newline,
                        (Some(found), _) => found,
                        (None, Some(newline)) => newline,
                        (None, None) => break,
                    };
                    if found.is_empty() {
                        at = found.end + 1;
                        if at > record.len() {
                            break;
                        }
                        continue;
                    }
                    cut(from, found.start, found.end);
                    (from, at) = (found.end, found.end);
                }
            }
            Self::Fields(regex) => {
                let mut at = 0;
                while let Some(found) = regex.find_at(record, at) {
                    fields.push(record[found.clone()].to_vec());
                    at = if found.is_empty() { found.end + 1 } else { found.end };
                    // What follows a field parts it from the next, so the next may be empty right behind that.
                    at = at.max(found.end + 1);
                    if at > record.len() {
                        break;
                    }
                }
                return (fields, between);
            }
        }
        fields.push(record[from..].to_vec());
        (fields, between)
    }
}

/// A record.
#[derive(Debug)]
pub struct Record {
    text: Text,
    fields: Vec<Value>,
    splitter: Splitter,
    lines: bool,
    /// Whether the fields are those of the text.
    is_split: bool,
    /// Whether the text is that of the fields.
    is_joined: bool,
}

/// So many fields may a record have.
pub const FIELDS: usize = 1 << 20;

impl Default for Record {
    fn default() -> Self {
        let text = Arc::from([]);
        Self { text, fields: Vec::new(), splitter: Splitter::Blanks, lines: false, is_split: true, is_joined: true }
    }
}

impl Record {
    /// Another record, to be split like this.
    pub fn set(&mut self, text: Text, splitter: Splitter, lines: bool) {
        (self.text, self.splitter, self.lines) = (text, splitter, lines);
        (self.is_split, self.is_joined) = (false, true);
    }

    /// Splits what has not been split.
    pub fn split(&mut self) {
        if !self.is_split {
            let (fields, _) = self.splitter.split(&self.text, self.lines);
            self.fields = fields.iter().take(FIELDS).map(|field| Value::input(field)).collect();
            self.is_split = true;
        }
    }

    /// How many fields there are.
    pub fn count(&mut self) -> usize {
        self.split();
        self.fields.len()
    }

    /// A field; the first is 1.
    pub fn field(&mut self, at: usize) -> Value {
        self.split();
        self.fields.get(at.wrapping_sub(1)).cloned().unwrap_or_default()
    }

    /// The whole record, joined by the separator where fields were changed.
    pub fn text(&mut self, separator: &[u8], format: &[u8]) -> Text {
        if !self.is_joined {
            let fields: Vec<Text> = self.fields.iter().map(|field| field.to_text(format)).collect();
            self.text = Arc::from(fields.join(separator));
            self.is_joined = true;
        }
        Arc::clone(&self.text)
    }

    /// Changes a field; those before it are there from now on.
    pub fn set_field(&mut self, at: usize, value: Value) {
        self.split();
        if at > self.fields.len() {
            self.fields.resize(at, Value::input(b""));
        }
        self.fields[at - 1] = value;
        self.is_joined = false;
    }

    /// Changes how many fields there are.
    pub fn set_count(&mut self, count: usize) {
        self.split();
        self.fields.resize(count, Value::input(b""));
        self.is_joined = false;
    }
}
