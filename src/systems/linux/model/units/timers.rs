//! Timers (systemd.timer(5)): when one came due last and when it does next. Of those of the distribution it is counted from the
//! boot as their files say, and nothing comes of it: that the run of what they start takes no time is inferred. Those that somebody
//! wrote start their units, to the second and not later by what `AccuracySec=` allows.

use super::super::Linux;
use super::super::unit::Spec;
use super::Due;
use super::calendar::Calendar;
use crate::payload::Sha256;
use crate::sim::{Instant, Span};
use crate::systems::linux::fs::Cred;

/// Where it is kept when timers came due that make up for what they miss (`Persistent=`).
const STAMPS: &str = "/var/lib/systemd/timers";

/// What the file of a timer says of its times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Times {
    /// `OnBootSec=` or `OnStartupSec=`
    first: Option<Span>,
    /// `OnUnitActiveSec=` or `OnUnitInactiveSec=`
    again: Option<Span>,
    /// Whether it counts from the unit's end.
    from_end: bool,
    /// `RandomizedDelaySec=`
    delay: Option<Span>,
    /// `OnActiveSec=`
    from_start: Option<Span>,
    /// `OnCalendar=`
    calendar: Vec<String>,
    /// `Persistent=`
    persistent: bool,
    /// `Unit=`
    unit: Option<String>,
}

/// A timer as `systemctl list-timers` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Its name.
    pub name: String,
    /// The unit that it starts.
    pub unit: String,
    /// When it comes due next, if it is up.
    pub next: Option<Instant>,
    /// When it came due last.
    pub last: Option<Instant>,
}

/// A span as systemd.time(7) has it: `15min`, `1d`, `90`.
fn span(text: &str) -> Option<Span> {
    Span::parse(text).ok()
}

impl Times {
    fn read(text: &str) -> Self {
        let mut times = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.trim();
            match key.trim() {
                "OnBootSec" | "OnStartupSec" => times.first = span(value),
                "OnActiveSec" => times.from_start = span(value),
                "OnUnitActiveSec" | "OnUnitInactiveSec" => {
                    (times.again, times.from_end) = (span(value), key.trim() == "OnUnitInactiveSec");
                }
                "RandomizedDelaySec" => times.delay = span(value),
                "OnCalendar" if value.is_empty() => times.calendar.clear(),
                "OnCalendar" => times.calendar.push(value.to_owned()),
                "Persistent" => times.persistent = matches!(value, "yes" | "true" | "on" | "1"),
                "Unit" => times.unit = Some(value.to_owned()),
                _ => {}
            }
        }
        times
    }
}

