//! The line being typed: rustyline's line buffer and history under keys that come one by one.
//!
//! rustyline's own `Editor` is not used: it blocks until Enter, so that no virtual time could pass while somebody types;
//! what it has read beyond a line stays in a private buffer which a question or a pager cannot reach; and Ctrl-C and
//! Ctrl-D throw that buffer away (19.0.0, `readline_edit`).

mod draw;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::path::Path;

use rustyline::completion::longest_common_prefix;
use rustyline::history::{FileHistory, History, SearchDirection};
use rustyline::line_buffer::{ChangeListener, DeleteListener, Direction, LineBuffer, WordAction};
use rustyline::{At, Movement, Word};

use draw::Drawn;
pub use draw::width;

use super::keys::Key;
use crate::systems::{Completion, Editing, Recall};

/// How many bytes a line takes: as many as a terminal's own line editing does.
pub const LONGEST: usize = 4096;

/// How many pieces that were cut out are kept (the guide of the appliance shell).
const RING: usize = 10;

/// A line under construction.
pub struct Editor {
    line: LineBuffer,
    /// What was typed where no shell remembers it.
    history: FileHistory,
    /// What the shell at hand remembers, from the first key on that asks for it until the line is through.
    recall: Option<Recall>,
    /// The entry that is shown; past the last one, it is a new line.
    entry: usize,
    /// The entry whose last word was put in by the key before, and its length.
    last_word: Option<(usize, usize)>,
    /// The new line, while entries of the history are shown.
    draft: String,
    /// What the keys do, where shells differ.
    pub editing: Editing,
    /// What was cut out, the last of it at the end.
    killed: VecDeque<String>,
    /// The place among them, and the length, of what the key before has put in.
    yanked: Option<(usize, usize)>,
    /// What Ctrl-R looks for.
    search: Option<String>,
    /// Ctrl-V was typed: the next key stands for itself.
    quotes: bool,
    drawn: Drawn,
    /// Whether the line ends at the edge, so that what follows stands on the next row.
    full: bool,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// Nothing that is seen.
    Nothing,
    /// The line looks different.
    Changed,
    /// This stands behind the line now, and is all that changed.
    Appended(char),
    /// The line is complete.
    Enter(String),
    /// Ctrl-C on this line.
    Interrupt(String),
    /// Ctrl-D on an empty line.
    EndOfInput,
    /// Ctrl-Z on this line, which is still there.
    Suspend(String),
    /// Tab: the last word of this shall be completed.
    Complete(String),
    /// Ctrl-L.
    ClearScreen,
    /// The search is over: the line looks different, and this key is still to be taken.
    Found(Key),
}

impl Editor {
    /// An editor with an empty history.
    #[must_use]
    pub fn new() -> Self {
        Self {
            line: LineBuffer::with_capacity(LONGEST),
            history: FileHistory::new(),
            recall: None,
            entry: 0,
            last_word: None,
            draft: String::new(),
            editing: Editing::default(),
            killed: VecDeque::new(),
            yanked: None,
            search: None,
            quotes: false,
            drawn: Drawn::default(),
            full: false,
        }
    }

    /// Takes up the history kept in a file, if it exists.
    pub fn load_history(&mut self, path: &Path) {
        // A history that cannot be read is an empty one; keeping it will tell why.
        let _ = self.history.load(path);
        self.entry = self.history.len();
    }

    /// Adds what is new in the history to a file.
    ///
    /// # Errors
    /// What the host says.
    pub fn keep_history(&mut self, path: &Path) -> rustyline::Result<()> {
        self.history.append(path)
    }

    /// Remembers a line.
    pub fn remember(&mut self, line: &str) {
        // Empty lines and repeated ones are not taken; that is no trouble.
        let _ = self.history.add(line);
        self.entry = self.history.len();
    }

