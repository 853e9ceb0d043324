//! Texts that are run: scripts in files, sourced files, `eval`, `bash -c`.

use super::super::io::Cut;
use super::{Flow, Frame, Run, Sh};
use crate::bash::parse::{Failure, Options, Parser, Read};
use std::collections::BTreeMap;

impl Sh {
    /// Runs a text in this shell, command by command as it is read: the status of the last.
    pub(super) async fn run_text(&mut self, text: &str) -> Run {
        let mut status = 0;
        let mut from = 0;
        let mut line = 1;
        // What a line does to aliases counts from the next one on.
        while from < text.len() {
            let (read, end, next) = match self.next_commands(&text[from..], line) {
                None => break,
                Some(next) => next,
            };
            (from, line) = (from + end, next);
            let read = match read {
                Ok(read) => read,
                Err(Failure::Incomplete(error) | Failure::Wrong(error)) => {
                    self.syntax(&error).await?;
                    self.st.status = 2;
                    return Err(Flow::Abort(2));
                }
            };
            for warning in &read.warnings {
                self.line = read.line;
                self.complain(&format!("warning: {warning}")).await?;
            }
            for item in &read.script.items {
                status = self.item(item).await?;
                self.st.status = status;
            }
        }
        Ok(status)
    }

    /// The next command list of a text whose first line has this number, how far it goes, and the number of the line
    /// behind it.
    pub(super) fn next_commands(&self, text: &str, line: u32) -> Option<(Result<Read, Failure>, usize, u32)> {
        let expands = self.st.shopt.contains("expand_aliases");
        let aliases = |name: &str| self.st.aliases.get(name).filter(|_| expands).cloned();
        let mut parser = Parser::new(text, Options { aliases: &aliases, extglob: !self.is_ash(), first_line: line });
        let read = self.as_read(parser.next()?);
        Some((read, parser.offset(), parser.line_number()))
    }

    /// `eval`, and what stands in a trap or after an inner shell.
    pub(super) async fn eval(&mut self, text: &str) -> Run {
        self.deeper().await?;
        let line = self.line;
        let result = Box::pin(self.run_text(text)).await;
        self.line = line;
        self.depth -= 1;
        result
    }

    /// `source`: runs a file in this shell.
    pub(super) async fn source(&mut self, path: &str, text: &str, words: Vec<String>) -> Run {
        self.deeper().await?;
        let frame = Frame {
            name: "source".to_owned(),
            function: false,
            locals: BTreeMap::new(),
            called: self.line,
            source: path.to_owned(),
        };
        self.frames.push(frame);
        let positional = (!words.is_empty()).then(|| std::mem::replace(&mut self.st.positional, words));
        let result = Box::pin(self.run_text(text)).await;
        if let Some(positional) = positional {
            self.st.positional = positional;
        }
        if let Some(frame) = self.frames.pop() {
            self.line = frame.called;
        }
        self.depth -= 1;
        match result {
            Err(Flow::Return(status)) => Ok(status),
            result => result,
        }
    }

    /// Runs a text as a script in a shell of its own.
    pub(super) async fn run_script(&mut self, name: &str, text: &str, words: Vec<String>) -> Run {
        self.deeper().await?;
        let mut shell = self.script_shell(&words);
        shell.st.name = name.to_owned();
        shell.st.positional = words.into_iter().skip(1).collect();
        let run = Box::pin(shell.run_text(text)).await;
        let ended = shell.end(run).await;
        self.depth -= 1;
        match ended {
            Ok(status) => Ok(status),
            Err(cut @ (Cut::Limit(_) | Cut::Gone)) => Err(Flow::Cut(cut)),
            Err(cut) => Ok(cut.status()),
        }
    }

    /// A shell that runs a script: it has this one's environment and nothing else of it.
    fn script_shell(&mut self, words: &[String]) -> Self {
        let environment = self.environment();
        let mut p = self.p.child(words);
        p.env = environment;
        let st = super::Start::script(&p, &self.st).bash();
        let mut shell = Self::new(p, st);
        shell.depth = self.depth;
        shell
    }
}
