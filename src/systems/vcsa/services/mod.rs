//! The services of the appliance: what each needs, how long it takes to start and stop, and the state it is in.
//!
//! Which there are differs by release and node ([`sets`]); the tables (`v6_0.rs`, `v6_5.rs`) name their sources.

mod core;
pub mod definition;
mod plan;
mod profiles;
pub mod sets;
mod v6_0;
mod v6_5;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use definition::{Definition, Manager, Startup};
pub use profiles::Profile;
pub use sets::Set;

use crate::sim::Instant;

/// The service that answers the API calls of the appliance shell. It runs the updates, and so an installation leaves
/// it running (inferred: the shell goes on answering between install and reboot).
pub const APPLIANCE_MANAGEMENT: &str = "applmgmt";
/// vMon, which starts and watches most of the others from 6.5 on.
pub const MONITOR: &str = "vmware-vmon";
/// The reverse proxy in front of everything a client reaches on port 443.
pub const REVERSE_PROXY: &str = "vmware-rhttpproxy";
/// What keeps a vCenter HA cluster together.
pub const HIGH_AVAILABILITY: &str = "vmware-vcha";
/// The database of vCenter Server.
pub const DATABASE: &str = "vmware-vpostgres";
/// vCenter Server itself.
pub const VCENTER: &str = "vmware-vpxd";
/// The server of the Flash client; of the HTML client where there is no other.
pub const WEB_CLIENT: &str = "vsphere-client";
/// The server of the HTML client.
pub const HTML_CLIENT: &str = "vsphere-ui";

/// The state of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Not running, and nothing under way.
    Stopped,
    /// On its way up.
    StartPending,
    /// Up.
    Running,
    /// On its way down.
    StopPending,
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
            Self::StopPending => "stop-pending",
            Self::Failed => "failed",
        }
    }
}

/// What changes about a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The state it is in.
    pub state: State,
    /// When it is started.
    pub startup: Startup,
    /// Since when it is in its state; nothing when it has been since the boot.
    #[serde(default)]
    pub since: Option<Instant>,
    /// The number of its process.
    #[serde(default)]
    pub pid: Option<u32>,
}

/// All services of one appliance. They stand in the order of the definitions, but are saved by name: another release of
/// appsh may know other services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct Services {
    set: &'static Set,
    slots: Vec<Slot>,
    /// The services that are to be started, one after another, as soon as what they need runs.
    queue: Vec<&'static str>,
}

/// How services are saved.
#[derive(Serialize, Deserialize)]
struct Saved {
    set: String,
    services: BTreeMap<String, Slot>,
    queue: Vec<String>,
}

impl From<Services> for Saved {
    fn from(services: Services) -> Self {
        Self {
            set: services.set.name.clone(),
            services: services.slots().map(|(definition, slot)| (definition.name.to_owned(), *slot)).collect(),
            queue: services.queue.iter().map(|name| (*name).to_owned()).collect(),
        }
    }
}

impl TryFrom<Saved> for Services {
    type Error = String;

    /// An automatic service that was not saved runs where all that were saved do, else it is stopped.
    fn try_from(saved: Saved) -> Result<Self, String> {
        let set = Set::named(&saved.set).ok_or_else(|| format!("there are no services {}", saved.set))?;
        let mut services = Self::installed(set);
        let automatic = |slot: &&Slot| slot.startup == Startup::Automatic;
        if !saved.services.values().filter(automatic).all(|slot| slot.state == State::Running) {
            services.stop_all();
        }
        for (slot, definition) in services.slots.iter_mut().zip(&set.services) {
            if let Some(saved) = saved.services.get(definition.name) {
                *slot = *saved;
            }
        }
        let known = saved.queue.iter().filter_map(|name| set.services.iter().find(|service| service.name == *name));
        services.queue = known.map(|service| service.name).collect();
        Ok(services)
    }
}

impl Services {
    /// The services as on an appliance that has been up for long: what starts by itself runs.
    #[must_use]
    pub fn installed(set: &'static Set) -> Self {
        let slot = |definition: &Definition| Slot {
            state: if definition.startup == Startup::Automatic { State::Running } else { State::Stopped },
            startup: definition.startup,
            since: None,
            pid: None,
        };
        Self { set, slots: set.services.iter().map(slot).collect(), queue: Vec::new() }
    }

