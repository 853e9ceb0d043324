//! What a program waits for: virtual time, other processes, what the lab gives; and the signals that end the waiting.

use std::future::poll_fn;
use std::task::Poll;

use super::{PIPES, Proc};
use crate::shell::coroutine::Await;
use crate::sim::{Instant, Span};
use crate::systems::linux::io::{Cut, Open};

impl Proc {
    /// Counts a step, and gives whoever watches a turn from time to time.
    ///
    /// # Errors
    /// [`Cut`]
    pub async fn tick(&self) -> Result<(), Cut> {
        if self.control.step()? { self.pass(Span::millis(1)).await } else { Ok(()) }
    }

    /// Counts what it took to read so many bytes.
    ///
    /// # Errors
    /// [`Cut`]
    pub(super) async fn charge(&self, bytes: usize, from: &Open) -> Result<(), Cut> {
        match self.control.bulk(bytes, from)? {
            0 => Ok(()),
            millis => self.pass(Span::millis(millis)).await,
        }
    }

    /// Lets those programs behind the prompt end that a signal has struck, as they do while a program is started: a moment
    /// passes. Where there are none, nothing does.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn let_struck_end(&self) -> Result<(), Cut> {
        let struck = self.peek(|linux| {
            let mut others = linux.processes.iter().filter(|(pid, _)| ![self.pid, self.ppid].contains(pid));
            others.any(|(_, process)| process.live && process.pending.is_some_and(|signal| process.falls_to(signal)))
        });
        if struck { self.pass(Span::micros(1)).await } else { Ok(()) }
    }

    /// Waits for a span of virtual time.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn pass(&self, span: Span) -> Result<(), Cut> {
        let until = self.now() + span;
        self.until(until).await
    }

    /// Waits for a moment of virtual time.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn until(&self, moment: Instant) -> Result<(), Cut> {
        poll_fn(|_| if self.now() >= moment { Poll::Ready(Ok(())) } else { self.wait(Some(&[Await::Until(moment)])) })
            .await
    }

    /// Waits for the end of another process of the machine: its status, or nothing when there is none of that number.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn end_of(&self, pid: u32) -> Result<Option<u8>, Cut> {
        poll_fn(|_| {
            let running = self.peek(|linux| linux.processes.get(pid).map(|process| process.ended));
            match running {
                None => Poll::Ready(Ok(None)),
                Some(Some(status)) => Poll::Ready(Ok(Some(status))),
                Some(None) => self.wait(Some(&[Await::Process(self.machine, pid)])),
            }
        })
        .await
    }

    /// Waits until `ready` gives something, looking again at each of these, and when news of a signal comes.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn when<R>(&self, awaited: &[Await], mut ready: impl FnMut(&Self) -> Option<R>) -> Result<R, Cut> {
        poll_fn(|_| match ready(self) {
            Some(result) => Poll::Ready(Ok(result)),
            None => self.wait(Some(awaited)),
        })
        .await
    }

    /// Waits until `ready` gives something, looking again whenever something happens to a pipe that several have.
    ///
    /// # Errors
    /// [`Cut`]: a signal came first.
    pub async fn until_pipes<R>(&self, mut ready: impl FnMut() -> Option<R>) -> Result<R, Cut> {
        poll_fn(|_| ready().map_or_else(|| self.wait(None), |result| Poll::Ready(Ok(result)))).await
    }

    /// A program that others may have shared a pipe with has ended.
    pub fn tell_pipes(&self) {
        self.world(|world, id| world.nudge(id, PIPES));
    }

    /// `Pending` with all that wakes a program: what it awaits itself (nothing while it waits for a pipe) and signals.
    pub(super) fn wait<R>(&self, awaited: Option<&[Await]>) -> Poll<Result<R, Cut>> {
        if let Some(cut) = self.struck() {
            return Poll::Ready(Err(cut));
        }
        for awaited in awaited.unwrap_or_default() {
            let _: Poll<()> = self.cx.awaits(*awaited);
        }
        for pid in [self.pid, self.group, if awaited.is_none() { PIPES } else { self.pid }] {
            let _: Poll<()> = self.cx.awaits(Await::Process(self.machine, pid));
        }
        Poll::Pending
    }

    /// Whether nothing has struck the program meanwhile, for those who poll something else than the program.
    ///
    /// # Errors
    /// [`Cut`]: a signal came.
    pub fn go_on(&self) -> Result<(), Cut> {
        self.struck().map_or(Ok(()), Err)
    }

    /// `Pending` for them: signals wake the program, beside what they await.
    pub fn wait_beside<R>(&self) -> Poll<Result<R, Cut>> {
        self.wait(Some(&[]))
    }

    /// What has struck the program meanwhile.
    pub(super) fn struck(&self) -> Option<Cut> {
        if let Some(signal) = self.control.signal() {
            return Some(Cut::Signal(signal));
        }
        self.linux(|linux| {
            let group = linux.processes.get(self.group);
            let group = group.filter(|process| process.ended.is_none());
            let group = group.and_then(|leader| leader.pending.filter(|signal| !leader.caught.contains(signal)));
            match linux.processes.get_mut(self.pid) {
                None => Some(Cut::Gone),
                Some(process) => process.pending.take().or(group).map(Cut::Signal),
            }
        })
    }
}
