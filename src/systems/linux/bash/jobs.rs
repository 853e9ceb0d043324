//! Background jobs over virtual time, signals and traps.

use std::borrow::Cow;
use std::sync::Arc;

use super::super::io::{Boxed, Control, Cut, Open, SIGHUP, SIGKILL, accompanied, join, outlive};
use super::super::kernel;
use super::super::ledger::RunningJob;
use super::super::proc::PIPES;
use super::execute::{alone, stage, status_of};
use super::foreground::{job_alone, stoppable};
use super::scripts::Origin;
use super::{Flow, Later, Run, Sh};
use crate::bash::ast::{Item, Pipeline};
use crate::bash::print;
use crate::shell::coroutine::Await;
use crate::shell::{Cx, Task};
use crate::sim::{Instant, Span};
use crate::systems::linux::bash::interactive::abandoned;
use crate::systems::linux::model::job::Job;
use crate::systems::linux::model::signals::{self, SIGNALS};
use crate::world::MachineId;

/// So many background jobs may one shell have at once.
const JOBS: usize = 100;

impl Sh {
    /// `&`: the list goes on beside the shell.
    pub(super) fn background<'a>(&'a mut self, item: &'a Item) -> Later<'a> {
        Box::pin(async move {
            if let Some(spec) = job_alone(&item.first).filter(|_| item.rest.is_empty() && self.controls_jobs()) {
                return super::builtins::bg(self, vec!["bg".to_owned(), spec]).await;
            }
            if self.st.jobs.all.values().filter(|job| job.ended.is_none()).count() >= JOBS {
                self.complain("fork: retry: Resource temporarily unavailable").await?;
                return Ok(254);
            }
            let Some(runs) = self.p.control.ledger.begin_job() else { return Err(self.stop("background jobs")) };
            if item.rest.is_empty() && item.first.stages.len() > 1 && item.first.timed.is_none() {
                return self.pipeline_beside(&item.first, runs).await;
            }
            let item = Arc::new(Item { background: false, ..item.clone() });
            let text = print::item(&item);
            let mut shell = self.copy();
            shell.p.control = Arc::new(self.p.control.beside());
            if !self.option("monitor") && !self.subshell {
                shell.p.files.set(0, Some(Arc::new(Open::Null)));
            }
            let pid = shell.p.pid;
            shell.p.lead();
            shell.becomes = item.rest.is_empty() && alone(&item.first);
            if shell.becomes {
                self.foresee(&item.first.stages[0], &shell);
            }
            self.begin_job(Job::new(pid, text)).await?;
            let task = Task::new(move |cx| {
                shell.p.cx = cx;
                beside(shell, item, runs)
            });
            self.p.cx.with(|cx| cx.spawned.push(task.on_abandon(abandoned).as_job(pid)));
            Ok(0)
        })
    }

    /// A pipeline goes on beside the shell: each of its stages is a process of the shell, and the first leads the others.
    async fn pipeline_beside(&mut self, pipeline: &Pipeline, runs: RunningJob) -> Run {
        self.announce(&pipeline.stages).await?;
        let own = (Arc::clone(&self.p.control), self.p.files.clone());
        let control = Arc::new(self.p.control.beside());
        self.p.control = Arc::clone(&control);
        if !self.option("monitor") && !self.subshell {
            self.p.files.set(0, Some(Arc::new(Open::Null)));
        }
        let mut shells = self.prepare(&pipeline.stages);
        (self.p.control, self.p.files) = own;
        let leader = shells[0].p.pid;
        for shell in &mut shells {
            shell.p.join_job(leader);
            shell.awaited = true;
        }
        let pids = shells.iter().map(|shell| shell.p.pid);
        let stages = pids.zip(pipeline.stages.iter().map(print::command)).collect();
        let text = print::pipeline(&Pipeline { negated: false, ..pipeline.clone() });
        self.begin_job(Job { stages, ..Job::new(leader, text) }).await?;
        let (commands, pipefail, machine) = (pipeline.stages.clone(), self.option("pipefail"), self.p.machine);
        let task = Task::new(move |cx| {
            shells.iter_mut().for_each(|shell| shell.p.cx = cx.clone());
            let stages = shells.into_iter().zip(commands);
            let stages = stages.map(|(shell, command)| stage(shell, Cow::Owned(command))).collect();
            stages_beside(cx, machine, leader, control, stages, pipefail, runs)
        });
        self.p.cx.with(|cx| cx.spawned.push(task.on_abandon(abandoned).as_job(leader)));
        Ok(0)
    }

