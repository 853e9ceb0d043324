//! What helps with a line that is being typed: the lines before it, and what could stand at its end.

use std::sync::Arc;

use super::{Repl, drawing, tty_trouble};
use crate::front::Trouble;
use crate::lab::Waits;
use crate::operator::State;
use crate::shell::secret;
use crate::systems::{Completion, Editing, Recall};

/// So many lines for the director are remembered.
const DIRECTED: usize = 500;

impl Repl<'_> {
    /// What Up and its kin bring back: at the prompt of a shell that remembers its lines those, and where they were typed
    /// between them the lines for the director; at a question what was typed at those before it.
    pub(super) fn recall(&self, state: State) -> Option<Recall> {
        let id = match state {
            State::Session(id, Waits::Prompt) => id,
            State::Session(_, Waits::Line) => {
                return Some(Recall { lines: Arc::new(self.answers.clone()), last_word });
            }
            _ => return None,
        };
        let recall = self.desk.operator.lab.recall(id)?;
        let mut directed = self.directed.iter().filter(|(session, ..)| *session == id).peekable();
        if directed.peek().is_none() {
            return Some(recall);
        }
        let mut lines = Vec::with_capacity(recall.lines.len());
        for (at, line) in recall.lines.iter().enumerate() {
            while let Some((.., line)) = directed.next_if(|(_, place, _)| *place <= at) {
                lines.push(line.clone());
            }
            lines.push(line.clone());
        }
        lines.extend(directed.map(|(.., line)| line.clone()));
        Some(Recall { lines: Arc::new(lines), ..recall })
    }

    /// Remembers an answer until the next command.
    pub(super) fn remember_answer(&mut self, state: State, line: &str) {
        if matches!(state, State::Session(_, Waits::Line)) && !line.trim().is_empty() && self.answers.len() < DIRECTED {
            self.answers.push(secret::blot(line).into_owned());
        }
    }

    /// Remembers a line that was typed at a prompt, unless a shell does so.
    pub(super) fn remember(&mut self, state: State, line: &str, director: bool) -> Result<(), Trouble> {
        let line = secret::blot(line);
        self.answers.clear();
        if let State::Session(id, Waits::Prompt) = state
            && let Some(recall) = self.desk.operator.lab.recall(id)
        {
            if director {
                self.directed.push((id, recall.lines.len(), line.into_owned()));
                let over = self.directed.len().saturating_sub(DIRECTED);
                self.directed.drain(..over);
            }
            return Ok(());
        }
        self.editor.remember(&line);
        self.keep_history()
    }

    /// Tab. bash shows what could be meant when it is pressed again, the appliance shell at once.
    pub(super) fn complete(&mut self, state: State, before: &str, again: bool) -> Result<(), Trouble> {
        let completion = match state {
            _ if before.starts_with('%') => Completion::of_last_word(before, complete_director(before)),
            State::Session(id, Waits::Prompt) => self.desk.operator.lab.complete(id, before),
            _ => Completion::default(),
        };
        if self.editor.complete(&completion) {
            // The next Tab is the first one on the longer line.
            self.tabbed = false;
            return self.redraw();
        }
        if completion.found.len() < 2 {
            return Ok(());
        }
        if !again && self.editor.editing == Editing::Readline {
            return self.tty.show("\x07").map_err(tty_trouble);
        }
        self.finish_line("")?;
        let list = drawing::columns(&completion.found, usize::from(self.size.0));
        self.print(&list)
    }
}

fn last_word(line: &str) -> &str {
    line.split_whitespace().last().unwrap_or_default()
}

/// Names of director commands.
fn complete_director(before: &str) -> Vec<String> {
    let names = crate::director::DIRECTORS.iter().map(|command| format!("%{}", command.name));
    names.filter(|name| name.starts_with(before)).collect()
}
