//! The words that an expansion comes to: split at `IFS` where they were not quoted, with what was quoted kept in mind until
//! patterns have been matched against file names.

use crate::bash::pattern;

/// One word on its way.
#[derive(Debug, Default)]
pub struct Field {
    /// Its text, quotes removed.
    pub text: String,
    /// Which bytes of the text were quoted.
    quoted: Vec<(usize, usize)>,
}

impl Field {
    /// A text of which nothing was quoted.
    #[must_use]
    pub fn bare(text: &str) -> Self {
        Self { text: text.to_owned(), quoted: Vec::new() }
    }

    fn push(&mut self, text: &str, quoted: bool) {
        let from = self.text.len();
        self.text.push_str(text);
        if quoted && !text.is_empty() {
            self.quoted.push((from, self.text.len()));
        }
    }

    /// The text as a pattern in which quoted characters stand for themselves.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.escaped(pattern::escape)
    }

    /// The text as `set -x` shows a pattern: each quoted character behind a backslash.
    #[must_use]
    pub fn traced(&self) -> String {
        self.escaped(|text| text.chars().flat_map(|character| ['\\', character]).collect())
    }

    /// The text as an extended regular expression in which quoted characters stand for themselves.
    #[must_use]
    pub fn regex(&self) -> String {
        self.escaped(|text| {
            let mut escaped = String::with_capacity(text.len());
            for character in text.chars() {
                if "\\^$.[]|()*+?{}".contains(character) {
                    escaped.push('\\');
                }
                escaped.push(character);
            }
            escaped
        })
    }

    fn escaped(&self, escape: impl Fn(&str) -> String) -> String {
        let mut whole = String::with_capacity(self.text.len());
        let mut at = 0;
        for (from, to) in &self.quoted {
            whole.push_str(&self.text[at..*from]);
            whole.push_str(&escape(&self.text[*from..*to]));
            at = *to;
        }
        whole.push_str(&self.text[at..]);
        whole
    }

    /// Whether it may name several files.
    #[must_use]
    pub fn is_magic(&self) -> bool {
        self.text.contains(['*', '?', '[', '(']) && pattern::is_magic(&self.pattern())
    }
}

/// Words that are being put together.
#[derive(Debug)]
pub struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    /// At what unquoted results are split; nothing splits where it is `None`.
    ifs: Option<String>,
    /// Whether the last word ended at a blank: another delimiter then belongs to it.
    after_blank: bool,
}

impl Fields {
    /// Words split at the characters of `ifs`.
    #[must_use]
    pub fn split(ifs: &str) -> Self {
        Self { done: Vec::new(), current: None, ifs: Some(ifs.to_owned()), after_blank: false }
    }

    /// One text that is not split.
    #[must_use]
    pub fn whole() -> Self {
        Self { done: Vec::new(), current: None, ifs: None, after_blank: false }
    }

    /// Whether nothing is split.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.ifs.is_none()
    }

    /// There is a word now, though it may stay empty.
    pub fn begin(&mut self) {
        self.current.get_or_insert_default();
    }

    /// Adds characters that stand for themselves.
    pub fn push_quoted(&mut self, text: &str) {
        self.current.get_or_insert_default().push(text, true);
    }

    /// Adds bare characters of the command line, which are not split.
    pub fn push_bare(&mut self, text: &str) {
        self.current.get_or_insert_default().push(text, false);
    }

    /// Adds the result of an expansion, which is split.
    pub fn push_split(&mut self, text: &str) {
        let Some(ifs) = self.ifs.take() else {
            if !text.is_empty() {
                self.push_bare(text);
            }
            return;
        };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let blank = |character: char| ifs.contains(character) && matches!(character, ' ' | '\t' | '\n');
            if blank(first) {
                if let Some(field) = self.current.take() {
                    self.done.push(field);
                    self.after_blank = true;
                }
                rest = rest.trim_start_matches(blank);
            } else if ifs.contains(first) {
                match self.current.take() {
                    Some(field) => self.done.push(field),
                    None if self.after_blank => {}
                    None => self.done.push(Field::default()),
                }
                self.after_blank = false;
                rest = &rest[first.len_utf8()..];
            } else {
                let end = rest.find(|character| ifs.contains(character)).unwrap_or(rest.len());
                self.push_bare(&rest[..end]);
                self.after_blank = false;
                rest = &rest[end..];
            }
        }
        self.ifs = Some(ifs);
    }

    /// Ends the present word between two elements of a list.
    pub fn next(&mut self) {
        match self.current.take() {
            Some(field) => self.done.push(field),
            None if self.is_whole() => {}
            None => {}
        }
        self.after_blank = false;
    }

    /// The words.
    #[must_use]
    pub fn finish(mut self) -> Vec<Field> {
        self.done.extend(self.current.take());
        self.done
    }

    /// All of it as one word, empty when there is none.
    #[must_use]
    pub fn join(self) -> Field {
        let mut whole = Field::default();
        for (number, field) in self.finish().into_iter().enumerate() {
            if number > 0 {
                whole.push(" ", true);
            }
            let from = whole.text.len();
            whole.text.push_str(&field.text);
            whole.quoted.extend(field.quoted.iter().map(|(a, b)| (a + from, b + from)));
        }
        whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_split_at_ifs() {
        let check = |ifs: &str, text: &str, expect: &[&str]| {
            let mut fields = Fields::split(ifs);
            fields.push_split(text);
            let words: Vec<String> = fields.finish().into_iter().map(|field| field.text).collect();
            assert_eq!(words, expect, "{text:?} at {ifs:?}");
        };
        check(" \t\n", "  a  b\tc\n", &["a", "b", "c"]);
        check(":", "a::b:", &["a", "", "b"]);
        check(":", ":a", &["", "a"]);
        check(" :", "a : b", &["a", "b"]);
        check(" :", "a ::b", &["a", "", "b"]);
        check("", "a b", &["a b"]);
        check(",", "a b,c d", &["a b", "c d"]);
    }

    #[test]
    fn quoted_characters_lose_their_meaning() {
        let mut fields = Fields::split(" ");
        fields.push_bare("*");
        fields.push_quoted("*.");
        fields.push_bare("?");
        let field = &fields.finish()[0];
        assert_eq!((field.text.as_str(), field.pattern().as_str(), field.is_magic()), ("**.?", "*\\*.?", true));
        assert_eq!(field.regex(), "*\\*\\.?");
    }
}
