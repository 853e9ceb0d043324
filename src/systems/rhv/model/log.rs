//! What an agent has written to its log, with all that stands in the lines: what holds later changes none of them. A pass that
//! comes to the same as the one before is counted and not kept again, so that a quiet day costs nothing; the texts are made when
//! they are read. The logs of the agent and of its broker are both made from it, and go to another file once a day
//! (`TimedRotatingFileHandler` with one day and seven files, in the packages' `agent-log.conf` and `broker-log.conf`).

use std::collections::VecDeque;
use std::sync::Arc;

use regex::RegexBuilder;
use serde::{Deserialize, Serialize};

use super::agent::Agent;
use super::conf::{Conf, Misfit};
use super::health::Health;
use super::host::Host;
use super::score::Penalties;
use super::state::State;
use super::storage::Storage;
use super::{HostId, Instant, PERIOD, Span};
use crate::systems::linux::clock::{Step, Zone};
use crate::systems::rhv::release::Release;

/// One thing that an agent has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    /// It has begun.
    Began,
    /// It ends.
    Ended,
    /// It went through its machine once.
    Loop(Round),
    /// It went from one state to another, and what became of the mail about that.
    Changed(State, State, Mail),
    /// A limit has passed.
    TimedOut(State, State),
    /// It sees one of the flags of maintenance: the global one if `true`.
    Maintenance(bool),
    /// Another host is so much better that the virtual machine shall go there.
    Outscored(HostId),
    /// It starts the virtual machine, which vdsm takes if `true`.
    Starts(bool),
    /// It shuts the virtual machine down.
    Stops,
    /// It cuts the virtual machine off.
    Destroys,
    /// It moves the virtual machine.
    Migrates(HostId),
    /// The broker does not answer.
    NoBroker,
    /// The storage cannot be reached.
    NoStorage(Round),
    /// What its file says leads nowhere.
    Misfit(Misfit),
    /// Between two passes its broker would find something else.
    Found(Found),
    /// Its broker says nothing any more.
    Silent,
    /// What becomes of the host ids that its sanlock renews, and when by the host's own clock.
    Lease(u64, Renewal),
    /// A block on the storage cannot be read.
    Malformed(HostId),
    /// The process of the Manager's virtual machine has begun, or has ended.
    Process(Option<Ending>),
}

/// How the process of a virtual machine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its guest went down.
    Shutdown,
    /// It was ended from outside.
    Destroyed,
    /// It goes on elsewhere.
    Migrated,
}

/// What becomes of the host ids that a sanlock renews.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Renewal {
    /// They are not renewed any more: the path to the storage is gone if `true`, else it is sanlock that stands still.
    Stops(bool),
    /// They are renewed again; they had been given up if `true`.
    GoesOn(bool),
    /// They are given up, and the process that had the lease is ended.
    GivesUp(Option<u32>),
}

/// What an agent found and made of it in one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Where it stands.
    pub state: State,
    /// Its score.
    pub score: u32,
    /// The best of the others.
    pub best: Option<(HostId, u32)>,
    /// Where else the virtual machine runs.
    pub running: Option<HostId>,
    /// What was taken off its score.
    pub penalties: Penalties,
    /// What its broker finds.
    pub found: Found,
    /// The load of the host, in millionths of its processors.
    pub load: u32,
}

/// What a broker finds on its host that may change at any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The virtual machine.
    pub health: Health,
    /// The memory that is free, in MiB.
    pub free: u64,
}

impl Round {
    /// What an agent makes of its own host.
    #[must_use]
    pub fn of(host: &Host, storage: &Storage) -> Self {
        let Agent { state, score, health, .. } = host.agent;
        let penalties = host.penalties(&storage.engine, state);
        let found = Found { health, free: host.free_memory() };
        Self { state, score, best: None, running: None, penalties, found, load: host.load }
    }
}

/// What becomes of a mail about a change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mail {
    /// Nobody wants to know.
    Ignored,
    /// It is sent.
    Sent,
    /// Nothing on the host takes it.
    Refused,
}

impl Mail {
    /// The one about a change of state: `notify.state_transition` in the broker's settings says which are wanted.
    #[must_use]
    pub fn about(from: State, to: State, storage: &Storage, mailer: bool) -> Self {
        let pattern = storage.settings.get("broker").and_then(|broker| broker.get("notify.state_transition"));
        let pattern = pattern.and_then(|pattern| RegexBuilder::new(pattern).case_insensitive(true).build().ok());
        match pattern.is_some_and(|pattern| pattern.is_match(&format!("{from}-{to}"))) {
            false => Self::Ignored,
            true if mailer => Self::Sent,
            true => Self::Refused,
        }
    }
}