    /// Which services these are.
    #[must_use]
    pub fn set_of_services(&self) -> &'static Set {
        self.set
    }

    /// The definitions that hold for this appliance.
    #[must_use]
    pub fn definitions(&self) -> &'static [Definition] {
        &self.set.services
    }

    /// Each service with its state, in start order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&'static Definition, State)> {
        self.slots().map(|(definition, slot)| (definition, slot.state))
    }

    /// Each service with all that changes about it, in start order.
    pub fn slots(&self) -> impl DoubleEndedIterator<Item = (&'static Definition, &Slot)> + ExactSizeIterator {
        self.set.services.iter().zip(&self.slots)
    }

    /// The service that is called so, in full, without `vmware-`, or as vMon calls it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static Definition> {
        self.set.find(name)
    }

    /// What changes about the service called `name`.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<&Slot> {
        self.slots().find(|(definition, _)| definition.name == name).map(|(_, slot)| slot)
    }

    fn slot_mut(&mut self, name: &str) -> Option<&mut Slot> {
        let at = self.definitions().iter().position(|definition| definition.name == name)?;
        self.slots.get_mut(at)
    }

    /// The state of the service called `name`; a service that does not exist is stopped.
    #[must_use]
    pub fn state(&self, name: &str) -> State {
        self.slot(name).map_or(State::Stopped, |slot| slot.state)
    }

    /// Whether the service called `name` runs.
    #[must_use]
    pub fn runs(&self, name: &str) -> bool {
        self.state(name) == State::Running
    }

    /// Whether every service that is to be started at boot runs.
    #[must_use]
    pub fn all_up(&self) -> bool {
        self.slots.iter().all(|slot| slot.state == State::Running || slot.startup != Startup::Automatic)
    }

    /// The service that clients log in through: the Flash client's server, the HTML client's where that is the only one.
    #[must_use]
    pub fn web_client(&self) -> &'static str {
        let flash = self.definitions().iter().any(|definition| definition.name == WEB_CLIENT);
        if flash { WEB_CLIENT } else { HTML_CLIENT }
    }

    /// Puts the service called `name` into `state`; `false` when there is none of that name. Its process does not follow:
    /// see `Vcsa::turn`.
    pub fn set(&mut self, name: &str, state: State) -> bool {
        self.slot_mut(name).map(|slot| slot.state = state).is_some()
    }

    /// Puts the service called `name` into `state` from `now` on, with this process.
    pub fn turn(&mut self, name: &str, state: State, pid: Option<u32>, now: Instant) {
        if let Some(slot) = self.slot_mut(name) {
            (slot.state, slot.pid, slot.since) = (state, pid, Some(now));
        }
    }

    /// From now on the service called `name` is started then; `false` when there is none of that name.
    pub fn set_startup(&mut self, name: &str, startup: Startup) -> bool {
        self.slot_mut(name).map(|slot| slot.startup = startup).is_some()
    }

    /// Stops everything at once: the machine is going dark.
    pub fn stop_all(&mut self) {
        self.queue.clear();
        for slot in &mut self.slots {
            (slot.state, slot.since, slot.pid) = (State::Stopped, None, None);
        }
    }

    /// Other software has been installed: the services are those of `set` from this boot on. What an admin has changed
    /// about those that stay is kept.
    pub fn become_set(&mut self, set: &'static Set) {
        if self.set.name == set.name {
            return;
        }
        let mut new = Self::installed(set);
        new.stop_all();
        for (slot, definition) in new.slots.iter_mut().zip(&set.services) {
            let old = self.slots().find(|(old, _)| old.name == definition.name);
            if let Some((old, kept)) = old
                && kept.startup != old.startup
            {
                slot.startup = kept.startup;
            }
        }
        *self = new;
    }

    /// The last service in start order that is not stopped: the next one to stop on the way down.
    #[must_use]
    pub fn last_up(&self) -> Option<&'static Definition> {
        self.iter().rev().find(|(_, state)| *state != State::Stopped).map(|(definition, _)| definition)
    }

    /// The service that an installation stops next: as [`Services::last_up`], but appliance management is spared, and what
    /// watches over it.
    #[must_use]
    pub fn next_to_stop(&self) -> Option<&'static Definition> {
        let spared = [APPLIANCE_MANAGEMENT, MONITOR];
        let up =
            |(definition, state): &(&Definition, State)| *state != State::Stopped && !spared.contains(&definition.name);
        self.iter().rev().find(up).map(|(definition, _)| definition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded(version: &str) -> &'static Set {
        Set::of(version, "vCenter Server with an embedded Platform Services Controller")
    }

    #[test]
    fn every_need_names_a_service_that_starts_earlier() {
        for set in Set::all() {
            for (i, definition) in set.services.iter().enumerate() {
                for need in &definition.needs {
                    let earlier = set.services[..i].iter().any(|other| other.name == *need);
                    assert!(earlier, "{}: {} needs {need}", set.name, definition.name);
                }
            }
        }
    }

    #[test]
    fn no_set_has_a_service_twice_and_each_has_a_process() {
        for set in Set::all() {
            for (i, definition) in set.services.iter().enumerate() {
                let twice = set.services[..i].iter().any(|other| other.name == definition.name);
                assert!(!twice, "{}: {}", set.name, definition.name);
                assert!(!definition.command.is_empty(), "{}: {}", set.name, definition.name);
            }
        }
    }

    #[test]
    fn a_boot_takes_five_to_ten_minutes_and_a_stop_about_two() {
        for (version, most) in [("6.0.0", 420), ("6.5.0", 480), ("6.7.0", 540), ("7.0.0", 600), ("8.0.1", 600)] {
            let set = embedded(version);
            let automatic = || set.services.iter().filter(|service| service.startup == Startup::Automatic);
            let start: u64 = automatic().map(|definition| definition.start_secs).sum();
            assert!((301..=most).contains(&start), "{version}: {start}");
            let stop: u64 = automatic().map(|definition| definition.stop_secs).sum();
            assert!((90..=150).contains(&stop), "{version}: {stop}");
        }
    }

    /// Reference `appliance-shell.md` 2.3, sorted.
    #[test]
    fn what_runs_after_an_installation_is_what_was_captured() {
        let check = |version: &str, node: &str, running: &str, stopped: &str| {
            let services = Services::installed(Set::of(version, node));
            let of = |state| {
                let mut names: Vec<_> = services.iter().filter(|(_, s)| *s == state).map(|(d, _)| d.name).collect();
                names.sort_unstable();
                names.join(" ")
            };
            assert_eq!(of(State::Running), running, "{version} {node}");
            assert_eq!(of(State::Stopped), stopped, "{version} {node}");
        };
        const EMBEDDED: &str = "vCenter Server with an embedded Platform Services Controller";
        check(
            "6.5.0.5100",
            EMBEDDED,
            "applmgmt lwsmd pschealth vmafdd vmcad vmdird vmdnsd vmonapi vmware-cis-license vmware-cm \
             vmware-content-library vmware-eam vmware-perfcharts vmware-psc-client vmware-rhttpproxy vmware-sca vmware-sps \
             vmware-statsmonitor vmware-sts-idmd vmware-stsd vmware-updatemgr vmware-vapi-endpoint vmware-vmon \
             vmware-vpostgres vmware-vpxd vmware-vpxd-svcs vmware-vsan-health vmware-vsm vsphere-client vsphere-ui",
            "vmcam vmware-imagebuilder vmware-mbcs vmware-netdumper vmware-rbd-watchdog vmware-vcha",
        );
        check(
            "6.5.0.5100",
            "VMware Platform Services Controller",
            "applmgmt lwsmd pschealth vmafdd vmcad vmdird vmdnsd vmonapi vmware-cis-license vmware-cm vmware-psc-client \
             vmware-rhttpproxy vmware-sca vmware-statsmonitor vmware-sts-idmd vmware-stsd vmware-vapi-endpoint vmware-vmon",
            "",
        );
        check(
            "6.7.0.10000",
            EMBEDDED,
            "applmgmt lwsmd pschealth vmafdd vmcad vmdird vmdnsd vmonapi vmware-analytics vmware-cis-license vmware-cm \
             vmware-content-library vmware-eam vmware-perfcharts vmware-pod vmware-postgres-archiver vmware-rhttpproxy \
             vmware-sca vmware-sps vmware-statsmonitor vmware-sts-idmd vmware-stsd vmware-updatemgr vmware-vapi-endpoint \
             vmware-vmon vmware-vpostgres vmware-vpxd vmware-vpxd-svcs vmware-vsan-health vmware-vsm vsphere-client \
             vsphere-ui",
            "vmcam vmware-imagebuilder vmware-mbcs vmware-netdumper vmware-rbd-watchdog vmware-vcha vsan-dps",
        );
        check(
            "6.7.0.48000",
            EMBEDDED,
            "applmgmt lwsmd pschealth vmafdd vmcad vmdird vmdnsd vmonapi vmware-analytics vmware-certificatemanagement \
             vmware-cis-license vmware-cm vmware-content-library vmware-eam vmware-perfcharts vmware-pod \
             vmware-postgres-archiver vmware-rhttpproxy vmware-sca vmware-sps vmware-statsmonitor vmware-sts-idmd \
             vmware-stsd vmware-topologysvc vmware-updatemgr vmware-vapi-endpoint vmware-vmon vmware-vpostgres vmware-vpxd \
             vmware-vpxd-svcs vmware-vsan-health vmware-vsm vsphere-client vsphere-ui",
            "vmcam vmware-imagebuilder vmware-mbcs vmware-netdumper vmware-rbd-watchdog vmware-vcha vsan-dps",
        );
        check(
            "8.0.3.00000",
            EMBEDDED,
            "applmgmt lookupsvc lwsmd observability observability-vapi pschealth vc-ws1a-broker vlcm vmafdd vmcad vmdird \
             vmware-analytics vmware-certificateauthority vmware-certificatemanagement vmware-cis-license \
             vmware-content-library vmware-eam vmware-envoy vmware-envoy-hgw vmware-envoy-sidecar vmware-hvc \
             vmware-infraprofile vmware-perfcharts vmware-pod vmware-postgres-archiver vmware-rhttpproxy vmware-sca \
             vmware-sps vmware-stsd vmware-topologysvc vmware-trustmanagement vmware-updatemgr vmware-vapi-endpoint \
             vmware-vdtc vmware-vmon vmware-vpostgres vmware-vpxd vmware-vpxd-svcs vmware-vsan-health vmware-vsm \
             vsphere-ui vstats vtsdb wcp",
            "vmcam vmonapi vmware-imagebuilder vmware-netdumper vmware-rbd-watchdog vmware-vcha",
        );
    }

    /// Reference `appliance-shell.md` 2.3, from the REST list of 7.0 U3.
    #[test]
    fn what_vmon_starts_on_7_0_is_what_was_recorded() {
        let set = embedded("7.0.3.00800");
        let of = |startup| {
            let own = set.services.iter().filter(|service| service.startup == startup);
            let mut names: Vec<_> = own.filter_map(Definition::vmon).collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(
            of(Startup::Automatic),
            "analytics applmgmt certificateauthority certificatemanagement cis-license content-library eam envoy hvc \
             infraprofile lookupsvc observability-vapi perfcharts pschealth rhttpproxy sca sps statsmonitor sts \
             topologysvc trustmanagement updatemgr vapi-endpoint vlcm vmonapi vmware-postgres-archiver vmware-vpostgres \
             vpxd vpxd-svcs vsan-health vsm vsphere-ui vstats vtsdb wcp"
        );
        assert_eq!(of(Startup::Manual), "imagebuilder netdumper rbd vmcam");
        assert_eq!(of(Startup::Disabled), "vcha");
    }

    #[test]
    fn the_captured_lists_name_every_service() {
        for (version, order) in [("6.5.0", v6_5::LISTED_6_5), ("6.7.0", v6_5::LISTED_6_7)] {
            let set = embedded(version);
            let names: Vec<_> = set.listed.iter().map(|at| set.services[*at].name).collect();
            assert_eq!(names, order, "{version}");
        }
    }

    #[test]
    fn services_are_found_by_each_of_their_names() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(embedded("7.0.0").find(name).map(|service| service.name), expect, "{name}");
        };
        check("vmware-vpxd", Some(VCENTER));
        check("vpxd", Some(VCENTER));
        check("vpostgres", Some("vmware-vpostgres"));
        check("sts", Some("vmware-stsd"));
        check("stsd", Some("vmware-stsd"));
        check("rbd", Some("vmware-rbd-watchdog"));
        check("vmware-applmgmt", None);
        check("vmware-", None);
        check("", None);
    }

    #[test]
    fn services_are_saved_by_name() {
        let check = |change: fn(&mut Saved), expect: State| {
            let mut saved: Saved = Services::installed(embedded("6.0.0")).into();
            change(&mut saved);
            assert_eq!(Services::try_from(saved).expect("a set").state(VCENTER), expect);
        };
        let put = |saved: &mut Saved, name: &str, state| {
            let slot = Slot { state, startup: Startup::Automatic, since: None, pid: None };
            saved.services.insert(name.to_owned(), slot);
        };
        check(|_| (), State::Running);
        check(|saved| saved.services.get_mut(VCENTER).expect("one").state = State::Failed, State::Failed);
        check(|saved| saved.services.retain(|name, _| name != VCENTER), State::Running);
        check(
            |saved| {
                saved.services.remove(VCENTER);
                saved.services.get_mut(WEB_CLIENT).expect("one").state = State::Stopped;
            },
            State::Stopped,
        );
        let mut saved: Saved = Services::installed(embedded("6.0.0")).into();
        put(&mut saved, "unknown", State::Failed);
        saved.queue.push("unknown".to_owned());
        assert!(Services::try_from(saved).expect("a set").queue.is_empty());
        let unknown = Saved { set: "5.5 embedded".to_owned(), services: BTreeMap::new(), queue: Vec::new() };
        assert!(Services::try_from(unknown).is_err());
    }

    #[test]
    fn an_installation_spares_what_it_runs_in() {
        for set in Set::all() {
            let mut services = Services::installed(set);
            while let Some(next) = services.next_to_stop() {
                services.set(next.name, State::Stopped);
            }
            assert!(services.runs(APPLIANCE_MANAGEMENT), "{}", set.name);
        }
    }
}
