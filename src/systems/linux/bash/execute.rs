//! Lists, pipelines and commands: in which order things run, and what their status does.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::io::{Boxed, Cut, Descriptors, Open, SIGINT, SIGKILL, give_way, join, pipe};
use super::expand::plain;
use super::foreground::as_run;
use super::own::asks_for_itself;
use super::{Flow, Later, Run, Sh, Step, cost};
use crate::bash::ast::{Argument, Command, Compound, Connector, Item, Pipeline, Redirect, Script};
use crate::bash::print;

impl Sh {
    /// Runs commands one after another: the status of the last.
    pub(super) fn script<'a>(&'a mut self, script: &'a Script) -> Later<'a> {
        Box::pin(async move {
            self.deeper(cost::SCRIPT).await?;
            let several = u32::from(script.items.len() > 1);
            self.lists += several;
            let mut result = Ok(0);
            for (at, item) in script.items.iter().enumerate().skip(self.first_item()) {
                result = self.item(item).await.map_err(|flow| flow.within(|| Step::List(at)));
                if result.is_err() {
                    break;
                }
            }
            self.lists -= several;
            self.p.depth -= cost::SCRIPT;
            result
        })
    }

    /// Runs the lists of a text or of a typed line. Each of them is known by its status before the next begins.
    pub(super) async fn items(&mut self, script: &Script) -> Run {
        let mut status = 0;
        let several = u32::from(script.items.len() > 1);
        for (at, item) in script.items.iter().enumerate().skip(self.first_item()) {
            self.lists += several;
            let run = self.item(item).await;
            self.lists -= several;
            status = run.map_err(|flow| flow.within(|| Step::List(at)))?;
            self.st.status = status;
        }
        Ok(status)
    }

    /// The list with which a script begins, or at which it was left for an inner shell.
    fn first_item(&mut self) -> usize {
        if let Some(Step::List(at)) = self.back.pop() { at } else { 0 }
    }

    /// Runs one list of pipelines.
    pub(super) fn item<'a>(&'a mut self, item: &'a Item) -> Later<'a> {
        Box::pin(async move {
            if self.option("noexec") && !self.st.interactive {
                return Ok(self.st.status);
            }
            if item.background {
                return self.background(item).await;
            }
            let from = if let Some(Step::Link(at)) = self.back.pop() { at } else { 0 };
            let first = std::iter::once((None, &item.first));
            let links = first.chain(item.rest.iter().map(|(connector, pipeline)| (Some(*connector), pipeline)));
            let mut status = 0;
            let several = u32::from(!item.rest.is_empty());
            for (at, (connector, pipeline)) in links.enumerate().skip(from) {
                let runs = connector.is_none_or(|connector| (connector == Connector::And) == (status == 0));
                if runs || at == from {
                    self.lists += several;
                    let result = self.link(pipeline, at == item.rest.len()).await;
                    self.lists -= several;
                    status = result.map_err(|flow| flow.within(|| Step::Link(at)))?;
                }
            }
            Ok(status)
        })
    }

    /// One pipeline of a list. Only where the last one fails, `set -e` ends the shell.
    fn link<'a>(&'a mut self, pipeline: &'a Pipeline, last: bool) -> Later<'a> {
        if last {
            return self.pipeline(pipeline);
        }
        Box::pin(async move {
            self.conditions += 1;
            let result = self.pipeline(pipeline).await;
            self.conditions -= 1;
            result
        })
    }

    /// Runs a script as a condition: its failure ends nothing.
    pub(super) async fn condition(&mut self, script: &Script) -> Run<bool> {
        self.conditions += 1;
        let result = self.script(script).await;
        self.conditions -= 1;
        Ok(result? == 0)
    }

