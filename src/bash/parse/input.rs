//! The characters that are still to be read. They lie on a stack, the next one on top, so that the text of an alias goes in
//! front of the rest of its line at the cost of its own length. What was read is kept, for messages quote it.

/// The text of an alias that is being read.
struct Mark {
    /// How many characters are left once it has been read.
    left: usize,
    /// How much was read before it: to what it stands within, its text was never typed.
    past: usize,
    /// The alias, which means itself within its own text.
    name: String,
    /// Whether its text ends in a blank, so that the next word may be an alias, too.
    blank: bool,
}

/// Text, a character at a time.
pub(super) struct Input {
    rest: Vec<char>,
    past: Vec<char>,
    marks: Vec<Mark>,
    /// The line that is being read.
    pub(super) line: u32,
    /// How many bytes of the given text have been read.
    pub(super) offset: usize,
    /// Whether the text of an alias that ended in a blank has just been read.
    pub(super) alias_next: bool,
    /// Whether the text ends behind a backslash, which asks for another line.
    pub(super) continued: bool,
    /// Whether a last backslash was doubled: at the end of a text it stands for itself.
    doubled: bool,
}

impl Input {
    /// A text as it stands.
    pub(super) fn new(text: &str, line: u32) -> Self {
        let rest = text.chars().rev().collect();
        Self {
            rest,
            past: Vec::new(),
            marks: Vec::new(),
            line,
            offset: 0,
            alias_next: false,
            continued: false,
            doubled: false,
        }
    }

    /// A script: its last line has an end.
    pub(super) fn script(text: &str, line: u32) -> Self {
        let mut input = Self::new(text, line);
        if !text.is_empty() && !text.ends_with('\n') {
            let slashes = text.len() - text.trim_end_matches('\\').len();
            input.doubled = slashes % 2 == 1;
            let end: &[char] = if input.doubled { &['\n', '\\'] } else { &['\n'] };
            input.rest.splice(0..0, end.iter().copied());
        }
        input
    }

    /// The next character as it stands.
    pub(super) fn raw(&mut self) -> Option<char> {
        let c = self.rest.pop()?;
        self.past.push(c);
        if self.marks.is_empty() {
            self.offset += c.len_utf8();
            self.line += u32::from(c == '\n');
        }
        while self.marks.last().is_some_and(|mark| self.rest.len() <= mark.left) {
            if let Some(mark) = self.marks.pop() {
                self.alias_next |= mark.blank;
                self.past.truncate(mark.past);
            }
        }
        if c == '\\' && self.doubled && self.rest.len() == 1 {
            self.continued = true;
        }
        Some(c)
    }

    /// Which character is next once lines are joined where a backslash ends them.
    pub(super) fn peek(&mut self) -> Option<char> {
        while self.rest.ends_with(&['\n', '\\']) {
            self.raw();
            self.raw();
            self.past.truncate(self.past.len().saturating_sub(2));
            self.continued |= self.rest.is_empty();
        }
        self.rest.last().copied()
    }

    /// The next character, unless it is the end of the line; nothing is joined.
    pub(super) fn raw_in_line(&mut self) -> Option<char> {
        if self.rest.last().is_none_or(|c| *c == '\n') { None } else { self.raw() }
    }

    /// Which character is next; nothing is joined.
    pub(super) fn raw_peek(&self) -> Option<char> {
        self.rest.last().copied()
    }

    /// The character behind the next one.
    pub(super) fn second(&self) -> Option<char> {
        self.rest.len().checked_sub(2).map(|at| self.rest[at])
    }

    /// Reads the next character when it is this one.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.raw();
        }
        found
    }

    /// The characters to come, as they stand.
    pub(super) fn ahead(&self) -> impl Iterator<Item = char> + '_ {
        self.rest.iter().rev().copied()
    }

    /// Reads so many characters as they stand.
    pub(super) fn take(&mut self, count: usize) -> String {
        std::iter::from_fn(|| self.raw()).take(count).collect()
    }

    /// Where in what was read the next character will stand.
    pub(super) fn place(&self) -> usize {
        self.past.len()
    }

    /// What was read from one place to another.
    pub(super) fn between(&self, start: usize, end: usize) -> String {
        let end = end.min(self.past.len());
        self.past[start.min(end)..end].iter().collect()
    }

    /// The whole line on which a place lies.
    pub(super) fn line_at(&self, place: usize) -> String {
        let place = place.min(self.past.len());
        let before = &self.past[..place];
        let start = before.iter().rposition(|c| *c == '\n').map_or(0, |at| at + 1);
        let behind = self.past[place..].iter().copied().chain(self.ahead());
        before[start..].iter().copied().chain(behind.take_while(|c| *c != '\n')).collect()
    }

    /// Puts the text of an alias in front of the rest; a blank ends it, so that nothing joins it.
    pub(super) fn insert_alias(&mut self, name: &str, text: &str) {
        let blank = text.ends_with([' ', '\t']);
        let (left, past) = (self.rest.len(), self.past.len());
        self.marks.push(Mark { left, past, name: name.to_owned(), blank });
        self.rest.push(' ');
        self.rest.extend(text.chars().rev());
    }

    /// Whether the text of this alias is being read.
    pub(super) fn within_alias(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| mark.name == name)
    }

    /// Forgets what was read.
    pub(super) fn forget(&mut self) {
        self.past.clear();
    }

    /// Leaves out the rest of the line, unless its end has been read.
    pub(super) fn skip_line(&mut self) {
        while !self.marks.is_empty() {
            self.raw();
        }
        if self.past.last() != Some(&'\n') {
            while self.raw().is_some_and(|c| c != '\n') {}
        }
        self.alias_next = false;
    }
}
