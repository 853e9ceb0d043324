//! Texts that are run: scripts in files, sourced files, `eval`, `bash -c`.

use crate::bash::version::{Feature, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::fs::Errno;
use super::super::io::Cut;
use super::super::proc::{CHUNK, HELD, Proc};
use super::foreground::as_run;
use super::search::Found;
use super::{Flow, Frame, Later, Run, Sh, Start, Step, cost, memory};
use crate::bash::ast::Script;
use crate::bash::parse::{self, Failure, Options, Parser, Read};
use crate::systems::linux::model::bash::Variable;

/// What became of a command that a program started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// It ran and ended with this status.
    Status(u8),
    /// It could not be run: no such program, or it is not for this user. The caller says so in its own words.
    Refused(Errno),
}

/// So many bytes of a script are looked at first for its next command.
const PIECE: usize = 512;

/// Where execvp(3) looks when there is no `PATH`.
const USUAL_PATH: &str = "/bin:/usr/bin";

/// Runs a command as a program does that starts another (`find -exec`, `xargs`): the file is looked for along the
/// program's `PATH`, nothing is expanded, and the command has the program's files, directory and environment.
///
/// # Errors
/// [`Cut`]: all that runs is cut off; a command that a signal killed has a status above 128.
pub async fn run_words(p: &mut Proc, words: Vec<String>) -> Result<Ran, Cut> {
    launched(p, launcher(p), words).await
}

/// The same as a program does that gives its place to another (`env`, `nice`): one of the modelled programs goes on in its
/// process. What it wants of the shell (`su` a shell to type into) the program wants in its place.
///
/// # Errors
/// As [`run_words`]; a signal cuts off the caller, too.
pub async fn become_words(p: &mut Proc, words: Vec<String>) -> Result<Ran, Cut> {
    let mut shell = launcher(p);
    shell.becomes = true;
    launched(p, shell, words).await
}

async fn launched(p: &mut Proc, mut shell: Sh, words: Vec<String>) -> Result<Ran, Cut> {
    let Some(name) = words.first().cloned() else { return Ok(Ran::Refused(Errno::Noent)) };
    if let Err(Flow::Cut(cut)) = shell.deeper(cost::PROGRAM).await {
        return Err(cut);
    }
    let becomes = shell.becomes;
    let ran = match shell.find_file(&name) {
        Found::File(path) => Ok(shell.program(&path, words).await),
        Found::Refused(_, Errno::Isdir) => Err(Errno::Acces),
        Found::Refused(_, errno) => Err(errno),
        _ => Err(Errno::Noent),
    };
    match ran {
        Err(errno) => Ok(Ran::Refused(errno)),
        Ok(Ok(status) | Err(Flow::Exit(status) | Flow::Abort(status) | Flow::Return(status))) => {
            Ok(Ran::Status(status))
        }
        Ok(Err(Flow::Break(_) | Flow::Continue(_))) => Ok(Ran::Status(0)),
        Ok(Err(Flow::Enter(entering))) if becomes => {
            p.request = Some(entering.request);
            Ok(Ran::Status(0))
        }
        Ok(Err(Flow::Enter(entering))) => {
            p.not_entered(entering.request, &format!("below {}", p.name)).map(Ran::Status)
        }
        Ok(Err(Flow::Cut(cut))) => Err(cut),
    }
}

/// A shell that is the program itself: no process of its own, the same environment, and nothing but that.
fn launcher(p: &Proc) -> Sh {
    let itself = p.again();
    let mut st = Start::by(&itself, &p.name, false).bash();
    st.variables.entry("PATH".to_owned()).or_insert_with(|| Variable::text(USUAL_PATH));
    let mut shell = Sh::new(itself, st);
    shell.environment = Some(Arc::clone(&p.env));
    shell.launches = true;
    shell
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file that is a script of its own.
    Script,
    /// `bash -c`
    Option,
    /// A file that `source` reads.
    Source,
    /// `eval`
    Eval,
    /// What a trap runs.
    Trap,
}

impl Sh {
    /// Runs a text in this shell, command by command as it is read: the status of the last.
    pub(super) fn run_text<'a>(&'a mut self, text: &'a str, origin: Origin) -> Later<'a> {
        Box::pin(async move {
            self.deeper(cost::TEXT).await?;
            let depth = self.p.depth;
            let line = match origin {
                Origin::Eval => self.line,
                // Before 5.1 the text of `-c` was counted from 0.
                Origin::Option if !self.has(Feature::COUNTS_FROM_ONE) && !self.is_ash() => 0,
                _ => 1,
            };
            let result = match self.back.pop() {
                Some(Step::Text(script, rest, next)) => {
                    let result = self.list_of_text(&script, &rest, next, origin).await;
                    match result {
                        Ok(status) => self.rest_of_text(&rest, next, origin, status).await,
                        cut => cut,
                    }
                }
                _ => self.rest_of_text(text, line, origin, 0).await,
            };
            self.p.depth = depth - cost::TEXT;
            result
        })
    }

