//! Simple commands: words, redirections, and which function, builtin or program they name.

use crate::bash::version::Feature;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::fs::Errno;
use super::super::io::{Cut, SIGTERM};
use super::super::kernel;
use super::super::parting;
use super::super::proc::{Ended, Proc};
use super::super::tools::{self, Tool};
use super::builtins::{self, Argument};
use super::foreground::as_run;
use super::search::{Found, Program};
use super::{Flow, Frame, Later, Sh, Step, cost, memory};
use crate::bash::ast::{self, Assignment, Command, Simple};
use crate::bash::print;
use crate::bash::quote::trace_quote;
use crate::systems::linux::distro::Dialect;
use crate::systems::linux::model::back::Call;
use crate::systems::linux::model::bash::{Value, Variable};

/// The special builtins of POSIX.
const SPECIAL: [&str; 16] = [
    ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "source",
    "times", "trap", "unset",
];

impl Sh {
    pub(super) fn simple<'a>(&'a mut self, simple: &'a Simple) -> Later<'a> {
        Box::pin(async move {
            let becomes = std::mem::take(&mut self.becomes);
            self.line = simple.line;
            self.substituted = None;
            let substitutions = self.opened.len();
            let words = self.arguments(simple).await?;
            let Some(Argument::Word(name)) = words.first() else { return self.bare(simple).await };
            let name = name.clone();
            // `exec` alone keeps its redirections.
            if name == "exec" && words.len() == 1 {
                if self.option("xtrace") {
                    self.trace_words(&words).await?;
                }
                let status = self.redirect_for_good(&simple.redirects).await?;
                for fd in self.opened.split_off(substitutions) {
                    self.p.files.set(fd, None);
                }
                return Ok(status);
            }
            // A process that is to become its command has the files of the command and no others.
            let before = (!simple.redirects.is_empty() && !becomes).then(|| self.p.files.clone());
            // What a command is traced as goes where messages went before its redirections.
            self.traced_to = (!simple.redirects.is_empty() && self.option("xtrace")).then(|| self.p.files.clone());
            let redirected = match simple.redirects.is_empty() {
                true => Ok(Ok(())),
                false => self.redirect(&simple.redirects).await,
            };
            let result = match redirected {
                Ok(Ok(())) => {
                    if becomes && !simple.redirects.is_empty() {
                        // What it had open before may be what somebody waits for.
                        self.p.tell_pipes();
                    }
                    let _set_aside = match &before {
                        Some(files) => Some(self.keep(files.text_bytes())?),
                        None => None,
                    };
                    self.last_word(words.last());
                    self.becomes = becomes;
                    let result = self.named(&name, words, &simple.assignments).await;
                    self.becomes = false;
                    result
                }
                Ok(Err(())) if self.is_ash() && builtins::is_special(&name) => Err(self.raise()),
                Ok(Err(())) => Ok(1),
                Err(flow) => Err(flow),
            };
            if let Some(before) = before {
                self.p.files = before;
            }
            if self.opened.len() > substitutions {
                self.close_substitutions(substitutions).await?;
            }
            let status = match result {
                Err(Flow::Enter(entering)) if !simple.redirects.is_empty() && entering.steps.len() > 1 => {
                    self.p.not_entered(entering.request, "within a function with redirections")?
                }
                result => result?,
            };
            // The redirections were the program's, not those of the shell that says how it ended.
            self.set_pipe_status(&[status]);
            if let Some((signal, pid)) = self.killed.take().filter(|(signal, _)| !self.is_struck_by(*signal)) {
                self.say_death(signal, pid, || print::simple(simple)).await?;
                self.struck_in_front(signal).await?;
            }
            Ok(status)
        })
    }

