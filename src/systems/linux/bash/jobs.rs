//! Background jobs over virtual time, signals and traps.

use std::sync::Arc;

use super::super::io::{Boxed, Control, Cut, Open};
use super::{Flow, Run, Sh};
use crate::bash::ast::Item;
use crate::bash::print;
use crate::shell::Task;
use crate::sim::Instant;
use crate::systems::linux::bash::interactive::abandoned;
use crate::systems::linux::model::bash::Job;

/// So many background jobs may one shell have at once.
const JOBS: usize = 100;

/// The signals that have names here, by number.
pub(super) const SIGNALS: [(u8, &str); 13] = [
    (1, "HUP"),
    (2, "INT"),
    (3, "QUIT"),
    (6, "ABRT"),
    (9, "KILL"),
    (10, "USR1"),
    (12, "USR2"),
    (13, "PIPE"),
    (14, "ALRM"),
    (15, "TERM"),
    (17, "CHLD"),
    (18, "CONT"),
    (19, "STOP"),
];

impl Sh {
    /// `&`: the list goes on beside the shell.
    pub(super) async fn background(&mut self, item: &Item) -> Run {
        if self.st.jobs.values().filter(|job| job.ended.is_none()).count() >= JOBS {
            self.complain("fork: retry: Resource temporarily unavailable").await?;
            return Ok(254);
        }
        let item = Arc::new(Item { background: false, ..item.clone() });
        let text = print::item(&item);
        let mut shell = self.copy();
        shell.p.control = Arc::new(Control::default());
        if !self.option("monitor") {
            shell.p.files.set(0, Some(Arc::new(Open::Null)));
        }
        let pid = shell.p.pid;
        shell.p.group = pid;
        shell.p.rename(&text);
        let number = self.st.jobs.keys().next_back().map_or(1, |last| last + 1);
        self.st.jobs.insert(number, Job { pid, text, ended: None });
        self.st.last_background = Some(pid);
        if self.st.interactive && !self.subshell {
            self.p.err(&format!("[{number}] {pid}\n")).await?;
        }
        let task = Task::new(move |cx| {
            shell.p.cx = cx;
            beside(shell, item)
        });
        self.p.cx.with(|cx| cx.spawned.push(task.on_abandon(abandoned)));
        Ok(0)
    }

    /// Ends a background job; it stays in the process table until its shell asks.
    async fn end_beside(&mut self, run: Run) -> Result<u8, Cut> {
        let status = match run {
            Ok(status) | Err(Flow::Exit(status) | Flow::Return(status) | Flow::Abort(status)) => status,
            Err(Flow::Cut(cut)) => cut.status(),
            Err(_) => 1,
        };
        self.st.status = status;
        if let Err(Flow::Exit(status)) = self.trap("EXIT").await {
            self.st.status = status;
        }
        self.p.exit(self.st.status);
        Ok(self.st.status)
    }

    /// Notes which jobs have ended.
    pub(super) fn look_after_jobs(&mut self) {
        let Self { p, st, .. } = self;
        for job in st.jobs.values_mut().filter(|job| job.ended.is_none()) {
            job.ended = p.peek(|linux| match linux.processes.get(job.pid) {
                None => Some(128 + 9),
                Some(process) => process.ended,
            });
            if job.ended.is_some() {
                p.linux(|linux| linux.processes.remove(job.pid));
            }
        }
    }

    /// Before a prompt: jobs that have ended are told and forgotten.
    pub(super) async fn tell_jobs(&mut self) -> Result<(), Cut> {
        self.look_after_jobs();
        let lines = self.job_lines(|job| job.ended.is_some());
        self.st.jobs.retain(|_, job| job.ended.is_none());
        for line in lines {
            self.p.err(&line).await?;
        }
        Ok(())
    }

    /// The lines of `jobs` for those that `which` wants.
    pub(super) fn job_lines(&self, which: impl Fn(&Job) -> bool) -> Vec<String> {
        let mut numbers = self.st.jobs.keys().rev().copied();
        let (current, previous) = (numbers.next(), numbers.next());
        let marked = |number: u32| match Some(number) {
            number if number == current => '+',
            number if number == previous => '-',
            _ => ' ',
        };
        let wanted = self.st.jobs.iter().filter(|(_, job)| which(job));
        wanted.map(|(number, job)| job_line(*number, marked(*number), job)).collect()
    }

    /// Waits for a background job of this shell: its status.
    pub(super) async fn await_job(&mut self, pid: u32) -> Run {
        let ended = self.p.end_of(pid).await;
        self.look_after_jobs();
        let noted = self.st.jobs.values().find(|job| job.pid == pid).and_then(|job| job.ended);
        match ended {
            Ok(status) => Ok(status.or(noted).unwrap_or(127)),
            Err(cut) => Err(Flow::Cut(cut)),
        }
    }

    /// Acts on a signal that came meanwhile, if there is a trap for it.
    pub(super) async fn signals(&mut self) -> Run<()> {
        if self.st.traps.is_empty() {
            return Ok(());
        }
        let Some(signal) = self.p.control.signal() else { return Ok(()) };
        let Some((_, name)) = SIGNALS.iter().find(|(number, _)| *number == signal) else { return Ok(()) };
        if self.st.traps.contains_key(*name) && !self.subshell {
            self.p.control.handled();
            return self.trap(name).await;
        }
        Ok(())
    }

    /// Runs the trap of a signal or an event, if there is one. The status stays what it was.
    pub(super) async fn trap(&mut self, name: &str) -> Run<()> {
        if self.trapping && name != "EXIT" {
            return Ok(());
        }
        let Some(action) = self.st.traps.get(name).filter(|action| !action.is_empty()).cloned() else { return Ok(()) };
        if name == "EXIT" {
            self.st.traps.remove(name);
        }
        let (status, was) = (self.st.status, std::mem::replace(&mut self.trapping, true));
        let result = Box::pin(self.run_text(&action)).await;
        self.trapping = was;
        self.st.status = status;
        result.map(|_| ())
    }

    /// `time`
    pub(super) async fn say_time(&mut self, began: Instant, portable: bool) -> Run<()> {
        let spent = self.p.now().since(began);
        let (secs, millis) = (spent.as_secs(), spent.as_micros() / 1000 % 1000);
        let text = if portable {
            format!("real {secs}.{:02}\nuser 0.00\nsys 0.00\n", millis / 10)
        } else {
            format!("\nreal\t{}m{}.{millis:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n", secs / 60, secs % 60)
        };
        Ok(self.p.err(&text).await?)
    }
}

/// What a background job is as a coroutine of its session.
fn beside(mut shell: Sh, item: Arc<Item>) -> Boxed<'static, u8> {
    Box::pin(async move {
        let run = shell.item(&item).await;
        let ended = shell.end_beside(run).await;
        ended.unwrap_or_else(Cut::status)
    })
}

fn job_line(number: u32, mark: char, job: &Job) -> String {
    let state = match job.ended {
        None => "Running".to_owned(),
        Some(0) => "Done".to_owned(),
        Some(137) => "Killed".to_owned(),
        Some(143) => "Terminated".to_owned(),
        Some(129) => "Hangup".to_owned(),
        Some(130) => "Interrupt".to_owned(),
        Some(status) => format!("Exit {status}"),
    };
    let end = if job.ended.is_none() { " &" } else { "" };
    format!("[{number}]{mark}  {state:<24}{}{end}\n", job.text)
}