    /// What has been typed of the line.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.as_str()
    }

    /// Takes a key.
    pub fn press(&mut self, key: Key) -> Did {
        if self.search.is_some() {
            return self.press_in_search(key);
        }
        if key != Key::YankOlder {
            self.yanked = None;
        }
        if key != Key::LastWord {
            self.last_word = None;
        }
        if std::mem::take(&mut self.quotes)
            && let Some(character) = itself(key)
        {
            return self.insert(character);
        }
        match (self.editing, key) {
            (Editing::Appliance, Key::Ctrl('r')) => return Did::Changed,
            (Editing::Appliance, Key::Ctrl('x')) => return self.edit(Key::Ctrl('u')),
            _ => {}
        }
        match key {
            Key::Char(character) => self.insert(character),
            Key::Enter => Did::Enter(self.take()),
            Key::Tab => Did::Complete(self.line.as_str()[..self.line.pos()].to_owned()),
            Key::Ctrl('c') => Did::Interrupt(self.take()),
            Key::Ctrl('d') if self.line.is_empty() => Did::EndOfInput,
            Key::Ctrl('z') => Did::Suspend(self.line.as_str().to_owned()),
            Key::Ctrl('l') => Did::ClearScreen,
            Key::Ctrl('v') => {
                self.quotes = true;
                Did::Nothing
            }
            Key::Ctrl('r') => {
                self.search = Some(String::new());
                Did::Changed
            }
            Key::Up | Key::Ctrl('p') => self.go_to_entry(self.entry.checked_sub(1)),
            Key::Down | Key::Ctrl('n') => self.go_to_entry(Some(self.entry + 1)),
            other => self.edit(other),
        }
    }

    fn insert(&mut self, character: char) -> Did {
        let at_end = self.line.is_cursor_at_end();
        let first = self.line.is_empty();
        if self.line.len() + character.len_utf8() > LONGEST {
            return Did::Nothing;
        }
        match self.line.insert(character, 1, &mut Killed::default()) {
            None => Did::Nothing,
            Some(_) if at_end && !first && !character.is_control() => Did::Appended(character),
            Some(_) => Did::Changed,
        }
    }

    fn edit(&mut self, key: Key) -> Did {
        let (line, killed) = (&mut self.line, &mut self.killed);
        let mut kill = |line: &mut LineBuffer, movement: &Movement| {
            let mut now = Killed::default();
            let done = line.kill(movement, &mut now);
            if done {
                if killed.len() == RING {
                    killed.pop_front();
                }
                killed.push_back(now.text);
            }
            done
        };
        let case = |line: &mut LineBuffer, action| line.edit_word(action, &mut Killed::default());
        let changed = match key {
            Key::Backspace => line.backspace(1, &mut Killed::default()),
            Key::Delete | Key::Ctrl('d') => line.delete(1, &mut Killed::default()).is_some(),
            Key::Left | Key::Ctrl('b') => line.move_backward(1),
            Key::Right | Key::Ctrl('f') => line.move_forward(1),
            Key::Home | Key::Ctrl('a') => line.move_home(),
            Key::End | Key::Ctrl('e') => line.move_end(),
            Key::WordLeft => line.move_to_prev_word(Word::Emacs, 1),
            Key::WordRight => line.move_to_next_word(At::AfterEnd, Word::Emacs, 1),
            Key::DeleteWordLeft => kill(line, &Movement::BackwardWord(1, Word::Emacs)),
            Key::DeleteWordRight => kill(line, &Movement::ForwardWord(1, At::AfterEnd, Word::Emacs)),
            Key::Ctrl('w') => kill(line, &Movement::BackwardWord(1, Word::Big)),
            Key::Ctrl('u') => kill(line, &Movement::BeginningOfLine),
            Key::Ctrl('k') => kill(line, &Movement::EndOfLine),
            Key::Ctrl('t') => line.transpose_chars(&mut Killed::default()),
            Key::Upper => case(line, WordAction::Uppercase),
            Key::Lower => case(line, WordAction::Lowercase),
            Key::Capital => case(line, WordAction::Capitalize),
            Key::Ctrl('y') => self.yank(),
            Key::YankOlder => self.yank_older(),
            Key::LastWord => self.put_last_word(),
            _ => false,
        };
        if changed { Did::Changed } else { Did::Nothing }
    }

    /// Puts in what was cut out last.
    fn yank(&mut self) -> bool {
        let Some(text) = self.killed.back() else { return false };
        let done = self.line.yank(text, 1, &mut Killed::default()).is_some();
        self.yanked = done.then_some((self.killed.len() - 1, text.len()));
        done
    }

    /// Puts in what was cut out before that in place of what was just put in.
    fn yank_older(&mut self) -> bool {
        let Some((place, length)) = self.yanked else { return false };
        let place = place.checked_sub(1).unwrap_or(self.killed.len() - 1);
        let text = &self.killed[place];
        if self.line.len() - length + text.len() > LONGEST {
            return false;
        }
        self.line.yank_pop(length, text, &mut Killed::default());
        self.yanked = Some((place, text.len()));
        true
    }

    /// Whether a key asks for what was typed before while none of it is shown: [`Editor::recall`] is to be told first.
    #[must_use]
    pub fn asks(&self, key: Key) -> bool {
        let looks_back = matches!(key, Key::Up | Key::LastWord | Key::Ctrl('p' | 'r'));
        looks_back && self.entry == self.count() && self.last_word.is_none() && self.search.is_none()
    }

    /// What the shell at hand remembers; with none, what was typed here is brought back.
    pub fn recall(&mut self, recall: Option<Recall>) {
        self.recall = recall;
        self.entry = self.count();
    }

    fn count(&self) -> usize {
        self.recall.as_ref().map_or_else(|| self.history.len(), |recall| recall.lines.len())
    }

    fn entry(&self, at: usize) -> Option<Cow<'_, str>> {
        match &self.recall {
            Some(recall) => recall.lines.get(at).map(|line| Cow::Borrowed(line.trim_end_matches('\n'))),
            None => self.history.get(at, SearchDirection::Forward).ok().flatten().map(|found| found.entry),
        }
    }

    /// Shows an entry of the history, or behind the last one the new line.
    fn go_to_entry(&mut self, entry: Option<usize>) -> Did {
        let Some(entry) = entry.filter(|entry| *entry <= self.count()) else { return Did::Nothing };
        if self.entry == self.count() {
            self.draft = self.line.as_str().to_owned();
        }
        let text = self.entry(entry).map_or_else(|| self.draft.clone(), Cow::into_owned);
        self.entry = entry;
        self.replace(&text);
        Did::Changed
    }

    /// Puts in the last word of the line before; in place of what the key before has put in, that of one more line before.
    fn put_last_word(&mut self) -> bool {
        let (from, length) = self.last_word.unwrap_or((self.count(), 0));
        let Some(before) = from.checked_sub(1) else { return false };
        let split = self.recall.as_ref().map_or(behind_blanks as fn(&str) -> &str, |recall| recall.last_word);
        let word = self.entry(before).map_or_else(String::new, |line| split(&line).to_owned());
        let end = self.line.pos();
        if self.line.len() - length + word.len() > LONGEST {
            return false;
        }
        self.line.replace(end - length..end, &word, &mut Killed::default());
        self.last_word = Some((before, word.len()));
        true
    }

    fn press_in_search(&mut self, key: Key) -> Did {
        let Some(mut wanted) = self.search.take() else { return Did::Nothing };
        let mut from = self.entry;
        match key {
            Key::Ctrl('r') => from = from.saturating_sub(1),
            Key::Char(character) => {
                wanted.push(character);
                from = self.count().saturating_sub(1);
            }
            Key::Backspace => {
                wanted.pop();
                from = self.count().saturating_sub(1);
            }
            Key::Ctrl('g') | Key::Other => return Did::Changed,
            other => return Did::Found(other),
        }
        let found = (0..=from).rev().find_map(|at| {
            let line = self.entry(at).filter(|line| !wanted.is_empty() && line.contains(&wanted))?;
            Some((at, line.into_owned()))
        });
        if let Some((entry, text)) = found {
            self.entry = entry;
            self.replace(&text);
        }
        self.search = Some(wanted);
        Did::Changed
    }

    /// Completes what stands before the cursor as far as all agree that was found; `false` when that adds nothing.
    pub fn complete(&mut self, Completion { start, found, end }: &Completion) -> bool {
        let typed = self.line.pos() - start;
        let Some(common) = longest_common_prefix(found) else { return false };
        let mut word = common.to_owned();
        if found.len() == 1 && !word.ends_with('/') {
            word.push_str(end);
        }
        if word.len() <= typed || self.line.len() - typed + word.len() > LONGEST {
            return false;
        }
        self.line.replace(*start..self.line.pos(), &word, &mut Killed::default());
        true
    }

    fn take(&mut self) -> String {
        let line = self.line.as_str().to_owned();
        self.clear();
        line
    }

    /// Forgets what was typed of the line.
    pub fn clear(&mut self) {
        self.replace("");
        (self.search, self.recall, self.last_word) = (None, None, None);
        self.entry = self.history.len();
    }

    fn replace(&mut self, text: &str) {
        // A history file of another program may have longer ones.
        let text = &text[..piece(text)];
        self.line.update(text, text.len(), &mut Killed::default());
    }
}