    /// The words of a command, expanded.
    fn arguments<'a>(&'a mut self, simple: &'a Simple) -> Later<'a, Vec<Argument>> {
        Box::pin(async move {
            let mut words: Vec<Argument> = Vec::with_capacity(simple.words.len());
            for argument in &simple.words {
                match argument {
                    ast::Argument::Word(word) => {
                        let mut expanded = Vec::new();
                        self.expand_word(word, &mut expanded).await?;
                        words.extend(expanded.into_iter().map(Argument::Word));
                    }
                    ast::Argument::Assignment(assignment) => {
                        let value = self.expand_assigned(assignment).await?;
                        let subscript = match &assignment.subscript {
                            Some(word) => Some(self.subscript(&assignment.name, word).await?),
                            None => None,
                        };
                        let (name, append) = (assignment.name.clone(), assignment.append);
                        words.push(Argument::Assignment { name, subscript, append, value });
                    }
                }
            }
            Ok(words)
        })
    }

    /// `$_` is the last word of the command before.
    fn last_word(&mut self, word: Option<&Argument>) {
        let text = match word {
            Some(Argument::Word(text)) => text,
            Some(Argument::Assignment { name, .. }) => name,
            None => return,
        };
        match self.st.variables.get_mut("_").map(|variable| &mut variable.value) {
            Some(Value::Text(last)) => text.clone_into(last),
            _ => {
                self.st.variables.insert("_".to_owned(), Variable::text(text));
            }
        }
    }

    /// Assignments and redirections without a command.
    fn bare<'a>(&'a mut self, simple: &'a Simple) -> Later<'a> {
        Box::pin(async move {
            let mut good = true;
            for assignment in &simple.assignments {
                good &= self.assign(assignment).await?;
            }
            if !good {
                return Err(Flow::Abort(1));
            }
            let before = self.p.files.clone();
            let redirected = self.redirect(&simple.redirects).await;
            self.p.files = before;
            match redirected? {
                Ok(()) => Ok(self.substituted.unwrap_or(0)),
                Err(()) => Ok(1),
            }
        })
    }

