//! `set -x`

use super::assign::Assigns;
use super::builtins::Argument;
use super::{Later, Sh};
use crate::bash::ast::Assignment;
use crate::bash::{print, quote};

impl Sh {
    /// Shows the words of a command.
    pub(super) fn trace_words<'a>(&'a mut self, words: &'a [Argument]) -> Later<'a, ()> {
        Box::pin(async move {
            let shown: Vec<String> = words
                .iter()
                .map(|word| match word {
                    Argument::Word(text) => traced(text),
                    Argument::Assignment { name, append, value: Assigns::Text(text), .. } => {
                        format!("{name}{}={}", if *append { "+" } else { "" }, traced(text))
                    }
                    Argument::Assignment { name, .. } => name.clone(),
                })
                .collect();
            self.trace(&shown.join(" ")).await
        })
    }

    pub(super) fn trace_assignment<'a>(&'a mut self, assignment: &'a Assignment, value: &'a Assigns) -> Later<'a, ()> {
        Box::pin(async move {
            let sign = if assignment.append { "+=" } else { "=" };
            let value = match value {
                Assigns::Text(text) if text.is_empty() => String::new(),
                Assigns::Text(text) => traced(text),
                // Of an array, what was typed.
                Assigns::Array(_) => {
                    let typed = print::assignment(assignment);
                    typed.split_once('=').map_or(String::new(), |(_, value)| value.to_owned())
                }
            };
            let at = assignment.subscript.as_ref().map_or(String::new(), |word| format!("[{}]", print::word(word)));
            self.trace(&format!("{}{at}{sign}{value}", assignment.name)).await
        })
    }

    pub(super) fn trace<'a>(&'a mut self, text: &'a str) -> Later<'a, ()> {
        Box::pin(async move {
            let prompt = self.st.variable("PS4").unwrap_or("+ ").to_owned();
            // What it expands is not traced itself.
            self.st.options.remove("xtrace");
            let prompt = Box::pin(self.expand_prompt(&prompt)).await;
            self.st.options.insert("xtrace".to_owned());
            let prompt = prompt?;
            let deeper = prompt.chars().next().map_or(String::new(), |first| first.to_string().repeat(self.level));
            Ok(self.p.err(&format!("{deeper}{prompt}{text}\n")).await?)
        })
    }
}

/// A word as `set -x` shows it.
fn traced(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-./:=+,%@".contains(character);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { quote::shell_quote(text) }
}
