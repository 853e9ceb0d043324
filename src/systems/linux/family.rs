//! A machine that is nothing but Linux, as a family.

use std::sync::Arc;

use super::distro::Vendor;
use super::model::logins::Why;
use super::model::units::Maintenance;
use super::model::{Phase, User};
use super::net::REFUSED;
use super::{console, events, facts, login};
use crate::payload::Patch;
use crate::shell::{Context, Task};
use crate::sim::Instant;
use crate::systems::Refusal;
use crate::systems::facts::Definition;
use crate::systems::family::{Family, Page};
use crate::systems::faults::{Fault, Lasts};
use crate::vm::{Origin, ReadRate};
use crate::world::{MachineId, Shell, System, World};

/// The family of machines that run Linux and nothing else that is modelled.
pub struct Linux;

/// How fast discs are read, from the admin's desktop and from a datastore: as on an appliance.
static READ_RATE: ReadRate = ReadRate { per_file_ms: 1, bytes_per_sec: 100_000_000, connect_ms: 1_000 };

/// The kind of object that is a service.
const SERVICE: &str = "SERVICE";

/// What can go wrong.
static FAULTS: &[Fault] = &[Fault {
    name: "service-fails",
    about: "a service does not start",
    point: events::UNIT_START,
    lasts: Lasts::EachTime(Some(SERVICE)),
}];

impl Family for Linux {
    fn first_prompt(&self, world: &World, id: MachineId) -> String {
        let linux = world.linux(id);
        let next = if linux.phase == Phase::Up { None } else { linux.static_hostname() };
        let hostname = next.unwrap_or_else(|| linux.hostname.clone());
        let host = hostname.split('.').next().unwrap_or_default();
        let shown = linux.distro.root_prompt.replace("\\u", "root").replace("\\h", host);
        shown.replace("\\w", "~").replace("\\W", "~").replace("\\$", "#")
    }

    fn login(&self, world: &World, id: MachineId) -> Result<Task, Refusal> {
        match login::refusal(world, id) {
            Some((why, passing)) => {
                Err(Refusal { why: format!("{} takes no logins: {why}", world.machine(id).name), passing })
            }
            None => Ok(login::task()),
        }
    }

    fn console(&self, world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
        console::open(world, id)
    }

    fn greet(&self, cx: &mut Context<'_>, user: &User, from: &str) -> Shell {
        login::greet(cx, user, from)
    }

    fn power_on(&self, world: &mut World, id: MachineId) {
        events::power_on(world, id);
    }

    fn cut_power(&self, world: &mut World, id: MachineId) {
        events::cut_power(world, id);
    }

    fn shut_down(&self, world: &mut World, id: MachineId, again: bool) -> Result<(), String> {
        if world.linux(id).phase != Phase::Up {
            let why = self.doing(world, id);
            return Err(format!("{} cannot be asked to shut down: it is {why}", world.machine(id).name));
        }
        events::shut_down(world, id, again);
        Ok(())
    }

    fn darken(&self, system: &mut System, now: Instant) {
        if let System::Linux(linux) = system {
            linux.phase = Phase::Off;
            linux.go_dark(now, Why::Crash);
        }
    }

    fn describe(&self, world: &World, id: MachineId) -> String {
        world.linux(id).distro.pretty.to_owned()
    }

    fn doing(&self, world: &World, id: MachineId) -> &'static str {
        let linux = world.linux(id);
        match linux.phase {
            Phase::Up => match linux.maintenance() {
                Some(Maintenance::Rescue) => "in rescue mode",
                Some(Maintenance::Emergency) => "in emergency mode",
                None => "up",
            },
            Phase::Booting => "starting",
            Phase::Stopping(_) => "shutting down",
            Phase::Off => "off",
        }
    }

    fn answers_ping(&self, world: &World, id: MachineId) -> bool {
        let linux = world.linux(id);
        linux.phase == Phase::Up && !linux.network.down
    }

    fn serves_vcenter(&self, _: &World, _: MachineId) -> bool {
        false
    }

    fn page(&self, world: &World, id: MachineId, port: u16, _: &str, _: Option<&str>) -> Page {
        let linux = world.linux(id);
        let serves = linux.distro.vendor == Vendor::Esxi && linux.processes.daemon_called(&["rhttpproxy"]).is_some();
        // The client in the browser came with 6.0.
        Page::new(match (port, linux.distro.major) {
            (80 | 443, 6..) if serves => "[VMware Host Client: log in]",
            (80 | 443, _) if serves => "[VMware ESXi: welcome]",
            _ => REFUSED,
        })
    }

    fn about(&self, _: &World, _: MachineId) -> Option<String> {
        None
    }

    fn read_rate<'w>(&self, _: &'w World, _: MachineId, _: Origin) -> &'w ReadRate {
        &READ_RATE
    }

    fn facts(&self) -> &'static [Definition] {
        facts::FACTS
    }

    fn faults(&self) -> &'static [Fault] {
        FAULTS
    }

    fn objects<'w>(&self, world: &'w World, id: MachineId, kind: &str, _: &'w [Arc<Patch>]) -> Vec<&'w str> {
        if kind == SERVICE { world.linux(id).service_names() } else { Vec::new() }
    }
}
