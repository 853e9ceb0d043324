//! What all programs of a command line share: the signal that ends them, the count of their steps, what goes on beside them; and
//! what runs them in turns.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use super::{Boxed, COMPANIONS, Cut, Open, PRINTED, STEPS, STEPS_PER_MS, lock, take};
use crate::systems::linux::ledger::Ledger;

/// So many steps a shell that begins or is come back to counts for.
const STEPS_OF_SHELL: u64 = 2_000;

/// What all programs of one command line share.
#[derive(Debug, Default)]
pub struct Control {
    /// The signal that was sent to all of them; 0 for none.
    signal: AtomicU8,
    /// Counts what happens to pipes: a stage that waits looks again when it has changed.
    moves: AtomicU64,
    /// What the line has used up.
    pub(in crate::systems::linux) ledger: Arc<Ledger>,
    /// How many pipes there have been.
    pipes: AtomicU64,
    printed: AtomicU64,
    /// What a person typed and no program has read.
    typed: Mutex<VecDeque<u8>>,
    companions: Mutex<Companions>,
    /// Whether a program wants the companions to go on before it does.
    yields: AtomicBool,
}

/// What goes on beside a command line: the commands of `<( … )` and `>( … )`.
#[derive(Default)]
struct Companions {
    fresh: Vec<Boxed<'static, ()>>,
    count: usize,
    /// The status of each of the latest by its process, once it has ended.
    known: BTreeMap<u32, Option<u8>>,
}

