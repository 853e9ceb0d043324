//! The event queue: what will happen, ordered by moment and, within a moment, by when it was scheduled.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Instant;

/// Names one scheduled event, so that it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ticket {
    at: Instant,
    serial: u64,
}

impl Ticket {
    /// When the event is due.
    #[must_use]
    pub fn at(self) -> Instant {
        self.at
    }
}

/// Scheduled events of type `E`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Listed<E>", into = "Listed<E>", bound(serialize = "E: Clone + Serialize"))]
pub struct Queue<E> {
    scheduled: BTreeMap<Ticket, E>,
    serial: u64,
}

/// The saved form: a list, because a text format has no maps with compound keys.
#[derive(Serialize, Deserialize)]
struct Listed<E> {
    scheduled: Vec<(Ticket, E)>,
    serial: u64,
}

impl<E> From<Listed<E>> for Queue<E> {
    fn from(listed: Listed<E>) -> Self {
        Self { scheduled: listed.scheduled.into_iter().collect(), serial: listed.serial }
    }
}

impl<E> From<Queue<E>> for Listed<E> {
    fn from(queue: Queue<E>) -> Self {
        Self { scheduled: queue.scheduled.into_iter().collect(), serial: queue.serial }
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Self {
        Self { scheduled: BTreeMap::new(), serial: 0 }
    }
}

impl<E> Queue<E> {
    /// Schedules `event` for `at`.
    pub fn schedule(&mut self, at: Instant, event: E) -> Ticket {
        let ticket = Ticket { at, serial: self.serial };
        self.serial += 1;
        self.scheduled.insert(ticket, event);
        ticket
    }

    /// Takes an event back; `None` when it has happened already.
    pub fn cancel(&mut self, ticket: Ticket) -> Option<E> {
        self.scheduled.remove(&ticket)
    }

    /// Takes back all events for which `unwanted` holds.
    pub fn cancel_all(&mut self, mut unwanted: impl FnMut(&E) -> bool) {
        self.scheduled.retain(|_, event| !unwanted(event));
    }

    /// When the next event is due.
    #[must_use]
    pub fn next_at(&self) -> Option<Instant> {
        self.scheduled.first_key_value().map(|(ticket, _)| ticket.at)
    }

    /// Takes the next event which is due at `now` or before.
    pub fn pop_due(&mut self, now: Instant) -> Option<E> {
        if self.next_at()? > now {
            return None;
        }
        self.scheduled.pop_first().map(|(_, event)| event)
    }

    /// The scheduled events in order.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, &E)> {
        self.scheduled.iter().map(|(ticket, event)| (ticket.at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Span;
    use super::*;

    #[test]
    fn events_come_in_order_of_time_then_of_scheduling() {
        let start = Instant::parse("2015-10-08T02:43:36Z").expect("a good time");
        let mut queue = Queue::default();
        queue.schedule(start + Span::secs(2), "late");
        queue.schedule(start + Span::secs(1), "first");
        let unwanted = queue.schedule(start + Span::secs(1), "cancelled");
        queue.schedule(start + Span::secs(1), "second");
        assert_eq!(queue.cancel(unwanted), Some("cancelled"));
        assert_eq!(queue.pop_due(start), None);
        let end = start + Span::secs(2);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop_due(end)).collect();
        assert_eq!(order, ["first", "second", "late"]);
    }
}