impl Said {
    /// Whether an agent that gets no further says so with each pass.
    fn comes_again(self) -> bool {
        matches!(self, Self::Loop(_) | Self::NoBroker | Self::NoStorage(_) | Self::Misfit(_))
    }
}

/// An entry: what was said, and how often it was said again, a loop apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was said first.
    pub at: Instant,
    /// What.
    pub what: Said,
    /// How many times in a row.
    pub times: u32,
}

impl Entry {
    /// When it was said last.
    #[must_use]
    pub fn last(&self) -> Instant {
        self.at + PERIOD.times(u64::from(self.times.saturating_sub(1)))
    }

    /// All the moments at which it was said.
    pub fn moments(&self) -> impl Iterator<Item = Instant> + use<> {
        let at = self.at;
        (0..self.times).map(move |times| at + PERIOD.times(u64::from(times)))
    }
}

/// What stands in the lines and seldom changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// What is installed on the host.
    pub release: Release,
    /// What its agent has read from its file.
    pub conf: Option<Conf>,
    /// The names of the hosts.
    pub names: Vec<(HostId, String)>,
    /// The clock of the host.
    pub clock: Zone,
}

impl Setting {
    /// That of a host of these hosts.
    #[must_use]
    pub fn of(host: &Host, hosts: &[Host], clock: &Zone) -> Self {
        Self {
            release: host.release,
            conf: host.conf.clone(),
            names: hosts.iter().map(|host| (host.id, host.name.clone())).collect(),
            clock: as_it_is(clock),
        }
    }

    /// Whether it holds still.
    fn holds(&self, host: &Host, hosts: &[Host], clock: &Zone) -> bool {
        let same = match (&self.conf, &host.conf) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other) || own == other,
            (own, other) => own.is_none() && other.is_none(),
        };
        let named =
            || self.names.iter().map(|(id, name)| (*id, name)).eq(hosts.iter().map(|host| (host.id, &host.name)));
        same && self.release == host.release && is_as_it_is(&self.clock, clock) && named()
    }

    /// The name of a host.
    #[must_use]
    pub fn name(&self, id: HostId) -> &str {
        self.names.iter().find(|(known, _)| *known == id).map_or("", |(_, name)| name)
    }

    /// What the file said.
    #[must_use]
    pub fn get(&self, key: &str) -> &str {
        self.conf.as_ref().and_then(|conf| conf.get(key)).map_or("", String::as_str)
    }
}

/// A clock with what holds on it just now: it shows all times as if that had always been so.
fn as_it_is(clock: &Zone) -> Zone {
    let step = Step { from: i64::MIN, ahead: clock.ahead() };
    Zone { steps: Some(step).filter(|step| step.ahead != 0).into_iter().collect(), ..clock.without_clock() }
}

fn is_as_it_is(own: &Zone, clock: &Zone) -> bool {
    own.ahead() == clock.ahead() && own.offset == clock.offset && own.name == clock.name && own.place == clock.place
}

/// A part of a log. It is kept in parts, so that a line more after a point of the timeline was taken copies the last one only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// When the file began that it is in.
    pub file: Instant,
    /// How many passes are in that file before it.
    pub passes: u32,
    /// What stands in its lines; nothing before anybody has looked.
    pub setting: Option<Arc<Setting>>,
    /// What was said.
    pub entries: Vec<Entry>,
}

impl Part {
    fn passes(&self) -> u32 {
        let loops = self.entries.iter().filter(|entry| matches!(entry.what, Said::Loop(_) | Said::NoStorage(_)));
        self.passes + loops.map(|entry| entry.times).sum::<u32>()
    }
}

/// The log of an agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log(VecDeque<Arc<Part>>);

impl Log {
    /// So many entries are in a part.
    const PART: usize = 256;
    /// So many parts are kept: more than what the files hold unless somebody makes an effort.
    const MOST: usize = 400;
    /// After so long another file begins.
    const DAY: Span = Span::secs(86_400);
    /// So many files are kept beside the one that is written.
    pub const FILES: usize = 7;

    /// Writes something.
    pub fn say(&mut self, at: Instant, what: Said) {
        let full = self.0.back().is_none_or(|part| part.entries.len() >= Self::PART);
        if let Some(part) = self.0.back_mut() {
            let again = |entry: &&Entry| entry.what == what && entry.last() + PERIOD == at;
            if what.comes_again() && part.entries.last().is_some_and(|entry| again(&entry)) {
                let entry = Arc::make_mut(part).entries.last_mut();
                entry.into_iter().for_each(|entry| entry.times += 1);
                return;
            }
        }
        if full {
            let last = self.0.back();
            let file = last.map_or(at, |part| part.file);
            let (passes, setting) = last.map_or((0, None), |part| (part.passes(), part.setting.clone()));
            self.begin(Part { file, passes, setting, entries: Vec::new() });
        }
        let entry = Entry { at, what, times: 1 };
        self.0.back_mut().into_iter().for_each(|part| Arc::make_mut(part).entries.push(entry));
    }

