//! Job control at a keyboard: what runs in front, and what becomes of it when a signal stops it (bash(1), "JOB CONTROL").
//!
//! Programs, pipelines and subshells that run in front are futures of their own. One that is stopped is taken out of its
//! line and goes on beside the prompt, once it is told to; only its process table entry says that it stands still.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use super::super::io::{Boxed, SIGKILL, accompanied, outlive};
use super::super::kernel;
use super::super::model::job::Job;
use super::super::proc::Proc;
use super::interactive::abandoned;
use super::{Flow, Later, Run, Sh};
use crate::bash::ast::{Command, Pipeline};
use crate::bash::print;
use crate::shell::coroutine::Await;
use crate::shell::{Cx, Task};
use crate::world::MachineId;

/// A job that was stopped in front and that the pipeline it is has not noted yet.
pub(super) enum Halted {
    /// One that was typed: its processes, what is left of it, and the signal.
    Typed(Vec<u32>, Boxed<'static, u8>, u8),
    /// One that `fg` had brought back, by its number.
    Again(u32),
}

impl Sh {
    /// Whether what it runs in front is a job that can be stopped.
    pub(super) fn controls_jobs(&self) -> bool {
        self.st.interactive && !self.subshell && self.option("monitor")
    }

    /// Runs a job in front, the first of its processes being its leader, until it is through. The inner error: it was
    /// stopped, with this status.
    pub(super) fn in_front<'a, T: Send + 'static>(
        &'a mut self,
        processes: Vec<u32>,
        job: Boxed<'static, T>,
        status: impl Fn(&T) -> u8 + Send + Sync + 'static,
    ) -> Boxed<'a, Result<T, u8>> {
        Box::pin(async move {
            let leader = processes.first().copied().unwrap_or_default();
            let before = self.p.cx.with(|cx| cx.foreground.replace(leader));
            let mut job = Some(job);
            let ended = poll_fn(|polling| {
                let Some(future) = job.as_mut() else { return Poll::Pending };
                match stopped(&self.p.cx, self.p.machine, leader) {
                    Some(signal) => Poll::Ready(Err(signal)),
                    None => future.as_mut().poll(polling).map(Ok),
                }
            });
            let ended = ended.await;
            self.p.cx.with(|cx| *cx.foreground = before);
            match (ended, job) {
                (Err(signal), Some(job)) => {
                    let job = Box::pin(async move { status(&job.await) });
                    self.halted = Some(Halted::Typed(processes, job, signal));
                    Err(128 + signal)
                }
                (Err(signal), None) => Err(128 + signal),
                (Ok(value), _) => {
                    self.p.linux(|linux| linux.processes.remove_ended(leader));
                    Ok(value)
                }
            }
        })
    }

    /// Notes the job that a pipeline became when it was stopped: a loop around it is left.
    pub(super) fn note_stopped<'a>(&'a mut self, pipeline: &'a Pipeline) -> Later<'a, ()> {
        Box::pin(async move {
            let Some(halted) = self.halted.take() else { return Ok(()) };
            let number = match halted {
                Halted::Again(number) => number,
                Halted::Typed(processes, future, signal) => {
                    let leader = processes.first().copied().unwrap_or_default();
                    self.park(leader, future);
                    let text = print::pipeline(&Pipeline { negated: false, timed: None, ..pipeline.clone() });
                    let stages = match &pipeline.stages[..] {
                        [_] => Vec::new(),
                        stages => processes.into_iter().zip(stages.iter().map(print::command)).collect(),
                    };
                    let job = Job { stopped: Some(signal), stages, ..Job::new(leader, text) };
                    self.st.jobs.add(job)
                }
            };
            self.st.jobs.make_current(number);
            if let Some(job) = self.st.jobs.all.get_mut(&number) {
                job.told = true;
            }
            let line = self.job_line(number, false);
            let typed = self.st.jobs.all.get(&number).is_some_and(|job| job.stopped == Some(kernel::SIGTSTP));
            // Behind the ^Z the terminal stands on a new line already.
            self.p.err(&format!("{}{line}", if typed { "" } else { "\n" })).await?;
            if self.loops > 0 { Err(Flow::Break(self.loops)) } else { Ok(()) }
        })
    }