    /// A command with a name.
    pub(super) fn named<'a>(
        &'a mut self,
        name: &'a str,
        words: Vec<Argument>,
        assignments: &'a [Assignment],
    ) -> Later<'a> {
        Box::pin(async move {
            let becomes = std::mem::take(&mut self.becomes);
            let mut saved = BTreeMap::new();
            let mut _set_aside = Vec::new();
            for assignment in assignments {
                if !saved.contains_key(&assignment.name) {
                    let before = self.st.variables.get(&assignment.name).cloned();
                    _set_aside.push(self.keep(memory::named(&assignment.name, before.as_ref()))?);
                    saved.insert(assignment.name.clone(), before);
                }
                match self.assign(assignment).await {
                    Ok(true) => {}
                    refused => {
                        self.restore(saved);
                        return refused.map(|_| 1);
                    }
                }
                if let Some(variable) = self.st.variables.get_mut(&assignment.name) {
                    variable.exported = true;
                    self.environment = None;
                }
            }
            if self.option("xtrace") {
                self.trace_words(&words).await?;
            }
            self.traced_to = None;
            // A `PATH=` before the command counts for the command itself.
            let found = self.find(name);
            if matches!(found, Found::Nothing) && name.starts_with('%') && self.controls_jobs() {
                self.restore(saved);
                return builtins::fg(self, vec!["fg".to_owned(), name.to_owned()]).await;
            }
            self.becomes = becomes && matches!(found, Found::File(_));
            let special = matches!(found, Found::Builtin(_)) && SPECIAL.contains(&name);
            let result = match found {
                Found::Function(body) => match self.call(name, &body, texts(words)).await {
                    Err(Flow::Enter(entering)) if !saved.is_empty() => {
                        Ok(self.p.not_entered(entering.request, "within a function with assignments before it")?)
                    }
                    result => result,
                },
                Found::Builtin(builtin) => {
                    // Whoever goes to a process has to find it.
                    let texts =
                        words.iter().map(|word| if let Argument::Word(text) = word { text.as_str() } else { "" });
                    if self.p.cwd.starts_with("/proc") || texts.into_iter().any(|text| text.starts_with("/proc/")) {
                        self.p.list_processes();
                    }
                    builtin.call(self, words).await
                }
                Found::Nothing | Found::Refused(_, Errno::Isdir) if self.is_place(name) => {
                    self.go_to_place(texts(words)).await
                }
                Found::File(_) | Found::Refused(..) if self.forbids(name) => self.refuse_name(name).await,
                Found::File(path) => {
                    if !name.contains('/') && self.option("hashall") {
                        self.keep_program(name, path.clone(), 1);
                    }
                    self.program(&path, texts(words)).await
                }
                Found::Refused(path, errno) => {
                    self.complain(&format!("{path}: {}", self.unrunnable(errno))).await?;
                    Ok(if errno == Errno::Noent { 127 } else { 126 })
                }
                Found::Nothing => self.unknown(name, texts(words)).await,
            };
            // POSIX has assignments before a special builtin stay.
            if !(self.option("posix") && special) {
                self.restore(saved);
            }
            result
        })
    }

    /// Whether a directory that is typed as a command is gone to (`shopt -s autocd`).
    fn is_place(&self, name: &str) -> bool {
        self.st.interactive && self.st.shopt.contains("autocd") && self.is_directory(name)
    }

    fn go_to_place<'a>(&'a mut self, to: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            let words: Vec<String> = ["cd", "--"].map(str::to_owned).into_iter().chain(to).collect();
            let shown: Vec<String> = words.iter().map(|word| trace_quote(word)).collect();
            self.p.err(&format!("{}\n", shown.join(" "))).await?;
            match self.builtin("cd") {
                Some(cd) => cd.call(self, words.into_iter().map(Argument::Word).collect()).await,
                None => Ok(127),
            }
        })
    }

    fn restore(&mut self, saved: BTreeMap<String, Option<Variable>>) {
        for (name, variable) in saved {
            match variable {
                Some(variable) => self.st.variables.insert(name, variable),
                None => self.st.variables.remove(&name),
            };
            self.environment = None;
        }
    }

    fn unknown<'a>(&'a mut self, name: &'a str, mut words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            const HANDLER: &str = "command_not_found_handle";
            if let Some(handler) = self.st.functions.get(HANDLER).cloned()
                && self.has(Feature::NOT_FOUND_HANDLE)
            {
                words.insert(0, HANDLER.to_owned());
                return self.called_for(HANDLER, &handler, words).await;
            }
            let nowhere = self.st.variable("PATH").is_none_or(str::is_empty) && !self.is_ash();
            let why = if nowhere { Errno::Noent.text() } else { "command not found" };
            let why = if name.is_empty() && self.is_ash() { Errno::Acces.text() } else { why };
            self.complain(&format!("{name}: {why}")).await?;
            Ok(127)
        })
    }

    /// Runs a function.
    pub(super) fn call<'a>(&'a mut self, name: &'a str, body: &'a Arc<Command>, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            let most =
                self.st.variable("FUNCNEST").and_then(|most| most.parse::<usize>().ok()).filter(|most| *most > 0);
            if let Some(most) = most
                && self.frames.iter().filter(|frame| frame.function).count() >= most
            {
                return self.abort(&format!("{name}: maximum function nesting level exceeded ({most})")).await;
            }
            let frame = Frame {
                name: name.to_owned(),
                function: true,
                locals: BTreeMap::new(),
                options: None,
                called: self.line,
                source: self.frames.last().map_or(String::new(), |frame| frame.source.clone()),
            };
            let traps = self.set_traps_aside(name);
            let _set_aside = self.keep(memory::texts(&self.st.positional))?;
            let loops = std::mem::take(&mut self.loops);
            let positional = std::mem::replace(&mut self.st.positional, words.into_iter().skip(1).collect());
            self.called(Call { body: Arc::clone(body), frame, positional, loops, traps }).await
        })
    }

    /// Runs a function that no command names.
    pub(super) fn called_for<'a>(&'a mut self, name: &'a str, body: &'a Arc<Command>, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            self.p.depth += cost::HANDLER;
            let status = self.call(name, body, words).await;
            self.p.depth -= cost::HANDLER;
            status
        })
    }

    /// Runs a function whose arguments are set, or what is left of it.
    pub(super) fn called<'a>(&'a mut self, call: Call) -> Later<'a> {
        Box::pin(async move {
            let Call { body, frame, positional, loops, traps } = call;
            self.loops = 0;
            self.frames.push(frame);
            self.p.depth += cost::CALL;
            let watched = u32::from(!traps.is_empty());
            self.watched += watched;
            let mut result = Ok(0);
            if self.back.is_empty() && self.st.traps.contains_key("DEBUG") {
                result = self.trap("DEBUG").await.map(|()| 0);
            }
            if result.is_ok() {
                result = self.command(&body).await;
            }
            self.p.depth -= cost::CALL;
            self.watched -= watched;
            if let Err(flow @ Flow::Enter(_)) = result {
                let frame = self.frames.pop().unwrap_or_default();
                self.loops = loops;
                let call = Call { body, frame, positional, loops, traps };
                return Err(flow.within(|| Step::Call(Box::new(call))));
            }
            if let (Ok(_) | Err(Flow::Return(_)), true) = (&result, self.st.traps.contains_key("RETURN"))
                && let Err(flow) = self.trap("RETURN").await
            {
                result = Err(flow);
            }
            for (name, action) in traps {
                self.st.traps.entry(name).or_insert(action);
            }
            self.st.positional = positional;
            self.loops = loops;
            if let Some(frame) = self.frames.pop() {
                self.line = frame.called;
                self.restore(frame.locals);
                if let Some(options) = frame.options {
                    self.st.options = options;
                }
            }
            match result {
                Err(Flow::Return(status)) => Ok(status),
                result => result,
            }
        })
    }

    /// Traps that functions do not inherit, unless `set -E` or `set -T` says so.
    fn set_traps_aside(&mut self, function: &str) -> Vec<(String, String)> {
        if self.st.traps.is_empty() {
            return Vec::new();
        }
        let traced = self.st.traced_functions.contains(function);
        let traps = [("DEBUG", "functrace"), ("ERR", "errtrace"), ("RETURN", "functrace")];
        let keeps = |inherits: &str| self.st.option(inherits) || traced && inherits == "functrace";
        let aside = traps.iter().filter(|(_, inherits)| !keeps(inherits)).map(|(name, _)| *name);
        aside.collect::<Vec<_>>().into_iter().filter_map(|name| self.st.traps.remove_entry(name)).collect()
    }

    /// Runs a program from its file.
    pub(super) fn program<'a>(&'a mut self, path: &'a str, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            match self.recognize(path) {
                Program::Tool(tool) => self.tool(tool, path, words).await,
                Program::Binary => {
                    self.complain(&format!("{path}: cannot execute binary file: {}", Errno::Noexec.text())).await?;
                    Ok(126)
                }
                Program::Script(text, interpreter) => match interpreter.first() {
                    None => self.run_script(path, &text, words).await,
                    Some(interpreter) if self.runnable(interpreter).is_err() => {
                        let errno = Errno::Noent.text();
                        let interpreter = interpreter.replace('\r', "^M");
                        self.complain(&format!("{path}: {interpreter}: bad interpreter: {errno}")).await?;
                        Ok(126)
                    }
                    Some(first) => match self.recognize(first) {
                        Program::Tool(tool) => {
                            let file = std::iter::once(path.to_owned());
                            let words = interpreter.iter().cloned().chain(file).chain(words.into_iter().skip(1));
                            self.tool(tool, first, words.collect()).await
                        }
                        _ => Ok(self.p.gap(&format!("{path}: a script for {first}"))?),
                    },
                },
                // As programs, `echo`, `printf`, `test`, `pwd` do what the shell has in itself.
                Program::Unmodelled(name) if builtins::find(&name).is_some() => {
                    let mut shell = self.copy();
                    let words = words.into_iter().map(Argument::Word).collect();
                    let run = match builtins::find(&name) {
                        Some(builtin) => (builtin.run)(&mut shell, words).await,
                        None => Ok(127),
                    };
                    Ok(shell.end(run).await?)
                }
                Program::Unmodelled(name) => match tools::stand_in(&self.p, &words) {
                    Some(tool) => self.tool(tool, path, words).await,
                    None => Ok(self.p.gap(&name)?),
                },
            }
        })
    }

    /// The same in the shell's own process.
    pub(super) async fn instead(&mut self, path: &str, words: Vec<String>) -> super::Run {
        self.becomes = true;
        let run = self.program(path, words).await;
        self.becomes = false;
        run
    }

    /// Runs one of the modelled programs as a process of its own.
    fn tool<'a>(&'a mut self, tool: &'static Tool, path: &'a str, words: Vec<String>) -> Later<'a> {
        Box::pin(async move {
            let becomes = std::mem::take(&mut self.becomes);
            let mut p = if becomes { self.p.becoming(&words) } else { self.p.child(&words) };
            let pid = p.pid;
            p.env = self.environment();
            // All programs have it from bash; to set it for those alone that show it spares the others a copy.
            let shows = matches!(tool.name, "env" | "printenv");
            if shows && !self.launches && self.st.dialect == Dialect::Bash {
                Arc::make_mut(&mut p.env).insert("_".to_owned(), path.to_owned());
            }
            p.umask = self.st.umask;
            p.cwd.clone_from(&self.st.cwd);
            let (mut p, ended) = if becomes || !self.controls_jobs() {
                carry_out(p, tool, words).await
            } else {
                p.lead();
                let job = Box::pin(carry_out(p, tool, words));
                match self.in_front(vec![pid], job, left_alone).await {
                    Ok(ended) => ended,
                    stopped => return as_run(stopped.map(|_| 0)),
                }
            };
            if !matches!(ended, Ok(0))
                && let Some(request) = p.request.take()
            {
                p.cx.with(|cx| parting::renounce(cx, p.machine, request));
            }
            if becomes {
                p.lead_on();
            } else {
                p.exit(ended.unwrap_or_else(Cut::status));
                p.reap();
            }
            match (p.request.take(), ended) {
                (_, Err(cut)) if becomes => Err(Flow::Cut(cut)),
                (Some(request), Ok(_)) => Err(Flow::enter(request)),
                (_, Ok(status)) => Ok(status),
                (_, Err(cut @ (Cut::Limit(_) | Cut::Gone))) => Err(Flow::Cut(cut)),
                (_, Err(cut @ Cut::Signal(signal))) => {
                    self.killed = Some((signal, pid));
                    Ok(cut.status())
                }
            }
        })
    }

    /// What the shell says of a process that a signal killed; in a script it says which, except of those that were asked to
    /// end.
    pub(super) fn say_death<'a>(&'a mut self, signal: u8, pid: u32, command: impl FnOnce() -> String) -> Later<'a, ()> {
        let quiet = self.subshell && self.st.interactive;
        let plain = self.st.interactive || signal == SIGTERM || self.trapped(signal).is_some() || self.is_ash();
        let said = kernel::death(signal).filter(|_| !quiet).map(|text| match plain {
            false => {
                format!("{}{pid:5} {text:<24}{}\n", self.prefix(false), command())
            }
            _ => format!("{text}\n"),
        });
        Box::pin(async move {
            match said {
                Some(text) => Ok(self.p.err(&text).await?),
                None => Ok(()),
            }
        })
    }
}

