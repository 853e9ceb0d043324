//! The wall clock at a keyboard: how much virtual time passes while a person reads, types or watches. Design section 3.

use std::time::{Duration, Instant};

use crate::director::Pace;
use crate::lab::{Lab, Waits};
use crate::operator::{Operator, State};
use crate::sim::Span;

/// The wall clock since it was looked at last.
#[derive(Debug)]
pub struct Wall {
    last: Instant,
    /// Virtual time that has passed at prompts, in whole milliseconds, since it was taken.
    idle: Span,
}

/// So long may the lab be busy before the keyboard is looked at again.
const BUSY: Duration = Duration::from_millis(50);

impl Wall {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { last: now(), idle: Span::ZERO }
    }

    /// Forgets the time since it was looked at last.
    pub fn skip(&mut self) {
        self.last = now();
    }

    /// Virtual time that passed at prompts since this was asked.
    pub fn take_idle(&mut self) -> Span {
        std::mem::take(&mut self.idle)
    }

    /// Lets as much virtual time pass as the wall clock and the pace say: while something is under way at the pace, else
    /// at the speed of the wall. A command that ends or asks on the way ends it: nobody has read that yet.
    pub fn pass(&mut self, operator: &mut Operator, pace: Pace) {
        let now = now();
        let Pace::Times(factor) = pace else { return self.last = now };
        let mut left = now.saturating_duration_since(self.last);
        while left >= Duration::from_millis(1) {
            let runs = matches!(operator.state(), State::Session(_, Waits::Time(_)));
            let from = operator.now();
            let due = operator.lab.next_due();
            let rate = rate(&operator.lab, factor);
            let room = Span::millis(virtual_millis(left, rate));
            let to = due.map_or(from + room, |due| due.min(from + room));
            operator.lab.advance(to);
            let passed = to.since(from);
            if !runs {
                self.idle = self.idle + passed;
            }
            if room == Span::ZERO || (runs && !matches!(operator.state(), State::Session(_, Waits::Time(_)))) {
                break;
            }
            if self::now().saturating_duration_since(now) > BUSY {
                // What takes longer to work off than to pass is not caught up with.
                return self.skip();
            }
            left = left.saturating_sub(wall_time(passed, rate));
            if due.is_none_or(|due| due > to) {
                break;
            }
        }
        // What is less than a millisecond counts next time.
        self.last = if left < Duration::from_millis(1) { now.checked_sub(left).unwrap_or(now) } else { now };
    }
}

/// How much faster than the wall virtual time passes now.
#[must_use]
pub fn rate(lab: &Lab, factor: f64) -> f64 {
    if lab.is_under_way() { factor } else { factor.min(1.0) }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person's time passes outside the lab; the front end turns it into virtual time"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates, and is positive")]
fn virtual_millis(wall: Duration, rate: f64) -> u64 {
    (wall.as_secs_f64() * 1_000.0 * rate) as u64
}

#[expect(clippy::cast_precision_loss, reason = "spans that a person waits for are small")]
fn wall_time(span: Span, rate: f64) -> Duration {
    Duration::try_from_secs_f64(span.as_micros() as f64 / 1_000_000.0 / rate).unwrap_or(Duration::MAX)
}