    /// The status is that of what stood before; where nothing is left it stays.
    async fn rest_of_text(&mut self, text: &str, mut line: u32, origin: Origin, mut status: u8) -> Run {
        let _tree = self.keep(memory::tree(text))?;
        let mut from = 0;
        // What a line does to aliases counts from the next one on.
        while from < text.len() {
            let (read, end, next) = match self.next_commands(&text[from..], line) {
                None => break,
                Some(next) => next,
            };
            if self.option("verbose") {
                self.p.err(&text[from..from + end]).await?;
            }
            (from, line) = (from + end, next);
            match self.list_as_read(read, &text[from..], line, origin).await? {
                Some(ended) => status = ended,
                None => return Ok(2),
            }
        }
        Ok(status)
    }

    /// Runs what was read of a text; nothing where that is no list.
    async fn list_as_read(
        &mut self,
        read: Result<Read, Failure>,
        rest: &str,
        line: u32,
        origin: Origin,
    ) -> Run<Option<u8>> {
        let read = match read {
            Ok(read) => read,
            Err(failure) => {
                let place = match origin {
                    Origin::Eval => "eval: ",
                    Origin::Option => "-c: ",
                    _ => "",
                };
                match failure {
                    Failure::Incomplete(mut error, _) if self.is_ash() && !place.is_empty() => {
                        // A text of its own has no last line that is empty.
                        error.line = error.line.saturating_sub(1).max(1);
                        self.ended_early(place, &error, line).await?;
                    }
                    Failure::Incomplete(error, _) => self.ended_early(place, &error, line).await?,
                    Failure::Wrong(error) => self.syntax_in(place, &error).await?,
                }
                self.st.status = 2;
                return if self.is_ash() { Err(self.raise()) } else { Ok(None) };
            }
        };
        if matches!(origin, Origin::Script | Origin::Option) {
            self.st.commands += 1;
        }
        for warning in &read.warnings {
            self.line = read.last_line;
            self.complain(warning).await?;
        }
        (self.line, self.behind) = (read.line, line);
        self.list_of_text(&read.script, rest, line, origin).await.map(Some)
    }

    /// Runs what standard input gives, which is read line by line: the programs find there what stands behind their own line.
    pub(super) async fn run_input(&mut self) -> Run {
        self.deeper(cost::TEXT).await?;
        let depth = self.p.depth;
        let result = self.lines_of_input().await;
        self.p.depth = depth - cost::TEXT;
        result
    }

    async fn lines_of_input(&mut self) -> Run {
        let (mut text, mut line, mut status) = (String::new(), 1, 0);
        let mut document: Option<(String, bool)> = None;
        loop {
            let read = self.line_of_input().await?;
            let is_last = read.is_empty();
            text.push_str(&read);
            if let Some((delimiter, tabs)) = document.take_if(|_| !is_last) {
                let bare = if tabs { read.trim_start_matches('\t') } else { &read };
                if bare.trim_end_matches('\n') != delimiter {
                    document = Some((delimiter, tabs));
                    continue;
                }
            }
            let _tree = self.keep(memory::tree(&text))?;
            while !text.is_empty() {
                let Some((read, end, next)) = self.next_commands(&text, line) else {
                    line += u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
                    text.clear();
                    break;
                };
                match &read {
                    Ok(Read { cut: Some(_), awaited, .. }) if !is_last => {
                        document.clone_from(awaited);
                        break;
                    }
                    Err(Failure::Incomplete(..)) if !is_last => break,
                    _ => {}
                }
                if self.option("verbose") {
                    self.p.err(&text[..end]).await?;
                }
                line = next;
                text.drain(..end);
                match self.list_as_read(read, "", line, Origin::Script).await? {
                    Some(ended) => status = ended,
                    None => return Ok(2),
                }
            }
            if is_last {
                return Ok(status);
            }
        }
    }

    /// The next line of standard input with its end; nothing behind the last.
    async fn line_of_input(&mut self) -> Run<String> {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\n") && bytes.len() < HELD {
            let more = self.p.read_until(0, CHUNK, Some(b'\n')).await?;
            if more.is_empty() {
                break;
            }
            bytes.extend(more);
        }
        bytes.retain(|byte| *byte != 0);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Runs a list that was read of a text; `rest` stands behind it.
    async fn list_of_text(&mut self, script: &Script, rest: &str, line: u32, origin: Origin) -> Run {
        let depth = self.p.depth;
        match self.items(script).await {
            // The rest of what was read is forgotten.
            Err(Flow::Abort(code)) if !self.subshell && !self.st.interactive => {
                self.p.depth = depth;
                self.st.status = code;
                Ok(code)
            }
            Err(Flow::Enter(entering)) if origin == Origin::Trap => {
                Ok(self.p.not_entered(entering.request, "within a trap")?)
            }
            result => result.map_err(|flow| flow.within(|| Step::Text(script.clone(), rest.to_owned(), line))),
        }
    }