    fn pipeline<'a>(&'a mut self, pipeline: &'a Pipeline) -> Later<'a> {
        Box::pin(async move {
            let began = if let Some(Step::Pipeline(began)) = self.back.pop() { began } else { self.p.now() };
            if pipeline.negated {
                self.conditions += 1;
            }
            let result = match &pipeline.stages[..] {
                [] => Ok(0),
                [stage] => self.command(stage).await,
                stages => self.stages(stages).await,
            };
            if pipeline.negated {
                self.conditions -= 1;
            }
            let mut status = result.map_err(|flow| flow.within(|| Step::Pipeline(began)))?;
            if self.halted.is_some() {
                self.st.status = status;
                self.note_stopped(pipeline).await?;
            }
            if pipeline.negated {
                status = u8::from(status == 0);
            }
            self.st.status = status;
            if let Some(portable) = pipeline.timed {
                self.say_time(began, portable).await?;
            }
            if status != 0 && !pipeline.negated && self.conditions == 0 && fails_alone(&pipeline.stages) {
                self.failed(status).await?;
            }
            self.signals().await?;
            Ok(self.st.status)
        })
    }

    /// A command failed outside of conditions: its trap runs, and `set -e` ends the shell.
    fn failed<'a>(&'a mut self, status: u8) -> Later<'a, ()> {
        Box::pin(async move {
            self.trap("ERR").await?;
            if self.option("errexit") { Err(Flow::Exit(status)) } else { Ok(()) }
        })
    }

    /// The stages of a pipeline, each in a shell of its own, side by side.
    fn stages<'a>(&'a mut self, commands: &'a [Command]) -> Later<'a> {
        Box::pin(async move {
            self.announce(commands).await?;
            if self.controls_jobs() {
                return self.stages_in_front(commands).await;
            }
            if self.st.shopt.contains("lastpipe") && !self.option("monitor") {
                return self.stages_and_last(commands).await;
            }
            let stages = self.prepare(commands);
            let stages = stages.into_iter().zip(commands);
            let stages = stages.map(|(shell, command)| stage(shell, Cow::Borrowed(command))).collect();
            let control = Arc::clone(&self.p.control);
            let ended = join(&control, stages).await;
            self.ended_stages(ended)
        })
    }

    /// The same with the last stage in this shell (`shopt -s lastpipe`).
    fn stages_and_last<'a>(&'a mut self, commands: &'a [Command]) -> Later<'a> {
        Box::pin(async move {
            let mut shells = self.prepare(commands);
            let (Some(copy), Some(last)) = (shells.pop(), commands.last()) else { return Ok(0) };
            let input = copy.p.files.get(0).cloned();
            copy.p.exit(0);
            copy.p.reap();
            drop(copy);
            let control = Arc::clone(&self.p.control);
            let mut stages: Vec<Boxed<'_, Run>> = Vec::with_capacity(commands.len());
            for (shell, command) in shells.into_iter().zip(commands) {
                let ended = stage(shell, Cow::Borrowed(command));
                stages.push(Box::pin(async move { Ok(ended.await?) }));
            }
            self.deeper(cost::STAGES).await?;
            let shell = &mut *self;
            stages.push(Box::pin(async move {
                let before = shell.p.files.clone();
                shell.p.files.set(0, input);
                let run = shell.command(last).await;
                shell.p.files = before;
                shell.p.tell_pipes();
                run
            }));
            let mut ended = join(&control, stages).await;
            self.p.depth -= cost::STAGES;
            let last = ended.pop().unwrap_or(Ok(0))?;
            let cut = |run: Run| match run {
                Ok(status) => Ok(status),
                Err(Flow::Cut(cut)) => Err(cut),
                Err(_) => Ok(self.st.status),
            };
            let ended = ended.into_iter().map(cut).chain([Ok(last)]).collect();
            self.ended_stages(ended)
        })
    }

    /// The trap of a pipeline's commands runs for each of them here, before any starts.
    pub(super) fn announce<'a>(&'a mut self, stages: &'a [Command]) -> Later<'a, ()> {
        Box::pin(async move {
            if self.st.traps.contains_key("DEBUG") && !self.trapping {
                for stage in stages {
                    if let Command::Simple(simple) = stage {
                        self.before(simple.line, stage).await?;
                    }
                }
            }
            Ok(())
        })
    }

    /// The same as a job that can be stopped.
    fn stages_in_front<'a>(&'a mut self, commands: &'a [Command]) -> Later<'a> {
        Box::pin(async move {
            let mut shells = self.prepare(commands);
            let processes: Vec<u32> = shells.iter().map(|shell| shell.p.pid).collect();
            shells.iter_mut().for_each(|shell| shell.p.join_job(processes[0]));
            let stages = shells.into_iter().zip(commands);
            let stages = stages.map(|(shell, command)| stage(shell, Cow::Owned(command.clone()))).collect();
            let control = Arc::clone(&self.p.control);
            let job = Box::pin(async move { join(&control, stages).await });
            let pipefail = self.option("pipefail");
            let status = move |ended: &Vec<Result<u8, Cut>>| {
                let statuses: Vec<u8> = ended.iter().map(|ended| ended.unwrap_or_else(Cut::status)).collect();
                status_of(&statuses, pipefail)
            };
            match self.in_front(processes, job, status).await {
                Ok(ended) => {
                    let last = ended.last().copied();
                    let status = self.ended_stages(ended)?;
                    if let Some(Err(Cut::Signal(signal))) = last {
                        self.struck_in_front(signal).await?;
                    }
                    Ok(status)
                }
                stopped => as_run(stopped.map(|_| 0)),
            }
        })
    }

    /// A shell for each stage of a pipeline, with pipes between them.
    pub(super) fn prepare(&mut self, commands: &[Command]) -> Vec<Self> {
        let mut input = None;
        let stages = commands.iter().enumerate();
        let stages = stages.map(|(at, command)| {
            let mut shell = self.copy();
            shell.announced = matches!(command, Command::Simple(_)) && self.st.traps.contains_key("DEBUG");
            // What runs the stages by turns takes its room on the stack, too.
            shell.p.depth += cost::STAGES;
            shell.know_jobs_of(self);
            self.foresee(command, &shell);
            if let Some(reader) = input.take() {
                shell.p.files.set(0, Some(Arc::new(Open::Reader(reader))));
            }
            if at + 1 < commands.len() {
                let (reader, writer) = pipe(&self.p.control);
                shell.p.files.set(1, Some(Arc::new(Open::Writer(writer))));
                input = Some(reader);
            }
            shell
        });
        stages.collect()
    }

    /// The status of a pipeline whose stages have ended so.
    fn ended_stages(&mut self, ended: Vec<Result<u8, Cut>>) -> Run {
        let mut statuses = Vec::with_capacity(ended.len());
        for ended in ended {
            match ended {
                Ok(status) => statuses.push(status),
                Err(limit @ (Cut::Limit(_) | Cut::Gone)) => return Err(Flow::Cut(limit)),
                Err(cut) => statuses.push(cut.status()),
            }
        }
        self.set_pipe_status(&statuses);
        self.st.status = status_of(&statuses, self.option("pipefail"));
        Ok(self.st.status)
    }

    /// Lets a stage bear the name of the program that it is about to become: all of them are started at once, and `ps`
    /// in the first must see `grep` in the second, which here begins later.
    pub(super) fn foresee(&self, command: &Command, stage: &Self) {
        let Command::Simple(simple) = command else { return };
        let word = |argument: &Argument| match argument {
            Argument::Word(word) => plain(word),
            Argument::Assignment(_) => None,
        };
        let Some(words) = simple.words.iter().map(word).collect::<Option<Vec<String>>>() else { return };
        let Some(name) = words.first() else { return };
        if !self.st.functions.contains_key(name) && self.builtin(name).is_none() {
            stage.p.rename(&words.join(" "));
        }
    }

    /// Ends a shell that is a process of its own.
    pub(super) async fn end(&mut self, run: Run) -> Result<u8, Cut> {
        let ended = self.leave(run).await;
        if self.accompanied {
            // What still reads on beside it comes to the end of what was written.
            self.p.files = Descriptors::default();
            give_way(&self.p.control).await;
        }
        self.leave_jobs();
        self.p.exit(ended.unwrap_or_else(Cut::status));
        // The first process of a job stands for all of it: whoever waits for the job takes it out of the table, with the
        // stages of a pipeline that somebody may wait for.
        if self.p.group != self.p.pid && !self.awaited {
            self.p.reap();
        }
        ended
    }

    /// Ends a shell that was not typed into: its EXIT trap, its status.
    pub(super) async fn leave(&mut self, run: Run) -> Result<u8, Cut> {
        let mut ended = match run {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status) | Flow::Abort(status)) => Ok(status),
            Err(Flow::Break(_) | Flow::Continue(_)) => Ok(self.st.status),
            Err(Flow::Enter(entering)) => {
                self.p.not_entered(entering.request, "within a script, a pipeline or a subshell")
            }
            Err(Flow::Cut(cut)) => Err(cut),
        };
        if !matches!(ended, Err(Cut::Limit(_) | Cut::Gone | Cut::Signal(SIGKILL))) {
            self.st.status = ended.unwrap_or_else(Cut::status);
            match self.trap("EXIT").await {
                Err(Flow::Exit(status)) => ended = Ok(status),
                Err(Flow::Cut(cut)) => ended = Err(cut),
                _ => {}
            }
        }
        ended
    }

    /// Runs one command.
    pub(super) fn command<'a>(&'a mut self, command: &'a Command) -> Later<'a> {
        match command {
            Command::Simple(_) if !self.back.is_empty() => self.left_shell(),
            Command::Simple(simple) => Box::pin(async move {
                self.p.tick().await?;
                self.weigh()?;
                let announced = std::mem::take(&mut self.announced);
                if !self.st.traps.is_empty() && !self.trapping && !announced {
                    self.before(simple.line, command).await?;
                } else if !self.trapping
                    && (announced || self.watched > 0 || asks_for_itself(simple) || self.option("xtrace"))
                {
                    self.running = print::command(command);
                }
                let run = self.simple(simple).await;
                let status = if run.is_err() { self.interrupted(run).await? } else { run? };
                self.st.status = status;
                Ok(status)
            }),
            Command::Function { name, body } => Box::pin(async move {
                self.st.status = 0;
                if name.contains(['$', '`', '\\', '"']) {
                    self.complain(&format!("`{name}': not a valid identifier")).await?;
                    self.st.status = 1;
                } else if self.st.readonly_functions.contains(name) {
                    self.complain(&format!("{name}: readonly function")).await?;
                    self.st.status = 1;
                } else {
                    self.define(name, Some(Arc::clone(body)));
                }
                Ok(self.st.status)
            }),
            Command::Compound { body, redirects, line } => self.construct(body, redirects, *line),
        }
    }

    /// A command whose inner shell was left goes on: its status is that of the shell.
    fn left_shell<'a>(&'a mut self) -> Later<'a> {
        Box::pin(async move {
            let status = match self.back.pop() {
                Some(Step::Call(call)) => self.called(*call).await?,
                Some(Step::Source(frame, positional)) => self.go_on_with_file("", frame, positional).await?,
                Some(text @ Step::Text(..)) => {
                    self.back.push(text);
                    self.eval("").await?
                }
                _ => self.st.status,
            };
            self.set_pipe_status(&[status]);
            self.st.status = status;
            Ok(status)
        })
    }

    /// What traps can ask about a construct, and the trap that runs before it.
    pub(super) fn before_construct<'a>(&'a mut self, text: impl FnOnce() -> String) -> Later<'a, ()> {
        if self.st.traps.is_empty() || self.trapping {
            return Box::pin(async { Ok(()) });
        }
        self.running = text();
        Box::pin(self.trap("DEBUG"))
    }

    /// What traps can ask about a command, and the trap that runs before each.
    fn before<'a>(&'a mut self, line: u32, command: &'a Command) -> Later<'a, ()> {
        self.line = line;
        self.running = print::command(command);
        let becomes = std::mem::take(&mut self.becomes);
        Box::pin(async move {
            self.trap("DEBUG").await?;
            self.becomes = becomes;
            Ok(())
        })
    }

    /// A construct with its redirections.
    fn construct<'a>(&'a mut self, body: &'a Compound, redirects: &'a [Redirect], line: u32) -> Later<'a> {
        Box::pin(async move {
            self.p.tick().await?;
            self.weigh()?;
            let becomes = std::mem::take(&mut self.becomes);
            self.line = line;
            let substitutions = self.opened.len();
            let before = (!redirects.is_empty() && !becomes).then(|| self.p.files.clone());
            let redirected = if redirects.is_empty() { Ok(Ok(())) } else { self.redirect(redirects).await };
            if becomes && !redirects.is_empty() {
                self.p.tell_pipes();
            }
            let _set_aside = match &before {
                Some(files) => Some(self.keep(files.text_bytes())?),
                None => None,
            };
            let result = match redirected {
                Ok(Ok(())) => match body {
                    // A process that was started for a subshell is that subshell.
                    Compound::Subshell(script) if becomes => {
                        self.becomes = sole(script);
                        self.script(script).await
                    }
                    body => self.compound(body).await,
                },
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
                Err(Flow::Enter(entering)) if !redirects.is_empty() => {
                    self.p.not_entered(entering.request, "within a compound command with redirections")?
                }
                result => result?,
            };
            self.st.status = status;
            Ok(status)
        })
    }

    /// A subshell: what it changes is gone afterwards.
    pub(super) fn subshell<'a>(&'a mut self, script: &'a Script) -> Later<'a> {
        Box::pin(async move {
            if !self.st.traps.is_empty() && !self.trapping {
                self.running = format!("( {} )", print::script(script));
            }
            let mut shell = self.copy();
            let pid = shell.p.pid;
            shell.p.depth += cost::SUBSHELL;
            shell.becomes = sole(script);
            let ended = if self.controls_jobs() {
                shell.p.lead();
                let (process, script) = (shell.p.pid, script.clone());
                let job = Box::pin(async move {
                    let run = shell.script(&script).await;
                    shell.end(run).await
                });
                match self.in_front(vec![process], job, |ended| ended.unwrap_or_else(Cut::status)).await {
                    Ok(ended) => ended,
                    stopped => return as_run(stopped.map(|_| 0)),
                }
            } else {
                let run = shell.script(script).await;
                shell.end(run).await
            };
            match ended {
                Ok(status) => Ok(status),
                Err(cut @ (Cut::Limit(_) | Cut::Gone)) => Err(Flow::Cut(cut)),
                Err(cut @ Cut::Signal(signal)) => {
                    self.say_death(signal, pid, || format!("( {} )", print::script(script))).await?;
                    self.struck_in_front(signal).await?;
                    Ok(cut.status())
                }
            }
        })
    }

    /// What ran in front ended by Ctrl-C: a list or a loop around it is left, as if the shell itself had been struck; a trap
    /// keeps a list going, and does not run for a loop.
    pub(super) fn struck_in_front<'a>(&'a mut self, signal: u8) -> Later<'a, ()> {
        Box::pin(async move {
            if signal != SIGINT || !self.controls_jobs() {
                return Ok(());
            }
            // The key was for the job.
            self.p.control.handled();
            let trapped = self.trapped(signal).is_some();
            if self.loops == 0 && (self.lists == 0 || trapped) {
                return Ok(());
            }
            self.st.status = 128 + signal;
            Err(Flow::Abort(128 + signal))
        })
    }
}