    fn begin(&mut self, part: Part) {
        if self.0.back().is_some_and(|last| last.entries.is_empty()) {
            self.0.pop_back();
        }
        self.0.push_back(Arc::new(part));
        if self.0.len() > Self::MOST {
            self.0.pop_front();
        }
    }

    /// Writes down what a broker would find, if that is not what was found last.
    pub fn find(&mut self, at: Instant, found: Found) {
        let last = self.parts().rev().flat_map(|part| part.entries.iter().rev()).find_map(|entry| match entry.what {
            Said::Loop(round) | Said::NoStorage(round) => Some(Some(round.found)),
            Said::Found(found) => Some(Some(found)),
            Said::Silent => Some(None),
            _ => None,
        });
        // Without a pass before there is no probe.
        if last.flatten().is_some_and(|last| last != found) {
            self.say(at, Said::Found(found));
        }
    }

    /// Whether what stands in the lines is what holds now.
    #[must_use]
    pub fn holds(&self, host: &Host, hosts: &[Host], clock: &Zone) -> bool {
        let setting = self.0.back().and_then(|part| part.setting.as_ref());
        setting.is_some_and(|setting| setting.holds(host, hosts, clock))
    }

    /// What stands in the lines from now on.
    pub fn set(&mut self, setting: Setting, now: Instant) {
        let last = self.0.back();
        let (file, passes) = last.map_or((now, 0), |part| (part.file, part.passes()));
        self.begin(Part { file, passes, setting: Some(Arc::new(setting)), entries: Vec::new() });
    }

    /// Begins another file if the one that is written is a day old. Whether it did.
    pub fn turn(&mut self, now: Instant) -> bool {
        let Some(last) = self.0.back().filter(|part| now.since(part.file) >= Self::DAY) else { return false };
        let setting = last.setting.clone();
        self.begin(Part { file: now, passes: 0, setting, entries: Vec::new() });
        let mut files: Vec<Instant> = self.0.iter().map(|part| part.file).collect();
        files.dedup();
        if let Some(oldest) = files.len().checked_sub(Self::FILES + 1).and_then(|many| files.get(many)) {
            let oldest = *oldest;
            self.0.retain(|part| part.file >= oldest);
        }
        true
    }

    /// It has been saying the same for so many passes, the last of them at this moment.
    #[must_use]
    pub fn of_long(last: Instant, round: Round, times: u32, setting: Setting) -> Self {
        let at = last - PERIOD.times(u64::from(times.saturating_sub(1)));
        let entries = vec![Entry { at, what: Said::Loop(round), times }];
        Self([Arc::new(Part { file: at, passes: 0, setting: Some(Arc::new(setting)), entries })].into())
    }

    /// The parts, oldest first.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &Part> {
        self.0.iter().map(|part| &**part)
    }

    /// The parts of each of its files, oldest first; the last is the one that is written.
    #[must_use]
    pub fn files(&self) -> Vec<Vec<&Part>> {
        let mut files: Vec<Vec<&Part>> = Vec::new();
        for part in self.parts() {
            match files.last_mut().filter(|file| file.first().is_some_and(|first| first.file == part.file)) {
                Some(file) => file.push(part),
                None => files.push(vec![part]),
            }
        }
        files
    }

    /// When something was said last.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        self.parts().rev().find_map(|part| part.entries.last()).map(Entry::last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quiet year is an entry a day, and only eight days of it are there.
    #[test]
    fn a_log_is_as_long_as_its_files() {
        let (mut log, begin) = (Log::default(), Instant::parse("2021-03-14T20:00:00Z").expect("a time"));
        for pass in 0..365 * 8_640 {
            let now = begin + PERIOD.times(pass);
            log.turn(now);
            log.say(now, Said::NoBroker);
        }
        let files = log.files();
        let entries: Vec<usize> = files.iter().map(|parts| parts.iter().map(|part| part.entries.len()).sum()).collect();
        assert_eq!(entries, [1; Log::FILES + 1]);
        assert!(files.iter().flatten().all(|part| part.entries[0].times == 8_640));
        // What is said once is there once, and long parts are cut.
        for second in 0..1_000 {
            log.say(begin + Span::secs(second), Said::Began);
        }
        let last = log.files().pop().expect("one that is written");
        assert_eq!(last.iter().map(|part| part.entries.len()).sum::<usize>(), 1_001);
        assert!(last.len() > 1 && last.iter().all(|part| part.entries.len() <= Log::PART));
    }
}