/// Runs a program in its process.
async fn carry_out(mut p: Proc, tool: &'static Tool, words: Vec<String>) -> (Proc, Ended) {
    let looks = p.looks_at_files(&words);
    if looks {
        p.list_files();
    }
    let run = match tools::stand_in(&p, &words) {
        Some(other) => other.run,
        None if tools::version::asked(&p, &words) => tools::version::VERSION.run,
        None => tool.run,
    };
    let ended = match p.let_struck_end().await {
        Ok(()) => run(&mut p, &words[1..]).await,
        Err(cut) => Err(cut),
    };
    if looks {
        p.unlist_files();
    }
    let ended = match (p.write_error.take(), ended) {
        (Some(errno), Ok(_)) => p.fail(&format!("write error: {}", errno.text())).await,
        (_, ended) => ended,
    };
    (p, ended)
}

/// The status of a program that was stopped and whose shell does not wait for it any more.
fn left_alone((p, ended): &(Proc, Ended)) -> u8 {
    if let Some(request) = p.request.clone() {
        return p.not_entered(request, "of a job that was stopped").unwrap_or(1);
    }
    ended.unwrap_or_else(Cut::status)
}

/// The arguments as texts: an assignment that is given to something that does not know about them is a word.
pub(super) fn texts(words: Vec<Argument>) -> Vec<String> {
    words.into_iter().map(Argument::into_text).collect()
}