/// Whether a pipeline is one command, whose process can be its program.
pub(super) fn alone(pipeline: &Pipeline) -> bool {
    pipeline.stages.len() == 1 && !pipeline.negated && pipeline.timed.is_none()
}

/// Whether a script is one command.
pub(super) fn sole(script: &Script) -> bool {
    matches!(&script.items[..], [item] if !item.background && item.rest.is_empty() && alone(&item.first))
}

/// One stage of a pipeline as a program of its own.
pub(super) fn stage(mut shell: Sh, command: Cow<'_, Command>) -> Boxed<'_, Result<u8, Cut>> {
    Box::pin(async move {
        shell.becomes = true;
        let run = shell.command(&command).await;
        shell.end(run).await
    })
}

/// The status of a pipeline by those of its stages.
pub(super) fn status_of(statuses: &[u8], pipefail: bool) -> u8 {
    let failed = statuses.iter().rev().find(|status| **status != 0).filter(|_| pipefail);
    failed.or(statuses.last()).copied().unwrap_or(0)
}

/// Whether the failure of a pipeline counts by itself: that of a construct was counted inside of it.
fn fails_alone(stages: &[Command]) -> bool {
    match stages {
        [Command::Compound { body, .. }] => {
            matches!(body, Compound::Subshell(_) | Compound::Conditional(_) | Compound::Arithmetic(_))
        }
        _ => true,
    }
}