    /// Notes a job that is about to go on beside the shell; at a keyboard its number and that of its last process are told.
    async fn begin_job(&mut self, job: Job) -> Result<(), Cut> {
        let last = job.last();
        let number = self.st.jobs.add(job);
        self.st.jobs.choose();
        self.st.last_background = Some(last);
        if self.st.interactive && !self.subshell && !self.is_ash() {
            self.p.err(&format!("[{number}] {last}\n")).await?;
        }
        Ok(())
    }

    /// Ends a background job; it stays in the process table until its shell asks.
    async fn end_beside(&mut self, run: Run) -> Result<u8, Cut> {
        let status = match run {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status) | Flow::Abort(status)) => status,
            Err(Flow::Cut(cut)) => {
                self.say_stopped(cut);
                cut.status()
            }
            Err(_) => 1,
        };
        self.st.status = status;
        if let Err(Flow::Exit(status)) = self.trap("EXIT").await {
            self.st.status = status;
        }
        self.leave_jobs();
        self.p.exit(self.st.status);
        self.p.tell_pipes();
        Ok(self.st.status)
    }

    /// Notes which jobs have ended, and which are stopped.
    pub(super) fn look_after_jobs(&mut self) {
        let Self { p, st, .. } = self;
        let mut changed = false;
        for job in st.jobs.all.values_mut().filter(|job| job.ended.is_none()) {
            let (runs, stopped) = p.peek(|linux| {
                let table = &linux.processes;
                (table.group(job.pid).next().is_some(), table.stopped(job.pid))
            });
            if stopped != job.stopped {
                (job.stopped, job.told) = (stopped, false);
                changed = true;
            }
            if !runs {
                if job.parents {
                    // Another shell asks for it and takes it out.
                    job.ended =
                        p.peek(|linux| linux.processes.get(job.pid).and_then(|leader| leader.ended)).or(Some(0));
                    continue;
                }
                let leader = p.linux(|linux| {
                    let leader = linux.processes.remove(job.pid);
                    job.stages.iter().for_each(|(pid, _)| linux.processes.remove_ended(*pid));
                    leader
                });
                job.ended = leader.and_then(|leader| leader.ended).or(Some(128 + SIGKILL));
            }
        }
        if changed {
            st.jobs.choose();
        }
    }

    /// Before a prompt: jobs that have ended are told and forgotten, and those that were stopped are told.
    pub(super) async fn tell_jobs(&mut self) -> Result<(), Cut> {
        self.look_after_jobs();
        let news = |job: &Job| job.ended.is_some() || job.stopped.is_some() && !job.told;
        let numbers: Vec<u32> =
            self.st.jobs.all.iter().filter(|(_, job)| news(job)).map(|(number, _)| *number).collect();
        for number in numbers {
            let line = self.job_line(number, false);
            let stopped = self.st.jobs.all.get_mut(&number).is_some_and(|job| {
                job.told = true;
                job.is_stopped()
            });
            self.p.err(&format!("{}{line}", if stopped { "\n" } else { "" })).await?;
        }
        self.st.jobs.forget(|_, job| job.ended.is_some());
        Ok(())
    }

    /// The line of a job: in the long form of `jobs -l` with the numbers of its processes.
    pub(super) fn job_line(&self, number: u32, long: bool) -> String {
        let Some(job) = self.st.jobs.all.get(&number) else { return String::new() };
        let head = format!("[{number}]{}", self.st.jobs.mark(number));
        let state = state(job, long);
        if self.is_ash() {
            let pid = if long { format!("{} ", job.pid) } else { String::new() };
            // Only at a keyboard it keeps what was typed.
            let text = if self.st.interactive { job.text.as_str() } else { "" };
            return format!("{:<33}{text}\n", format!("{head}  {pid}{state}"));
        }
        let end = if job.runs() { " &" } else { "" };
        if !long {
            return format!("{head}  {state:<24}{}{end}\n", job.text);
        }
        let [(pid, first), rest @ ..] = &job.stages[..] else {
            return format!("{head} {:5} {state:<24}{}{end}\n", job.pid, job.text);
        };
        let last = rest.len();
        let mut text = format!("{head} {pid:5} {state:<24}{first}\n");
        for (at, (pid, stage)) in rest.iter().enumerate() {
            let end = if at + 1 == last { end } else { "" };
            text.push_str(&format!("     {pid:5} {:<22}| {stage}{end}\n", ""));
        }
        text
    }

    /// Waits for a job of this shell: its status, or that with which it was stopped.
    pub(super) async fn await_job(&mut self, pid: u32) -> Run {
        let news = [Await::Process(self.p.machine, pid)];
        let ended = self.p.when(&news, |p| {
            p.peek(|linux| match linux.processes.stopped(pid) {
                Some(signal) => Some(Some(128 + signal)),
                None if linux.processes.group(pid).next().is_some() => None,
                None => Some(linux.processes.get(pid).and_then(|leader| leader.ended)),
            })
        });
        let ended = ended.await;
        self.look_after_jobs();
        let noted = self.st.jobs.all.values().find(|job| job.pid == pid).and_then(|job| job.ended);
        match ended {
            Ok(status) => Ok(noted.or(status).unwrap_or(127)),
            Err(cut) => Err(Flow::Cut(cut)),
        }
    }

    /// A copy of a shell knows the jobs of that, though they are none of its children.
    pub(super) fn know_jobs_of(&mut self, parent: &Self) {
        self.st.jobs.clone_from(&parent.st.jobs);
        self.st.jobs.all.values_mut().for_each(|job| job.parents = true);
    }

    /// A signal for which there is a trap ends what waits for jobs: its status, once the trap has run.
    pub(super) async fn signal_that_ends_waiting(&mut self) -> Run<Option<u8>> {
        let pending = self.p.peek(|linux| linux.processes.get(self.p.pid).and_then(|process| process.pending));
        let Some(signal) = pending.filter(|signal| self.trapped(*signal).is_some()) else { return Ok(None) };
        self.signals().await?;
        Ok(Some(128 + signal))
    }

    /// A shell that was not typed into is about to end: its jobs go on without it.
    pub(super) fn leave_jobs(&self) {
        if self.st.jobs.all.values().any(|job| !job.parents) {
            self.p.linux(|linux| linux.processes.orphan(self.p.pid));
        }
    }

    /// The shell ends: jobs that are stopped are told so, and end as well; where it is asked for, so do all others.
    pub(super) fn hang_up_jobs(&mut self) {
        let all = self.st.login && self.st.shopt.contains("huponexit");
        for job in self.st.jobs.all.values().filter(|job| job.is_stopped() || all && job.runs()) {
            let pid = job.pid;
            self.p.world(|world, id| {
                kernel::signal_group(world, id, pid, SIGHUP);
                kernel::signal(world, id, pid, kernel::SIGCONT);
            });
        }
    }

    /// Acts on a signal that came meanwhile: that of the keyboard if there is a trap for it, one that was sent to this
    /// shell in any case.
    pub(super) fn signals<'a>(&'a mut self) -> Later<'a, ()> {
        Box::pin(async move {
            if let Some(signal) = self.p.control.signal()
                && !self.subshell
                && self.trapped(signal).is_some()
            {
                self.p.control.handled();
                return self.signalled(signal).await;
            }
            match self.p.take_signal() {
                Some(signal) => self.signalled(signal).await,
                // Its terminal went away while a program in front went on.
                None if self.p.peek(|linux| linux.processes.get(self.p.pid).is_none()) => Err(Flow::Cut(Cut::Gone)),
                None => Ok(()),
            }
        })
    }

    /// Whether a signal was sent to this shell, not only to its program.
    pub(super) fn is_struck_by(&self, signal: u8) -> bool {
        self.p.peek(|linux| linux.processes.get(self.p.pid).is_some_and(|process| process.pending == Some(signal)))
    }

    /// The name of a signal for which there is a trap.
    pub(super) fn trapped(&self, signal: u8) -> Option<&'static str> {
        signals::name(signal).filter(|name| self.st.traps.contains_key(*name))
    }

    /// What a signal does to the shell: its trap runs, or the shell ends.
    fn signalled<'a>(&'a mut self, signal: u8) -> Later<'a, ()> {
        Box::pin(async move {
            match (self.trapped(signal), signal) {
                (_, SIGKILL) => Err(Flow::Cut(Cut::Signal(signal))),
                (Some(name), _) => self.trap(name).await,
                // CHLD and CONT do nothing by themselves; a shell at a keyboard takes no notice of INT, QUIT and TERM.
                (None, 17 | 18) => Ok(()),
                (None, 2 | 3 | 15) if self.st.interactive && !self.subshell => Ok(()),
                (None, _) => Err(Flow::Cut(Cut::Signal(signal))),
            }
        })
    }

    /// A signal came while the shell waited: its trap runs, and what waited has failed.
    pub(super) fn interrupted<'a>(&'a mut self, run: Run) -> Later<'a> {
        Box::pin(async move {
            match run {
                Err(Flow::Cut(Cut::Signal(signal)))
                    if self.p.control.signal().is_none() && self.trapped(signal).is_some() =>
                {
                    self.st.status = 128 + signal;
                    self.signalled(signal).await?;
                    Ok(128 + signal)
                }
                run => run,
            }
        })
    }

    /// Runs the trap of a signal or an event, if there is one. The status stays what it was.
    pub(super) fn trap<'a>(&'a mut self, name: &'a str) -> Later<'a, ()> {
        Box::pin(async move {
            if self.trapping && name != "EXIT" {
                return Ok(());
            }
            let Some(action) = self.st.traps.get(name).filter(|action| !action.is_empty()).cloned() else {
                return Ok(());
            };
            if name == "EXIT" {
                self.st.traps.remove(name);
            }
            let (status, was) = (self.st.status, std::mem::replace(&mut self.trapping, true));
            let line = self.line;
            self.level += 1;
            // Beside a command that fails or is traced, its own line counts.
            let origin = if SIGNALS.iter().any(|(_, known)| *known == name) || name == "EXIT" {
                Origin::Trap
            } else {
                Origin::Eval
            };
            let result = Box::pin(self.run_text(&action, origin)).await;
            self.level -= 1;
            self.line = line;
            self.trapping = was;
            self.st.status = status;
            result.map(|_| ())
        })
    }

    /// `time`
    pub(super) fn say_time<'a>(&'a mut self, began: Instant, portable: bool) -> Later<'a, ()> {
        Box::pin(async move {
            let spent = self.p.now().since(began);
            let format = match (portable, self.st.variable("TIMEFORMAT")) {
                // The applet of BusyBox, which has a blank behind the minutes.
                _ if self.is_ash() => "real\t%2lR\nuser\t%2lU\nsys\t%2lS",
                (true, _) => "real %2R\nuser %2U\nsys %2S",
                (false, Some(format)) => format,
                (false, None) => "\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS",
            };
            if format.is_empty() {
                return Ok(());
            }
            let text = time_text(format, spent) + "\n";
            let text = if self.is_ash() { text.replace('m', "m ") } else { text };
            Ok(self.p.err(&text).await?)
        })
    }
}