fn behind_blanks(line: &str) -> &str {
    line.split_whitespace().last().unwrap_or_default()
}

/// The character that a key stands for behind Ctrl-V; none for Enter and for keys that are no single character.
fn itself(key: Key) -> Option<char> {
    match key {
        Key::Char(character) => Some(character),
        Key::Tab => Some('\t'),
        Key::Backspace => Some('\x7f'),
        Key::Ctrl(letter @ 'a'..='z') => Some(char::from(letter as u8 - b'a' + 1)),
        _ => None,
    }
}

/// How many bytes of a text fit into a line, without cutting a character.
fn piece(text: &str) -> usize {
    (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}

/// The text that was cut out last.
#[derive(Debug, Default)]
struct Killed {
    text: String,
}

impl DeleteListener for Killed {
    fn delete(&mut self, _: usize, text: &str, direction: Direction) {
        match direction {
            Direction::Forward => self.text.push_str(text),
            Direction::Backward => self.text.insert_str(0, text),
        }
    }
}

impl ChangeListener for Killed {
    fn insert_char(&mut self, _: usize, _: char) {}

    fn insert_str(&mut self, _: usize, _: &str) {}

    fn replace(&mut self, _: usize, _: &str, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_line_takes_no_more_and_is_still_drawn() {
        for (character, taken) in [('x', 4096), ('ä', 2048), ('世', 1365)] {
            let mut editor = Editor::new();
            for count in 0..70_000 {
                let did = editor.press(Key::Char(character));
                assert_eq!(did == Did::Nothing, count >= taken, "{count}");
            }
            assert_eq!(editor.text().chars().count(), taken);
            let before = "p".repeat(70_000);
            assert!(editor.draw(&before, 1000).starts_with(&before));
            let found = vec![format!("{}more", editor.text())];
            assert!(!editor.complete(&Completion { start: 0, found, end: " " }));
            assert_eq!(editor.press(Key::Ctrl('u')), Did::Changed);
            assert_eq!(editor.press(Key::Ctrl('y')), Did::Changed);
            assert_eq!(editor.press(Key::Ctrl('y')), Did::Nothing);
        }
        let mut editor = Editor::new();
        editor.remember(&format!("x{}", "世".repeat(40_000)));
        assert_eq!(editor.press(Key::Up), Did::Changed);
        assert_eq!(editor.text().len(), 4096);
    }

    #[test]
    fn keys_do_what_the_shell_at_hand_makes_of_them() {
        let check = |editing, keys: &[Key], expect: &str| {
            let mut editor = Editor::new();
            editor.editing = editing;
            editor.remember("earlier");
            "one two".chars().for_each(|character| drop(editor.press(Key::Char(character))));
            keys.iter().for_each(|key| drop(editor.press(*key)));
            assert_eq!(editor.text(), expect, "{keys:?}");
        };
        let (bash, appliance) = (Editing::Readline, Editing::Appliance);
        check(bash, &[Key::WordLeft, Key::Upper], "one TWO");
        check(appliance, &[Key::Ctrl('a'), Key::Capital], "One two");
        check(appliance, &[Key::WordLeft, Key::Upper, Key::WordLeft, Key::Lower], "one two");
        check(appliance, &[Key::Ctrl('x')], "");
        check(bash, &[Key::Ctrl('x')], "one two");
        check(appliance, &[Key::Ctrl('r'), Key::Char('e')], "one twoe");
        check(bash, &[Key::Ctrl('r'), Key::Char('e')], "earlier");
        let cut = [Key::Ctrl('w'), Key::Ctrl('u'), Key::Ctrl('y'), Key::YankOlder];
        check(appliance, &cut[..3], "one ");
        check(appliance, &cut, "two");
        check(appliance, &[Key::Ctrl('v'), Key::Tab, Key::Char('x')], "one two\tx");
        check(bash, &[Key::Ctrl('v'), Key::Ctrl('a'), Key::Ctrl('v'), Key::Char('é')], "one two\u{1}é");
        check(appliance, &[Key::Ctrl('v'), Key::Left, Key::Char('x')], "one twxo");
        check(appliance, &[Key::Ctrl('u'), Key::Ctrl('y'), Key::Char('x'), Key::YankOlder], "one twox");
    }
}
