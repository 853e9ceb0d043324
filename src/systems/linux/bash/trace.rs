//! `set -x`

use super::assign::Assigns;
use super::builtins::Argument;
use super::{Later, Sh};
use crate::bash::ast::Assignment;
use crate::bash::print;

/// A key or an element as a trace shows it, always between quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

impl Sh {
    /// Shows the words of a command.
    pub(super) fn trace_words<'a>(&'a mut self, words: &'a [Argument]) -> Later<'a, ()> {
        Box::pin(async move {
            let sign = |append: &bool| if *append { "+=" } else { "=" };
            let mut shown = Vec::with_capacity(words.len());
            for word in words {
                shown.push(match word {
                    Argument::Word(text) => self.traced(text),
                    Argument::Assignment { name, append, value: Assigns::Text(text), .. } => {
                        self.traced(&format!("{name}{}{text}", sign(append)))
                    }
                    // An array is shown on a line of its own before the command.
                    Argument::Assignment { name, append, value: Assigns::Array(items), .. } => {
                        let items = items.iter().map(|(key, text)| match key {
                            Some(key) => format!("[{}]={}", quoted(key), quoted(text)),
                            None => quoted(text),
                        });
                        let items = items.collect::<Vec<_>>().join(" ");
                        self.trace(&format!("{name}{}({items})", sign(append))).await?;
                        name.clone()
                    }
                });
            }
            self.trace(&shown.join(" ")).await?;
            // `export` and `readonly` assign as if it were typed without them.
            let declares =
                matches!(words.first(), Some(Argument::Word(name)) if matches!(name.as_str(), "export" | "readonly"));
            if !declares || self.is_ash() {
                return Ok(());
            }
            for word in words {
                if let Argument::Assignment { name, append, value: Assigns::Text(text), .. } = word {
                    let text = if text.is_empty() { String::new() } else { self.traced(text) };
                    self.trace(&format!("{name}{}{text}", sign(append))).await?;
                }
            }
            Ok(())
        })
    }

    pub(super) fn trace_assignment<'a>(&'a mut self, assignment: &'a Assignment, value: &'a Assigns) -> Later<'a, ()> {
        Box::pin(async move {
            let sign = if assignment.append { "+=" } else { "=" };
            let value = match value {
                Assigns::Text(text) if text.is_empty() => String::new(),
                Assigns::Text(text) => self.traced(text),
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
            let prompt = self.st.variable("PS4").unwrap_or_default().to_owned();
            // What it expands is not traced itself.
            self.st.options.remove("xtrace");
            let prompt = Box::pin(self.expand_prompt(&prompt)).await;
            self.st.options.insert("xtrace".to_owned());
            let prompt = prompt?;
            let deeper = prompt
                .chars()
                .next()
                .map_or(String::new(), |first| first.to_string().repeat(if self.is_ash() { 0 } else { self.level }));
            let own = self.traced_to.as_ref().map(|files| std::mem::replace(&mut self.p.files, files.clone()));
            let fd = self.st.variable("BASH_XTRACEFD").and_then(|text| text.parse().ok());
            let fd = fd.filter(|fd| self.p.files.get(*fd).is_some()).unwrap_or(2);
            let written = self.p.write(fd, format!("{deeper}{prompt}{text}\n").as_bytes()).await;
            if let Some(own) = own {
                self.p.files = own;
            }
            Ok(written?)
        })
    }
}
