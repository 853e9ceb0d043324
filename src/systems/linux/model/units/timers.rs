//! Timers (systemd.timer(5)): when one came due last and when it does next, counted from the boot as its file says. That the run
//! of what a timer starts takes no time is inferred.

use super::super::Linux;
use crate::payload::Sha256;
use crate::sim::{Instant, Span};

/// What the file of a timer says of its times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Times {
    /// `OnBootSec=` or `OnStartupSec=`
    first: Option<Span>,
    /// `OnUnitActiveSec=` or `OnUnitInactiveSec=`
    again: Option<Span>,
    /// `RandomizedDelaySec=`
    delay: Option<Span>,
    /// `OnCalendar=`, which is not modelled.
    calendar: bool,
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

/// A span as systemd.time(7) has it, in one unit: `15min`, `1d`, `90`.
fn span(text: &str) -> Option<Span> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let factor = match text[end..].trim() {
        "" | "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hr" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        "w" | "week" | "weeks" => 604_800,
        _ => return None,
    };
    Some(Span::secs(number.checked_mul(factor)?))
}

impl Times {
    fn read(text: &str) -> Self {
        let mut times = Self::default();
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.trim();
            match key.trim() {
                "OnBootSec" | "OnStartupSec" => times.first = span(value),
                "OnUnitActiveSec" | "OnUnitInactiveSec" => times.again = span(value),
                "RandomizedDelaySec" => times.delay = span(value),
                "OnCalendar" => times.calendar = true,
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
        if times.calendar {
            return Err("OnCalendar=");
        }
        let unit = times.unit.clone().unwrap_or_else(|| format!("{}.service", name.trim_end_matches(".timer")));
        let mut timer = Timer { name: name.to_owned(), unit, next: None, last: None };
        let state = self.unit_state(name);
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