/// The text of `time`: `%R` is what has passed, `%U` and `%S` are what processors have spent, which is nothing here; digits
/// say how many follow the point, `l` wants minutes.
fn time_text(format: &str, spent: Span) -> String {
    let mut text = String::new();
    let mut rest = format.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        let digits =
            rest.next_if(char::is_ascii_digit).and_then(|digit| digit.to_digit(10)).map_or(3, |digits| digits.min(3));
        let long = rest.next_if_eq(&'l').is_some();
        let millis = match rest.next() {
            Some('R') => spent.as_micros() / 1000,
            Some('U' | 'S') => 0,
            Some('P') => {
                text.push_str("0.00");
                continue;
            }
            Some(other) => {
                text.push(other);
                continue;
            }
            None => break,
        };
        let minutes = if long { millis / 60_000 } else { 0 };
        if long {
            text.push_str(&format!("{minutes}m"));
        }
        let millis = millis - minutes * 60_000;
        let fraction = format!("{:03}", millis % 1000);
        let point = if digits > 0 { "." } else { "" };
        text.push_str(&format!("{}{point}{}", millis / 1000, &fraction[..digits as usize]));
        if long {
            text.push('s');
        }
    }
    text
}

/// What a background job is as a coroutine of its session.
fn beside(mut shell: Sh, item: Arc<Item>, runs: RunningJob) -> Boxed<'static, u8> {
    Box::pin(async move {
        let _runs = runs;
        let control = Arc::clone(&shell.p.control);
        let (cx, machine, leader) = (shell.p.cx.clone(), shell.p.machine, shell.p.pid);
        let job = Box::pin(async move {
            let run = shell.item(&item).await;
            shell.end_beside(run).await.unwrap_or_else(Cut::status)
        });
        let (status, left) = accompanied(&control, stoppable(cx.clone(), machine, leader, job)).await;
        cx.with(|cx| {
            // One that was killed where it stood did not say so itself.
            let runs = cx.world.linux(machine).processes.get(leader).is_some_and(|process| process.ended.is_none());
            if runs && status == 128 + SIGKILL {
                kernel::exit(cx.world, machine, leader, status);
            }
            cx.world.nudge(machine, PIPES);
        });
        outlive(&control, left).await;
        status
    })
}