impl Linux {
    /// What a timer does, by the text of its file.
    ///
    /// # Errors
    /// The setting that is not modelled.
    pub fn timer(&self, name: &str, text: &str, now: Instant) -> Result<Timer, &'static str> {
        let times = Times::read(text);
        let unit = times.unit.clone().unwrap_or_else(|| format!("{}.service", name.trim_end_matches(".timer")));
        let mut timer = Timer { name: name.to_owned(), unit, next: None, last: None };
        let state = self.unit_state(name);
        if self.unit(name).is_some_and(|spec| !spec.shipped) {
            (timer.next, timer.last) = (state.due.filter(|_| self.unit_is_up(name)), state.elapsed);
            return Ok(timer);
        }
        if !times.calendar.is_empty() {
            return Err("OnCalendar=");
        }
        let (Some(first), Some(since)) = (times.first, state.since) else { return Ok(timer) };
        let (up, mut due) = (self.unit_is_up(name), self.booted + first + self.delay(name, &times, 0));
        // One whose time had passed when somebody started it comes due at once; one that is down did until then.
        let until = if up { now } else { since };
        due = if up { due.max(since) } else { due };
        if let Some(again) = times.again.filter(|again| *again > Span::ZERO && times.delay.is_none()) {
            // All turns but the last are alike.
            let past = until.since(due.min(until)).as_micros() / again.as_micros();
            due += Span::micros(again.as_micros().saturating_mul(past.saturating_sub(1)));
        }
        for turn in 1.. {
            if due > until {
                timer.next = up.then_some(due);
                break;
            }
            timer.last = Some(due);
            let Some(again) = times.again.filter(|again| *again > Span::ZERO) else { break };
            // After so many turns it is no longer told by how much each was put off.
            const TOLD: u32 = 20_000;
            if turn == TOLD {
                let past = until.since(due.min(until)).as_micros() / again.as_micros();
                due += Span::micros(again.as_micros().saturating_mul(past));
                timer.last = Some(due);
            }
            due = due + again + if turn < TOLD { self.delay(name, &times, turn) } else { Span::ZERO };
        }
        Ok(timer)
    }

    /// A timer that somebody wrote is up: it waits until it comes due.
    pub(super) fn timer_waits(&mut self, spec: &Spec, now: Instant) -> Option<Due> {
        if spec.shipped {
            return None;
        }
        let times = self.times(spec);
        let stamp = format!("{STAMPS}/stamp-{}", spec.name);
        if times.persistent && self.unit_state(&spec.name).elapsed.is_none() {
            let last = self.fs.lookup(&Cred::ROOT, "/", &stamp).ok().map(|ino| self.fs.node(ino).mtime);
            self.units.change(&spec.name, |state| state.elapsed = last);
        }
        let next = self.next_elapse(spec, &times, now);
        self.units.change(&spec.name, |state| state.due = next);
        next.map(|next| (spec.name.clone(), next.since(now)))
    }

    /// A timer comes due: its unit starts.
    pub(super) fn timer_elapses(&mut self, name: &str, now: Instant) -> Vec<Due> {
        let Some(spec) = self.unit(name) else { return Vec::new() };
        let times = self.times(&spec);
        self.units.change(name, |state| (state.elapsed, state.due) = (Some(now), None));
        if times.persistent {
            let path = format!("{STAMPS}/stamp-{name}");
            // A disk that is full has no room for it: then there is none.
            for dir in ["/var/lib/systemd", STAMPS] {
                let _ = self.fs.mkdir(&Cred::ROOT, "/", dir, 0o755, now);
            }
            if let Ok(ino) = self.fs.create(&Cred::ROOT, "/", &path, 0o644, now) {
                let _ = self.fs.set_times(&Cred::ROOT, ino, Some(now), Some(now), now);
            }
        }
        let unit = times.unit.clone().unwrap_or_else(|| format!("{}.service", name.trim_end_matches(".timer")));
        let mut due =
            if self.unit(&unit).is_some() && !self.unit_is_up(&unit) { self.want_unit(&unit, now) } else { Vec::new() };
        due.extend(self.timer_waits(&spec, now));
        due
    }

    fn times(&self, spec: &Spec) -> Times {
        let texts = std::iter::once(&spec.path).chain(&spec.drop_ins).filter_map(|path| self.text(path));
        Times::read(&texts.collect::<Vec<_>>().join("\n"))
    }

    /// When a timer comes due next: the first of all that its file says.
    fn next_elapse(&self, spec: &Spec, times: &Times, now: Instant) -> Option<Instant> {
        let state = self.unit_state(&spec.name);
        let last = state.elapsed;
        let mut all = Vec::new();
        // What passed while the timer was not up does not count, but for what is to be made up for.
        let once = |at: Instant| (at > now || last.is_none_or(|last| last < at) && at == now).then_some(at);
        all.extend(times.first.and_then(|first| {
            let at = self.booted + first;
            if last.is_none_or(|last| last < self.booted) && at <= now { Some(now) } else { once(at) }
        }));
        all.extend(times.from_start.and_then(|span| once(state.since.unwrap_or(now) + span)));
        if let Some(again) = times.again {
            let unit =
                times.unit.clone().unwrap_or_else(|| format!("{}.service", spec.name.trim_end_matches(".timer")));
            let of_unit = self.unit_state(&unit);
            let ran =
                if times.from_end { of_unit.ran.and_then(|(.., until)| until) } else { of_unit.starts.last().copied() };
            let base = [ran, last].into_iter().flatten().max();
            all.extend(base.map(|base| (base + again).max(now + Span::millis(1))));
        }
        for text in &times.calendar {
            let Some(event) = Calendar::parse(text) else { continue };
            let from = last.filter(|_| times.persistent).unwrap_or(now);
            let turn = u32::try_from(now.utc().unix_timestamp() / 60).unwrap_or_default();
            all.extend(
                event
                    .next(from, &self.zone)
                    .map(|at| (at + self.delay(&spec.name, times, turn)).max(now + Span::millis(1))),
            );
        }
        all.into_iter().min()
    }

    /// By how much a turn of a timer is put off.
    fn delay(&self, name: &str, times: &Times, turn: u32) -> Span {
        let Some(most) = times.delay.map(Span::as_secs).filter(|most| *most > 0) else { return Span::ZERO };
        let seed = format!("{}{}{name}{turn}", self.machine_id(), self.boots);
        let digest = Sha256::of(seed.as_bytes()).to_string();
        Span::secs(u64::from_str_radix(&digest[..8], 16).unwrap_or(0) % most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::linux::model::Release;

    #[test]
    fn timers_come_due_as_their_files_say() {
        let now = Instant::parse("2022-01-10T00:00:00Z").expect("a time");
        let mut linux = Linux::new(Release::find("rhel-8.5").expect("a distribution"), "a", now);
        linux.has_booted(now);
        let name = "systemd-tmpfiles-clean.timer";
        let at = |secs: u64| Some(now + Span::secs(secs));
        let check = |text: &str, after: u64, next: Option<Instant>, last: Option<Instant>| {
            let timer = linux.timer(name, text, now + Span::secs(after)).expect("a modelled timer");
            assert_eq!((timer.next, timer.last), (next, last), "{text} after {after}");
        };
        let daily = "[Timer]\nOnBootSec=15min\nOnUnitActiveSec=1d\n";
        check(daily, 60, at(900), None);
        check(daily, 900, at(87_300), at(900));
        check(daily, 180_000, at(260_100), at(173_700));
        check("OnBootSec=1h\n", 7_200, None, at(3_600));
        // A year in steps of a second.
        check("OnBootSec=10s\nOnUnitActiveSec=1s\n", 31_536_000, at(31_536_001), at(31_536_000));
        check("Unit=a.service\n", 7_200, None, None);
        assert_eq!(linux.timer(name, "OnCalendar=daily\n", now), Err("OnCalendar="));
        let delayed = linux.timer(name, "OnBootSec=1h\nRandomizedDelaySec=60m\n", now).expect("a modelled timer");
        assert!((at(3_600)..at(7_200)).contains(&delayed.next), "{delayed:?}");
    }
}
