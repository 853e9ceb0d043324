//! appsh's own messages: on standard error, each beginning with `appsh: `, and coloured where that is wanted.

use std::io::{IsTerminal, Write};

use owo_colors::OwoColorize;

use super::args::Color;
use super::colored;

/// Who speaks for appsh itself.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    color: bool,
}

impl Voice {
    /// A voice on standard error.
    #[must_use]
    pub fn new(color: Color) -> Self {
        Self { color: colored(color, std::io::stderr().is_terminal()) }
    }

    /// Says a sentence; nothing when it is empty. Where standard error is closed, nobody listens, and that is no trouble.
    pub fn say(&self, message: &str) {
        for line in message.lines() {
            let _ = writeln!(std::io::stderr(), "{}", self.paint(&format!("appsh: {line}")));
        }
    }

    /// A message of appsh as it looks on a terminal.
    #[must_use]
    pub fn paint(&self, text: &str) -> String {
        if self.color { text.cyan().to_string() } else { text.to_owned() }
    }
}
