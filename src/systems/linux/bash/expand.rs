//! Expansion: from the words of the tree to the words that a program gets (bash(1), "EXPANSION").

use std::sync::Arc;

use super::super::io::{Boxed, Cut, Open, give_way, pipe};
use super::execute::sole;
use super::parameter::is_name;
use super::split::{Field, Fields};
use super::{Flow, Later, Run, Sh, cost};
use crate::bash::ast::{Part, Script, Word};
use crate::bash::brace;

/// So many words may one command have.
const WORDS: usize = 200_000;

impl Sh {
    /// The words of a command: expanded, split, matched against file names.
    pub(super) async fn expand_words(&mut self, words: &[Word]) -> Run<Vec<String>> {
        let mut all = Vec::with_capacity(words.len());
        for word in words {
            self.expand_word(word, &mut all).await?;
        }
        Ok(all)
    }

    /// One word, which may become none or several.
    pub(super) fn expand_word<'a>(&'a mut self, word: &'a Word, all: &'a mut Vec<String>) -> Later<'a, ()> {
        Box::pin(async move {
            if let Some(text) = plain(word) {
                all.push(text);
                return Ok(());
            }
            if !has_brace(word) || !self.option("braceexpand") {
                return self.expand_braceless(word, all).await;
            }
            match brace::expand(word, self.version()) {
                Ok(words) => {
                    for word in words {
                        self.expand_braceless(&word, all).await?;
                    }
                    Ok(())
                }
                Err(_) => self.abort("brace expansion: too many words").await,
            }
        })
    }

    fn expand_braceless<'a>(&'a mut self, word: &'a Word, all: &'a mut Vec<String>) -> Later<'a, ()> {
        Box::pin(async move {
            let mut fields = Fields::split(self.ifs());
            self.parts(&word.parts, &mut fields).await?;
            for field in fields.finish() {
                if field.is_magic() && !self.option("noglob") {
                    self.glob(&field, all).await?;
                } else {
                    all.push(field.text);
                }
            }
            if all.len() > WORDS {
                return Err(Flow::Cut(Cut::Limit("words")));
            }
            Ok(())
        })
    }

    /// The characters at which results are split.
    pub(super) fn ifs(&self) -> &str {
        self.st.variables.get("IFS").map_or(" \t\n", |ifs| ifs.scalar().unwrap_or(" \t\n"))
    }

    /// A word that is neither split nor matched against file names.
    pub(super) async fn whole(&mut self, word: &Word) -> Run<Field> {
        let mut fields = Fields::whole();
        self.parts(&word.parts, &mut fields).await?;
        Ok(fields.join())
    }

    /// A word as one text, neither split nor matched against file names.
    pub(super) async fn expand_text(&mut self, word: &Word) -> Run<String> {
        match plain(word) {
            Some(text) => Ok(text),
            None => Ok(self.whole(word).await?.text),
        }
    }

    /// The text of a here-document or of arithmetic: as between double quotes.
    pub(super) async fn expand_quoted(&mut self, word: &Word) -> Run<String> {
        if let [Part::Bare(text) | Part::Quoted(text)] = &word.parts[..] {
            return Ok(text.clone());
        }
        let mut fields = Fields::whole();
        self.quoted_parts(&word.parts, &mut fields).await?;
        Ok(fields.join().text)
    }

    /// A word as a pattern.
    pub(super) async fn expand_pattern(&mut self, word: &Word) -> Run<String> {
        Ok(self.whole(word).await?.pattern())
    }

    /// A word as a regular expression.
    pub(super) async fn expand_regex(&mut self, word: &Word) -> Run<String> {
        Ok(self.whole(word).await?.regex())
    }

    /// Expands the parts of a word in order.
    pub(super) fn parts<'a>(&'a mut self, parts: &'a [Part], fields: &'a mut Fields) -> Later<'a, ()> {
        Box::pin(async move {
            self.deeper(cost::PARTS).await?;
            for (at, part) in parts.iter().enumerate() {
                match part {
                    Part::Bare(text) if at == 0 && text.starts_with('~') => {
                        let open = parts.len() == 1 || text.contains('/');
                        match open.then(|| self.tilde(text)).flatten() {
                            Some((home, rest)) => {
                                fields.push_quoted(&home);
                                fields.push_bare(rest);
                            }
                            None => fields.push_bare(text),
                        }
                    }
                    Part::Bare(text) if at == 0 && text.contains("=~") => self.assignment_like(text, fields),
                    Part::Bare(text) => fields.push_bare(text),
                    Part::Quoted(text) => fields.push_quoted(text),
                    Part::Double(inner) => {
                        if inner.is_empty() {
                            fields.begin();
                        }
                        self.quoted_parts(inner, fields).await?;
                    }
                    Part::Parameter(parameter) => self.parameter(parameter, false, fields).await?,
                    Part::Command(script) => {
                        let text = self.substitute(script).await?;
                        self.grow(text.len() as u64)?;
                        fields.push_split(&text);
                    }
                    Part::Arithmetic(text) => {
                        let value = self.arithmetic(text).await?;
                        fields.push_split(&value.to_string());
                    }
                    Part::Process(writes, script) => {
                        let path = self.process(*writes, script).await?;
                        fields.push_quoted(&path);
                    }
                }
            }
            self.p.depth -= cost::PARTS;
            Ok(())
        })
    }

    /// Expands what stands between double quotes.
    pub(super) fn quoted_parts<'a>(&'a mut self, parts: &'a [Part], fields: &'a mut Fields) -> Later<'a, ()> {
        Box::pin(async move {
            self.deeper(cost::PARTS).await?;
            for part in parts {
                match part {
                    Part::Bare(text) | Part::Quoted(text) => fields.push_quoted(text),
                    Part::Double(inner) => self.quoted_parts(inner, fields).await?,
                    Part::Parameter(parameter) => self.parameter(parameter, true, fields).await?,
                    Part::Command(script) => {
                        let text = self.substitute(script).await?;
                        self.grow(text.len() as u64)?;
                        fields.push_quoted(&text);
                    }
                    Part::Arithmetic(text) => {
                        let value = self.arithmetic(text).await?;
                        fields.push_quoted(&value.to_string());
                    }
                    Part::Process(writes, script) => {
                        let path = self.process(*writes, script).await?;
                        fields.push_quoted(&path);
                    }
                }
            }
            self.p.depth -= cost::PARTS;
            Ok(())
        })
    }

    /// A word that looks like an assignment: a tilde counts behind its `=`.
    fn assignment_like(&self, text: &str, fields: &mut Fields) {
        let home = text.split_once('=').filter(|(name, _)| is_name(name));
        match home.and_then(|(name, value)| Some((name, self.tilde(value)?))) {
            Some((name, (home, rest))) => {
                fields.push_bare(&format!("{name}="));
                fields.push_quoted(&home);
                fields.push_bare(rest);
            }
            None => fields.push_bare(text),
        }
    }

    /// The home directory that a `~` stands for, and what follows it.
    pub(super) fn tilde<'t>(&self, text: &'t str) -> Option<(String, &'t str)> {
        let end = text.find('/').unwrap_or(text.len());
        let home = match &text[1..end] {
            "" => match self.st.variable("HOME") {
                Some(home) => home.to_owned(),
                None => self.p.peek(|linux| linux.user(&self.st.user).map(|user| user.home))?,
            },
            "+" => self.st.cwd.clone(),
            "-" => self.st.variable("OLDPWD")?.to_owned(),
            name => self.p.peek(|linux| linux.user(name).map(|user| user.home))?,
        };
        Some((home, &text[end..]))
    }

    /// `$( … )`: what the commands print, without the line ends at its end.
    fn substitute<'a>(&'a mut self, script: &'a Script) -> Later<'a, String> {
        Box::pin(async move {
            if let Some(text) = self.read_substitution(script).await? {
                return Ok(text);
            }
            let mut shell = self.copy();
            shell.p.depth += cost::SUBSTITUTION;
            let sink = Arc::new(Open::Capture(std::sync::Mutex::default()));
            shell.p.files.set(1, Some(Arc::clone(&sink)));
            if !self.st.shopt.contains("inherit_errexit") {
                shell.st.options.remove("errexit");
            }
            shell.know_jobs_of(self);
            shell.becomes = sole(script);
            shell.level += 1;
            let run = shell.script(script).await;
            let status = match shell.end(run).await {
                Ok(status) => status,
                Err(cut @ (Cut::Limit(_) | Cut::Gone)) => return Err(Flow::Cut(cut)),
                Err(cut) => cut.status(),
            };
            drop(shell);
            if Arc::strong_count(&sink) > 1 {
                // A job that it has left behind may still write.
                self.p.until_pipes(|| (Arc::strong_count(&sink) == 1).then_some(())).await?;
            }
            self.substituted = Some(status);
            self.st.status = status;
            Ok(captured(sink.captured()))
        })
    }

    /// `$(< file)`: the file's text.
    fn read_substitution<'a>(&'a mut self, script: &'a Script) -> Later<'a, Option<String>> {
        Box::pin(async move {
            let Some(word) = reads_only(script) else { return Ok(None) };
            let path = self.expand_text(word).await?;
            match self.p.read_whole(&path).await? {
                Ok(bytes) => {
                    self.substituted = Some(0);
                    Ok(Some(captured(bytes)))
                }
                Err(errno) => {
                    self.complain(&format!("{path}: {}", errno.text())).await?;
                    self.substituted = Some(1);
                    Ok(Some(String::new()))
                }
            }
        })
    }

    /// `<( … )` and `>( … )`: the commands go on beside the one that reads what they write, or writes what they read,
    /// through a pipe that is a file under `/dev/fd`.
    fn process<'a>(&'a mut self, writes: bool, script: &'a Script) -> Later<'a, String> {
        Box::pin(async move {
            if !self.p.control.takes_companion() {
                return self.abort("fork: retry: Resource temporarily unavailable").await;
            }
            let fd = (0..=63).rev().find(|fd| self.p.files.get(*fd).is_none()).unwrap_or(64);
            self.opened.push(fd);
            let mut shell = self.copy();
            shell.p.depth += cost::SUBSTITUTION;
            let (reader, writer) = pipe(&self.p.control);
            let (reader, writer) = (Arc::new(Open::Reader(reader)), Arc::new(Open::Writer(writer)));
            let (theirs, (end, own)) = if writes { (0, (reader, writer)) } else { (1, (writer, reader)) };
            shell.p.files.set(theirs, Some(end));
            self.p.files.set(fd, Some(own));
            self.st.last_background = Some(shell.p.pid);
            self.accompanied = true;
            self.p.control.accompany(shell.p.pid, companion(shell, script.clone()));
            give_way(&self.p.control).await;
            Ok(format!("/dev/fd/{fd}"))
        })
    }

    /// A command is through: closes the files of its process substitutions but the first `kept`, and lets those that read
    /// on to the end of what was written do so.
    pub(super) fn close_substitutions<'a>(&'a mut self, kept: usize) -> Later<'a, ()> {
        Box::pin(async move {
            for fd in self.opened.split_off(kept) {
                self.p.files.set(fd, None);
            }
            if std::mem::take(&mut self.accompanied) {
                give_way(&self.p.control).await;
            }
            Ok(())
        })
    }
}