/// The stages of a pipeline as a coroutine of their session. Its first process stands for all of it, also when that has
/// ended before the others: in the end it bears the status of the pipeline.
fn stages_beside(
    cx: Cx,
    machine: MachineId,
    leader: u32,
    control: Arc<Control>,
    stages: Vec<Boxed<'static, Result<u8, Cut>>>,
    pipefail: bool,
    runs: RunningJob,
) -> Boxed<'static, u8> {
    Box::pin(async move {
        let _runs = runs;
        let joined = Arc::clone(&control);
        let job = Box::pin(async move {
            let ended = join(&joined, stages).await;
            let statuses: Vec<u8> = ended.into_iter().map(|ended| ended.unwrap_or_else(Cut::status)).collect();
            status_of(&statuses, pipefail)
        });
        let (status, left) = accompanied(&control, stoppable(cx.clone(), machine, leader, job)).await;
        cx.with(|cx| {
            kernel::exit(cx.world, machine, leader, status);
            cx.world.nudge(machine, PIPES);
        });
        outlive(&control, left).await;
        status
    })
}

/// What a job does, in a word or two; the long form tells which signal has stopped it.
fn state(job: &Job, long: bool) -> String {
    match (job.ended, job.stopped) {
        (None, None) => "Running".to_owned(),
        (None, Some(19)) if long => "Stopped (signal)".to_owned(),
        (None, Some(21)) if long => "Stopped (tty input)".to_owned(),
        (None, Some(22)) if long => "Stopped (tty output)".to_owned(),
        (None, Some(_)) => "Stopped".to_owned(),
        (Some(0), _) => "Done".to_owned(),
        (Some(130), _) => "Interrupt".to_owned(),
        (Some(141), _) => "Broken pipe".to_owned(),
        (Some(status), _) if status > 128 && kernel::death(status - 128).is_some() => {
            kernel::death(status - 128).unwrap_or_default().into_owned()
        }
        (Some(status), _) => format!("Exit {status}"),
    }
}