    /// Lets what is left of a stopped job go on beside the prompt, when it is told to.
    fn park(&self, leader: u32, job: Boxed<'static, u8>) {
        let (begun, control, machine) = (self.p.cx.clone(), Arc::clone(&self.p.control), self.p.machine);
        let task = Task::new(move |cx| async move {
            let whole = async {
                let job = stoppable(begun.clone(), machine, leader, job);
                let (status, left) = accompanied(&control, job).await;
                begun.with(|cx| kernel::exit(cx.world, machine, leader, status));
                outlive(&control, left).await;
                status
            };
            cx.carry(&begun, whole).await
        });
        self.p.cx.with(|cx| cx.spawned.push(task.on_abandon(abandoned).as_job(leader)));
    }

    /// Waits for a job that has the keyboard from now on.
    pub(super) fn bring_to_front<'a>(&'a mut self, number: u32) -> Later<'a> {
        Box::pin(async move {
            let Some(pid) = self.st.jobs.all.get(&number).map(|job| job.pid) else { return Ok(1) };
            let before = self.p.cx.with(|cx| cx.foreground.replace(pid));
            let ended = self.await_job(pid).await;
            self.p.cx.with(|cx| *cx.foreground = before);
            if let Err(Flow::Cut(super::Cut::Signal(signal))) = &ended {
                // The signal is for the job in front.
                let signal = *signal;
                self.p.world(|world, id| kernel::signal_group(world, id, pid, signal));
            }
            if self.st.jobs.all.get(&number).is_some_and(Job::is_stopped) {
                self.halted = Some(Halted::Again(number));
            } else {
                self.st.jobs.forget(|known, _| known == number);
            }
            ended
        })
    }

    /// Lets a stopped job go on.
    pub(super) fn resume(&mut self, number: u32) {
        let Some(job) = self.st.jobs.all.get_mut(&number) else { return };
        (job.stopped, job.told) = (None, false);
        let pid = job.pid;
        self.p.world(|world, id| kernel::signal(world, id, pid, kernel::SIGCONT));
    }
}

/// The signal that has stopped a job, if one has.
fn stopped(cx: &Cx, machine: MachineId, leader: u32) -> Option<u8> {
    cx.with(|cx| cx.world.linux(machine).processes.stopped(leader))
}

/// A job that stands still while its processes are stopped.
pub(super) fn stoppable(cx: Cx, machine: MachineId, leader: u32, mut job: Boxed<'static, u8>) -> Boxed<'static, u8> {
    Box::pin(poll_fn(move |polling| {
        if killed(&cx, machine, leader) {
            return Poll::Ready(128 + SIGKILL);
        }
        match stopped(&cx, machine, leader) {
            Some(_) => cx.awaits(Await::Process(machine, leader)),
            None => job.as_mut().poll(polling),
        }
    }))
}

/// Whether all processes of a job were killed where they stood; then but the first is gone.
fn killed(cx: &Cx, machine: MachineId, leader: u32) -> bool {
    cx.with(|cx| {
        let all = cx.world.linux(machine).processes.group(leader);
        let pending: Vec<Option<u8>> = all.map(|(_, process)| process.pending).collect();
        if pending.is_empty() || pending.iter().any(|pending| *pending != Some(SIGKILL)) {
            return false;
        }
        let processes = &mut cx.world.linux_mut(machine).processes;
        processes.retain(|pid, process| process.group != leader || pid == leader);
        true
    })
}

impl Proc {
    /// Becomes the first process of a job.
    pub(super) fn lead(&mut self) {
        self.join_job(self.pid);
    }

    /// Becomes a process of a job.
    pub(super) fn join_job(&mut self, leader: u32) {
        self.group = leader;
        self.linux(|linux| {
            if let Some(process) = linux.processes.get_mut(self.pid) {
                process.group = leader;
            }
        });
    }
}

/// What `%1` typed as a command means: `fg %1`, or with `&` behind it `bg %1`.
pub(super) fn job_alone(pipeline: &Pipeline) -> Option<String> {
    let [Command::Simple(simple)] = &pipeline.stages[..] else { return None };
    let [crate::bash::ast::Argument::Word(word)] = &simple.words[..] else { return None };
    super::expand::plain(word).filter(|text| text.starts_with('%'))
}

/// The status of a command that was stopped, as whoever ran it sees it.
pub(super) fn as_run(ended: Result<u8, u8>) -> Run {
    Ok(ended.unwrap_or_else(|status| status))
}
