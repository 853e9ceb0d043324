//! What units need and what they bear no other beside (systemd.unit(5), `Requires=`, `Wants=`, `Conflicts=`).

use std::collections::BTreeSet;

use super::super::Linux;
use super::super::unit::Spec;
use super::PULLED;

impl Linux {
    /// The unit and all that it pulls in, and what those pull in.
    #[must_use]
    pub fn pulled_by(&self, name: &str) -> BTreeSet<String> {
        let (mut found, mut open) = (BTreeSet::new(), vec![name.to_owned()]);
        while let Some(name) = open.pop().filter(|_| found.len() < PULLED) {
            let Some(spec) = self.unit_with_links(&name) else { continue };
            if found.insert(name) {
                open.extend(spec.requires.into_iter().chain(spec.wants));
            }
        }
        found
    }

    /// A unit that is required for a start, and is not there.
    #[must_use]
    pub fn missing_requirement(&self, name: &str) -> Option<String> {
        const KINDS: [&str; 4] = [".service", ".socket", ".target", ".timer"];
        let (mut seen, mut open) = (BTreeSet::new(), vec![name.to_owned()]);
        while let Some(name) = open.pop().filter(|_| seen.len() < PULLED) {
            let Some(spec) = self.unit(&name) else {
                let known = self.is_masked(&name) || !KINDS.iter().any(|kind| name.ends_with(kind));
                if known { continue } else { return Some(name) }
            };
            if seen.insert(name) {
                open.extend(spec.requires);
            }
        }
        None
    }

    /// The units that must not be up beside one that is to be started: those that it names, those waiting that name it and, where
    /// it is asked for itself, those running that do.
    pub(super) fn rivals(&self, spec: &Spec, asked: bool) -> Vec<String> {
        let named = spec.conflicts.iter().filter(|rival| self.unit_is_wanted(rival)).cloned();
        let names = |other: &Spec| other.conflicts.contains(&spec.name);
        let waiting = self.units.starts.values().filter(|other| names(other)).map(|other| other.name.clone());
        let up = self.units.iter().filter(|(unit, _)| asked && self.unit_is_up(unit));
        let running = up.filter(|(unit, _)| self.unit(unit).is_some_and(|other| names(&other)));
        named.chain(waiting).chain(running.map(|(unit, _)| unit.to_owned())).collect()
    }
}