impl Debug for Companions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Companions").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Control {
    /// That of a job which the same line leaves behind the prompt.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { ledger: Arc::clone(&self.ledger), ..Self::default() }
    }

    /// Sends a signal to all programs.
    pub fn send(&self, signal: u8) {
        self.signal.store(signal, Ordering::Relaxed);
    }

    /// The signal that was sent, unless it was dealt with.
    pub fn signal(&self) -> Option<u8> {
        Some(self.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Notes that the signal was dealt with.
    pub fn handled(&self) {
        self.signal.store(0, Ordering::Relaxed);
    }

    /// One for what comes after all this, in another shell: what was used up counts on, and a shell is not for nothing.
    #[must_use]
    pub fn following(&self) -> Self {
        self.ledger.add_steps(STEPS_OF_SHELL);
        Self { ledger: Arc::clone(&self.ledger), ..Self::default() }
    }

    /// Counts a step. `true` each time that whoever watches shall get a turn.
    ///
    /// # Errors
    /// [`Cut`]: a signal was sent, or there were too many.
    pub fn step(&self) -> Result<bool, Cut> {
        if let Some(signal) = self.signal() {
            return Err(Cut::Signal(signal));
        }
        Ok(self.count(1)? > 0)
    }

    /// Counts what it takes to read so many bytes: the milliseconds that pass meanwhile.
    ///
    /// # Errors
    /// [`Cut`]: there were too many steps.
    pub fn bulk(&self, bytes: usize, from: &Open) -> Result<u64, Cut> {
        self.count(bytes as u64 / from.bytes_per_step())
    }

    fn count(&self, more: u64) -> Result<u64, Cut> {
        let steps = self.ledger.add_steps(more);
        if steps > STEPS {
            return Err(Cut::Limit("steps"));
        }
        Ok(steps / STEPS_PER_MS - (steps - more) / STEPS_PER_MS)
    }

    /// Ends all programs at their next step: one of them went beyond what a line may do.
    pub fn exhaust(&self) {
        self.ledger.set_steps(STEPS);
    }

    /// Counts what is printed on the terminal.
    ///
    /// # Errors
    /// [`Cut`]: it was too much.
    pub fn print(&self, bytes: usize) -> Result<(), Cut> {
        let printed = self.printed.fetch_add(bytes as u64, Ordering::Relaxed);
        if printed > PRINTED { Err(Cut::Limit("output")) } else { Ok(()) }
    }

    /// Whether another companion may begin.
    pub fn takes_companion(&self) -> bool {
        lock(&self.companions).count < COMPANIONS
    }

    /// Lets a program go on beside the command line; [`accompanied`] runs it.
    pub fn accompany(&self, pid: u32, companion: Boxed<'static, ()>) {
        let mut companions = lock(&self.companions);
        companions.count += 1;
        companions.fresh.push(companion);
        companions.known.insert(pid, None);
        if companions.known.len() > COMPANIONS {
            companions.known.pop_first();
        }
    }

    /// Notes how the companion that is this process ended.
    pub fn companion_ended(&self, pid: u32, status: u8) {
        if let Some(ended) = lock(&self.companions).known.get_mut(&pid) {
            *ended = Some(status);
        }
    }

    /// Whether this process is a companion, and how it ended if it has.
    pub fn companion(&self, pid: u32) -> Option<Option<u8>> {
        lock(&self.companions).known.get(&pid).copied()
    }

    /// The number of the next pipe, which tells it apart from others.
    pub(super) fn number_of_pipe(&self) -> u64 {
        self.pipes.fetch_add(1, Ordering::Relaxed)
    }

    /// Notes how many companions run. Whether more of them wait to begin.
    pub(super) fn counts_companions(&self, running: usize) -> bool {
        let mut companions = lock(&self.companions);
        companions.count = running + companions.fresh.len();
        !companions.fresh.is_empty()
    }

    pub(super) fn moved(&self) {
        self.moves.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn moves(&self) -> u64 {
        self.moves.load(Ordering::Relaxed)
    }

    /// Keeps a typed line for the program that reads.
    pub(in super::super) fn type_in(&self, line: &str) {
        let mut typed = lock(&self.typed);
        typed.extend(line.as_bytes());
        typed.push_back(b'\n');
    }

    /// What was typed, as a program reads it.
    pub(in super::super) fn take_typed(&self, most: usize, delimiter: Option<u8>) -> Option<Vec<u8>> {
        let mut typed = lock(&self.typed);
        if typed.is_empty() { None } else { Some(take(&mut typed, most, delimiter)) }
    }
}

/// Runs the stages of a pipeline side by side until all are through.
pub async fn join<T: Send>(control: &Control, stages: Vec<Boxed<'_, T>>) -> Vec<T> {
    let mut stages: Vec<Option<Boxed<'_, T>>> = stages.into_iter().map(Some).collect();
    let mut results: Vec<Option<T>> = stages.iter().map(|_| None).collect();
    std::future::poll_fn(|polling| {
        loop {
            let before = control.moves();
            for (stage, result) in stages.iter_mut().zip(&mut results) {
                if let Some(future) = stage
                    && let Poll::Ready(value) = future.as_mut().poll(polling)
                {
                    *result = Some(value);
                    // Dropping it closes its ends of the pipes.
                    *stage = None;
                    control.moved();
                }
            }
            if stages.iter().all(Option::is_none) {
                return Poll::Ready(());
            }
            if control.moves() == before || control.yields.load(Ordering::Relaxed) {
                return Poll::Pending;
            }
        }
    })
    .await;
    results.into_iter().flatten().collect()
}

/// Runs a command line, and beside it the companions that it starts. When it is through, those that could go on have done
/// so; what is left of them still waits for something, and goes on with [`outlive`].
pub async fn accompanied<T: Send>(control: &Control, line: Boxed<'_, T>) -> (T, Vec<Boxed<'static, ()>>) {
    let (mut line, mut ended) = (Some(line), None);
    let mut beside: Vec<Boxed<'static, ()>> = Vec::new();
    let result = std::future::poll_fn(|polling| {
        loop {
            let before = control.moves();
            if let Some(future) = &mut line
                && let Poll::Ready(value) = future.as_mut().poll(polling)
            {
                ended = Some(value);
                line = None;
            }
            let mut yielded = control.yields.swap(false, Ordering::Relaxed);
            // What a companion starts begins in the next round.
            beside.append(&mut lock(&control.companions).fresh);
            beside.retain_mut(|companion| companion.as_mut().poll(polling).is_pending());
            yielded |= control.yields.swap(false, Ordering::Relaxed) || control.counts_companions(beside.len());
            if control.moves() != before || yielded {
                continue;
            }
            return ended.take().map_or(Poll::Pending, Poll::Ready);
        }
    });
    let result = result.await;
    (result, beside)
}

/// Runs what is left of a line's companions until all are through.
pub async fn outlive(control: &Control, mut left: Vec<Boxed<'static, ()>>) {
    while !left.is_empty() {
        left = accompanied(control, Box::pin(join(control, left))).await.1;
    }
}

/// Gives the companions a turn.
pub async fn give_way(control: &Control) {
    let mut given = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut given, true) {
            return Poll::Ready(());
        }
        control.yields.store(true, Ordering::Relaxed);
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bulk_takes_time_and_has_an_end() {
        let control = Control::default();
        let text = Open::text("");
        assert_eq!((control.bulk(511, &text), control.bulk(512_000, &text)), (Ok(0), Ok(1)));
        assert_eq!(control.bulk(256_000, &text), Ok(0));
        assert_eq!(control.bulk(256_000, &text), Ok(1), "halves add up");
        assert_eq!(control.bulk(512_000, &Open::Zero), Ok(4), "there is no end to it");
        assert_eq!((0..).find(|_| control.bulk(1 << 30, &Open::Zero).is_err()), Some(2), "in GiB");
    }
}