/// The commands of a process substitution, as a process of their own.
fn companion(mut shell: Sh, script: Script) -> Boxed<'static, ()> {
    Box::pin(async move {
        shell.becomes = sole(&script);
        let run = shell.script(&script).await;
        let ended = shell.leave(run).await.unwrap_or_else(Cut::status);
        // `wait $!` asks.
        shell.p.control.companion_ended(shell.p.pid, ended);
        shell.p.exit(ended);
        shell.p.reap();
        shell.p.tell_pipes();
    })
}

/// Captured bytes as the text of a variable: no zeros, no line ends at the end.
fn captured(mut bytes: Vec<u8>) -> String {
    bytes.retain(|byte| *byte != 0);
    while bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// The file of a script that is nothing but `< file`.
fn reads_only(script: &Script) -> Option<&Word> {
    use crate::bash::ast::{Command, RedirectKind};
    let [item] = &script.items[..] else { return None };
    let [Command::Simple(simple)] = &item.first.stages[..] else { return None };
    if item.background || !item.rest.is_empty() || !simple.words.is_empty() || !simple.assignments.is_empty() {
        return None;
    }
    match &simple.redirects[..] {
        [redirect] if redirect.fd.is_none() => match &redirect.kind {
            RedirectKind::Read(word) => Some(word),
            _ => None,
        },
        _ => None,
    }
}

/// The text of a word in which nothing is to be expanded.
pub(super) fn plain(word: &Word) -> Option<String> {
    match &word.parts[..] {
        [Part::Quoted(text)] => Some(text.clone()),
        [Part::Bare(text)] if !text.contains(['~', '{', '*', '?', '[', '(']) => Some(text.clone()),
        _ => None,
    }
}

fn has_brace(word: &Word) -> bool {
    word.parts.iter().any(|part| matches!(part, Part::Bare(text) if text.contains('{')))
}
