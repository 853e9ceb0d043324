//! The services of the appliance: what each needs, how long it takes to start and stop, and the state it is in.
//!
//! Names, order and dependencies of 6.0 are inferred from the process start times and service lists that were captured
//! on 6.5 (reference `appliance-shell.md` 2.3 and 2.4) and the names which 6.0 used; a reboot takes over five minutes in
//! all, which the founding run tells.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is fixed about a service of one release.
#[derive(Debug, PartialEq, Eq)]
pub struct Definition {
    /// The name that `service-control` uses.
    pub name: &'static str,
    /// The services which must run before it can start.
    pub needs: &'static [&'static str],
    /// Seconds it takes to start.
    pub start_secs: u64,
    /// Seconds it takes to stop.
    pub stop_secs: u64,
}

const fn service(name: &'static str, needs: &'static [&'static str], start_secs: u64, stop_secs: u64) -> Definition {
    Definition { name, needs, start_secs, stop_secs }
}

/// The service that answers the API calls of the appliance shell. It runs the updates, and so an installation leaves
/// it running (inferred: the shell goes on answering between install and reboot).
pub const APPLIANCE_MANAGEMENT: &str = "applmgmt";
/// The reverse proxy in front of everything a client reaches on port 443.
pub const REVERSE_PROXY: &str = "vmware-rhttpproxy";
/// vCenter Server itself.
pub const VCENTER: &str = "vmware-vpxd";
/// The vSphere Web Client's server.
pub const WEB_CLIENT: &str = "vsphere-client";

/// The services of 6.0 with an embedded Platform Services Controller, in the order in which they start.
pub const EMBEDDED_6_0: &[Definition] = &[
    service("lwsmd", &[], 4, 1),
    service("vmafdd", &["lwsmd"], 6, 2),
    service("vmdird", &["vmafdd"], 9, 3),
    service("vmcad", &["vmdird"], 5, 2),
    service("vmdnsd", &["vmdird"], 4, 1),
    service("vmware-sts-idmd", &["vmdird"], 11, 3),
    service("vmware-stsd", &["vmware-sts-idmd", "vmcad"], 17, 5),
    service(REVERSE_PROXY, &["vmafdd"], 5, 2),
    service("vmware-cm", &["vmware-stsd", REVERSE_PROXY], 13, 4),
    service("vmware-cis-license", &["vmware-cm"], 14, 4),
    service("vmware-psc-client", &["vmware-cm"], 12, 3),
    service("vmware-sca", &["vmware-cm"], 12, 3),
    service(APPLIANCE_MANAGEMENT, &["vmware-cm"], 8, 2),
    service("vmware-vapi-endpoint", &["vmware-cm"], 16, 4),
    service("vmware-vpostgres", &[], 6, 3),
    service("vmware-invsvc", &["vmware-cm", "vmware-vpostgres"], 27, 7),
    service("vmware-syslog", &[], 2, 1),
    service("vmware-syslog-health", &["vmware-syslog"], 3, 1),
    service("vmware-vws", &["vmware-invsvc"], 9, 3),
    service(VCENTER, &["vmware-invsvc", "vmware-cis-license"], 58, 16),
    service("vmware-eam", &[VCENTER], 13, 3),
    service("vmware-vdcs", &[VCENTER], 16, 5),
    service("vmware-sps", &[VCENTER], 17, 4),
    service("vmware-vpx-workflow", &[VCENTER], 8, 3),
    service("vmware-mbcs", &[VCENTER], 4, 2),
    service("vmware-perfcharts", &[VCENTER], 12, 4),
    service(WEB_CLIENT, &["vmware-cm", REVERSE_PROXY], 41, 11),
];

/// The state of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Not running, and nothing under way.
    Stopped,
    /// On its way up.
    StartPending,
    /// Up.
    Running,
    /// Its start went wrong; those that need it stay down.
    Failed,
}

impl State {
    /// The state in one word, for facts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::StartPending => "start-pending",
            Self::Running => "running",
            Self::Failed => "failed",
        }
    }
}

/// All services of one appliance. States stand in the order of the definitions, but are saved by name: another release of
/// appsh may know other services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, State>", into = "BTreeMap<String, State>")]
pub struct Services {
    states: Vec<State>,
}

impl From<Services> for BTreeMap<String, State> {
    fn from(services: Services) -> Self {
        services.iter().map(|(definition, state)| (definition.name.to_owned(), state)).collect()
    }
}

impl From<BTreeMap<String, State>> for Services {
    /// A service that was not saved runs where all that were saved do, else it is stopped.
    fn from(saved: BTreeMap<String, State>) -> Self {
        let all_run = saved.values().all(|state| *state == State::Running);
        let new = if all_run { State::Running } else { State::Stopped };
        let state = |definition: &Definition| saved.get(definition.name).copied().unwrap_or(new);
        Self { states: EMBEDDED_6_0.iter().map(state).collect() }
    }
}