    /// The next command list of a text whose first line has this number, how far it goes, and the number of the line
    /// behind it.
    pub(super) fn next_commands(&self, text: &str, line: u32) -> Option<(Result<Read, Failure>, usize, u32)> {
        let expands = self.st.shopt.contains("expand_aliases");
        let aliases = |name: &str| self.st.aliases.get(name).filter(|_| expands).cloned();
        let extglob = self.st.shopt.contains("extglob") && !self.is_ash();
        // What an ash does not read it refuses in its own words.
        let version = if self.is_ash() { Version::NONE } else { self.version() };
        let options = Options { aliases: &aliases, extglob, first_line: line, version };
        let depth = self.p.depth * parse::DEPTH / super::DEPTH;
        // The parser makes a copy of what it is given: a long script is given to it piece by piece.
        let mut most = PIECE;
        loop {
            let end = text.get(most..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| most + at + 1);
            let mut parser = Parser::new(&text[..end], options).begin_at(depth);
            let read = parser.next();
            let whole = matches!(&read, Some(Ok(read)) if read.cut.is_none());
            if whole || end == text.len() {
                return Some((self.as_read(read?), parser.offset(), parser.line_number()));
            }
            most = end.saturating_mul(4);
        }
    }

    /// `eval`, and what stands in a trap or after an inner shell.
    pub(super) fn eval<'a>(&'a mut self, text: &'a str) -> Later<'a> {
        Box::pin(async move {
            let line = self.line;
            self.level += 1;
            let result = Box::pin(self.run_text(text, Origin::Eval)).await;
            self.level -= 1;
            self.line = line;
            result
        })
    }

    /// `source`: runs a file in this shell.
    pub(super) fn source<'a>(&'a mut self, path: &'a str, text: &'a str, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            let frame = Frame {
                name: "source".to_owned(),
                function: false,
                locals: BTreeMap::new(),
                options: None,
                called: self.line,
                source: path.to_owned(),
            };
            let positional = (!words.is_empty()).then(|| std::mem::replace(&mut self.st.positional, words));
            self.go_on_with_file(text, frame, positional).await
        })
    }

    /// Runs a file in this shell, or what is left of it; `positional` are put back afterwards.
    pub(super) async fn go_on_with_file(&mut self, text: &str, frame: Frame, positional: Option<Vec<String>>) -> Run {
        self.frames.push(frame);
        let _set_aside = self.keep(memory::texts(positional.iter().flatten()))?;
        self.level += 1;
        let result = Box::pin(self.run_text(text, Origin::Source)).await;
        self.level -= 1;
        if let Err(flow @ Flow::Enter(_)) = result {
            let frame = self.frames.pop().unwrap_or_default();
            return Err(flow.within(|| Step::Source(frame, positional)));
        }
        if let Some(positional) = positional {
            self.st.positional = positional;
        }
        if matches!(result, Ok(_) | Err(Flow::Return(_))) {
            self.trap("RETURN").await?;
        }
        if let Some(frame) = self.frames.pop() {
            self.line = frame.called;
        }
        match result {
            Err(Flow::Return(status)) => Ok(status),
            result => result,
        }
    }

    /// Runs a text as a script in a shell of its own.
    pub(super) fn run_script<'a>(&'a mut self, name: &'a str, text: &'a str, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            let becomes = std::mem::take(&mut self.becomes);
            let mut shell = self.script_shell(&words, becomes);
            shell.st.name = name.to_owned();
            shell.st.positional = words.into_iter().skip(1).collect();
            let ended = if self.controls_jobs() && !becomes {
                shell.p.lead();
                let (process, text) = (shell.p.pid, text.to_owned());
                let job = Box::pin(async move {
                    let run = shell.whole_script(&text).await;
                    shell.end(run).await
                });
                match self.in_front(vec![process], job, |ended| ended.unwrap_or_else(Cut::status)).await {
                    Ok(ended) => ended,
                    stopped => return as_run(stopped.map(|_| 0)),
                }
            } else {
                let run = shell.whole_script(text).await;
                if becomes { shell.leave(run).await } else { shell.end(run).await }
            };
            match ended {
                Ok(status) => Ok(status),
                Err(cut) if becomes => Err(Flow::Cut(cut)),
                Err(cut @ (Cut::Limit(_) | Cut::Gone)) => Err(Flow::Cut(cut)),
                Err(cut) => Ok(cut.status()),
            }
        })
    }

    /// Runs a script behind the file with which a shell begins that runs one.
    fn whole_script<'a>(&'a mut self, text: &'a str) -> Later<'a> {
        Box::pin(async move {
            Box::pin(self.start_up()).await?;
            self.run_text(text, Origin::Script).await
        })
    }

    /// A shell that runs a script: it has this one's environment and nothing else of it.
    fn script_shell(&mut self, words: &[String], becomes: bool) -> Self {
        let environment = self.environment();
        let mut p = if becomes { self.p.becoming(words) } else { self.p.child(words) };
        p.env = environment;
        let st = super::Start::script(&p, &self.st).bash();
        Self::new(p, st)
    }
}