impl Services {
    /// All services running, as on an appliance that has been up for long.
    #[must_use]
    pub fn running() -> Self {
        Self { states: vec![State::Running; EMBEDDED_6_0.len()] }
    }

    /// The definitions that hold for this appliance.
    #[must_use]
    pub fn definitions(&self) -> &'static [Definition] {
        EMBEDDED_6_0
    }

    /// Each service with its state, in start order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Definition, State)> {
        self.definitions().iter().zip(self.states.iter().copied())
    }

    /// The state of the service called `name`; a service that does not exist is stopped.
    #[must_use]
    pub fn state(&self, name: &str) -> State {
        self.iter().find(|(definition, _)| definition.name == name).map_or(State::Stopped, |(_, state)| state)
    }

    /// Whether the service called `name` runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> bool {
        self.state(name) == State::Running
    }

    /// Whether every service runs.
    #[must_use]
    pub fn all_up(&self) -> bool {
        self.states.iter().all(|state| *state == State::Running)
    }

    /// Puts the service called `name` into `state`; `false` when there is none of that name.
    pub fn set(&mut self, name: &str, state: State) -> bool {
        let Some(index) = self.definitions().iter().position(|definition| definition.name == name) else {
            return false;
        };
        self.states[index] = state;
        true
    }

    /// Stops everything.
    pub fn stop_all(&mut self) {
        self.states.fill(State::Stopped);
    }

    /// The last service in start order that is not stopped: the next one to stop on the way down.
    #[must_use]
    pub fn last_up(&self) -> Option<&'static Definition> {
        self.iter().filter(|(_, state)| *state != State::Stopped).last().map(|(definition, _)| definition)
    }

    /// The service that an installation stops next: as [`Services::last_up`], but appliance management is spared.
    #[must_use]
    pub fn next_to_stop(&self) -> Option<&'static Definition> {
        self.iter()
            .filter(|(definition, state)| *state != State::Stopped && definition.name != APPLIANCE_MANAGEMENT)
            .last()
            .map(|(definition, _)| definition)
    }

    /// Whether all services of vCenter are down, as during an installation and until the reboot.
    #[must_use]
    pub fn vcenter_down(&self) -> bool {
        self.next_to_stop().is_none()
    }

    /// The next service that can start: stopped, with all it needs running.
    #[must_use]
    pub fn startable(&self) -> Option<&'static Definition> {
        self.iter()
            .find(|(definition, state)| {
                *state == State::Stopped && definition.needs.iter().all(|needed| self.runs(needed))
            })
            .map(|(definition, _)| definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_names_a_service_that_starts_earlier() {
        for (i, definition) in EMBEDDED_6_0.iter().enumerate() {
            for need in definition.needs {
                let earlier = EMBEDDED_6_0[..i].iter().any(|other| other.name == *need);
                assert!(earlier, "{} needs {need}", definition.name);
            }
        }
    }

    #[test]
    fn a_boot_takes_over_five_minutes_and_a_stop_about_a_hundred_seconds() {
        let start: u64 = EMBEDDED_6_0.iter().map(|definition| definition.start_secs).sum();
        assert!((301..=420).contains(&start), "{start}");
        let stop: u64 = EMBEDDED_6_0.iter().map(|definition| definition.stop_secs).sum();
        assert!((90..=110).contains(&stop), "{stop}");
    }

    #[test]
    fn services_are_saved_by_name() {
        let check = |change: fn(&mut BTreeMap<String, State>), expect: State| {
            let mut saved: BTreeMap<String, State> = Services::running().into();
            change(&mut saved);
            assert_eq!(Services::from(saved).state(VCENTER), expect);
        };
        check(|_| (), State::Running);
        check(|saved| saved.extend([(VCENTER.to_owned(), State::Failed)]), State::Failed);
        check(|saved| saved.retain(|name, _| name != VCENTER), State::Running);
        check(|saved| saved.extend([("unknown".to_owned(), State::Failed)]), State::Running);
        check(
            |saved| {
                saved.remove(VCENTER);
                saved.insert(WEB_CLIENT.to_owned(), State::Stopped);
            },
            State::Stopped,
        );
    }

    #[test]
    fn a_failed_service_keeps_its_dependants_down_and_no_other() {
        let mut services = Services::running();
        services.stop_all();
        while let Some(next) = services.startable() {
            let state = if next.name == "vmware-invsvc" { State::Failed } else { State::Running };
            services.set(next.name, state);
        }
        for down in ["vmware-invsvc", "vmware-vws", VCENTER, "vmware-eam", "vmware-perfcharts"] {
            assert!(!services.runs(down), "{down}");
        }
        for up in [WEB_CLIENT, APPLIANCE_MANAGEMENT, REVERSE_PROXY] {
            assert!(services.runs(up), "{up}");
        }
    }
}
