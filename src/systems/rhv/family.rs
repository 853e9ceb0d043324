//! A host of RHV, or its Manager, as a family: its life is that of its Linux, with what the cluster makes of it.

use std::sync::Arc;

use super::events::ENGINE_UNIT;
use super::faults::{self, FAULTS};
use super::model::{Life, Role};
use super::{events, facts, files, lockspaces, logs, network, processes, service_files};
use crate::payload::Patch;
use crate::shell::{Context, Task};
use crate::sim::Instant;
use crate::systems::Refusal;
use crate::systems::facts::Definition;
use crate::systems::family::{Family, Page};
use crate::systems::faults::Fault;
use crate::systems::linux::family::Linux;
use crate::systems::linux::interface::Link;
use crate::systems::linux::model::logins::Why;
use crate::systems::linux::model::{Phase, User};
use crate::systems::linux::net::{Host, Port, REFUSED};
use crate::systems::linux::tools::Tool;
use crate::vm::{Origin, ReadRate};
use crate::world::{MachineId, Shell, System, World};

/// The family.
pub struct Rhv;

/// What the engine's health page says (reference `hosted-engine.md` 1.3).
pub const HEALTHY: &str = "DB Up!Welcome to Health Status!";
/// What the engine shows to who comes to its name (inferred).
const WELCOME: &str = "Red Hat Virtualization Manager\nPortals: Administration Portal, VM Portal\nDownloads: Console Client \
                       Resources, CA Certificate\nTechnical Guide: REST API Guide";
/// Where it is.
pub const HEALTH_PATH: &str = "/ovirt-engine/services/health";

/// Whether the virtual machine of the Manager stands still.
fn stands(world: &World, id: MachineId) -> bool {
    let Some(place) = events::kept_by(world, id) else { return false };
    let domain = world.clusters[place].engine_host().and_then(|host| host.engine());
    domain.is_some_and(|domain| matches!(domain.life, Life::Paused(_)))
}

/// Why nothing reaches a machine whose Linux is up.
fn cut_off(world: &World, id: MachineId) -> Option<&'static str> {
    if faults::unplugged(world, id) {
        return Some("its network is pulled");
    }
    if world.linux(id).network.unconfigured {
        return Some("it has no address");
    }
    if network::is_cut(world, id) {
        return Some("the link to its virtual machine is down");
    }
    if !network::around(world, id).is_none_or(|host| host != id || network::is_wired(world, id)) {
        return Some("its network card is down");
    }
    stands(world, id).then_some("its virtual machine stands still")
}

/// The ports on which the daemons of a host and of the Manager listen beside those of pages (Planning and Prerequisites Guide 4.4,
/// firewall requirements).
static PORTS: &[Port] = &[
    Port::local(5432, &["postmaster"]),
    Port::open(6100, &["ovirt-websocket"]),
    Port::open(16_514, &["libvirtd.service"]),
    Port::open(54_321, &["vdsmd.service"]),
];

impl Family for Rhv {
    fn first_prompt(&self, world: &World, id: MachineId) -> String {
        Linux.first_prompt(world, id)
    }

    fn login(&self, world: &World, id: MachineId) -> Result<Task, Refusal> {
        let task = Linux.login(world, id)?;
        match cut_off(world, id) {
            Some(why) => {
                let why = format!("{} takes no logins: {why}", world.machine(id).name);
                Err(Refusal { why, passing: false })
            }
            None => Ok(task),
        }
    }

    fn console(&self, world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
        Linux.console(world, id)
    }

    fn greet(&self, cx: &mut Context<'_>, user: &User, from: &str) -> Shell {
        Linux.greet(cx, user, from)
    }

    fn power_on(&self, world: &mut World, id: MachineId) {
        events::power_on(world, id);
    }

    fn cut_power(&self, world: &mut World, id: MachineId) {
        events::cut_power(world, id);
    }

    fn shut_down(&self, world: &mut World, id: MachineId, again: bool) -> Result<(), String> {
        Linux.shut_down(world, id, again)
    }

    fn darken(&self, system: &mut System, now: Instant) {
        if let System::Rhv(rhv) = system {
            rhv.linux.phase = Phase::Off;
            rhv.linux.go_dark(now, Why::Crash);
        }
    }

    fn describe(&self, world: &World, id: MachineId) -> String {
        let System::Rhv(rhv) = &world.machine(id).system else { return String::new() };
        let what = match rhv.role {
            Role::Host => "host",
            Role::Manager => "Manager",
        };
        format!("RHV {} {what} on {}", rhv.release.product(), rhv.linux.distro.pretty)
    }

    fn doing(&self, world: &World, id: MachineId) -> &'static str {
        Linux.doing(world, id)
    }

    fn admits(&self, world: &World, id: MachineId, from: &str) -> bool {
        // A local virtual machine stands in a network of its host's own.
        let is_local = |host| events::bootstrapped_by(world, id) == Some(host) || !network::is_wired(world, host);
        let around = network::around(world, id).filter(|host| *host != id && is_local(*host));
        around.is_none_or(|host| from == world.machine(host).address || from == world.machine(id).address)
    }

    fn is_known_by_name(&self, world: &World, id: MachineId) -> bool {
        // Nobody tells the name server of the guest that a deployment makes.
        world.rhv(id).is_none_or(|rhv| !rhv.deployed)
    }

    fn answers_ping(&self, world: &World, id: MachineId) -> bool {
        Linux.answers_ping(world, id) && cut_off(world, id).is_none()
    }

    fn has_database(&self, world: &World, id: MachineId) -> bool {
        world.rhv(id).is_some_and(|rhv| rhv.role == Role::Manager)
    }

    fn serves_vcenter(&self, _: &World, _: MachineId) -> bool {
        false
    }

    fn page(&self, world: &World, id: MachineId, port: u16, path: &str, _: Option<&str>) -> Page {
        let httpd = world.linux(id).unit_is_up("httpd.service") && cut_off(world, id).is_none();
        if events::role(world, id) != Some(Role::Manager) || !httpd || !matches!(port, 80 | 443) {
            return Page::new(REFUSED);
        }
        let serves = events::kept_by(world, id).is_some_and(|place| world.clusters[place].storage.engine.serves);
        let portal = path.trim_end_matches('/');
        Page::new(match (portal, serves) {
            (HEALTH_PATH, true) => HEALTHY,
            ("" | "/ovirt-engine", true) => WELCOME,
            ("/ovirt-engine/webadmin" | "/ovirt-engine/web-ui", true) => "[the engine's login page]",
            // Nobody is let in without a name and a password.
            (api, true) if api == "/ovirt-engine/api" || api.starts_with("/ovirt-engine/api/") => "401 Unauthorized",
            (other, true) if other.starts_with("/ovirt-engine/") => {
                return Page::new(format!("appsh: not modelled: the page {path}"));
            }
            (_, true) => "404 Not Found",
            // httpd stands before an engine that is not there.
            (_, false) if world.linux(id).unit_is_up(ENGINE_UNIT) => "404 Not Found",
            (_, false) => "503 Service Unavailable",
        })
    }

    fn ports(&self) -> &'static [Port] {
        PORTS
    }

    fn about(&self, _: &World, _: MachineId) -> Option<String> {
        None
    }

    fn read_rate<'w>(&self, world: &'w World, id: MachineId, origin: Origin) -> &'w ReadRate {
        Linux.read_rate(world, id, origin)
    }

    fn facts(&self) -> &'static [Definition] {
        facts::FACTS
    }

    fn faults(&self) -> &'static [Fault] {
        FAULTS
    }

    fn objects<'w>(&self, world: &'w World, id: MachineId, kind: &str, patches: &'w [Arc<Patch>]) -> Vec<&'w str> {
        Linux.objects(world, id, kind, patches)
    }

    fn programs(&self) -> &'static [Tool] {
        super::commands::PROGRAMS
    }

    fn faults_changed(&self, world: &mut World, id: MachineId) {
        events::stirred(world, id);
    }

    fn refuses_fault(&self, world: &World, id: MachineId, fault: &Fault) -> Option<String> {
        faults::refusal(events::role(world, id)?, fault)
    }

    fn stirred(&self, world: &mut World, id: MachineId) {
        events::stirred(world, id);
    }

    fn process_died(&self, world: &mut World, id: MachineId, pid: u32) -> bool {
        processes::died(world, id, pid)
    }

    fn comes_up(&self, world: &World, id: MachineId, unit: &str) -> bool {
        unit != events::SANLOCK || lockspaces::comes_up(world, id)
    }

    fn skips(&self, world: &World, id: MachineId) -> &'static [&'static str] {
        let host = events::role(world, id) == Some(Role::Host);
        if host && files::is_unconfigured(world, id) { &events::HA_UNITS } else { &[] }
    }

    fn bridge(&self, world: &World, id: MachineId) -> Option<&'static str> {
        network::bridge(world, id)
    }

    fn links(&self, world: &World, id: MachineId) -> Vec<Link> {
        network::links(world, id)
    }

    fn is_plugged(&self, world: &World, id: MachineId) -> bool {
        !faults::unplugged(world, id)
    }

    fn set_link(&self, world: &mut World, id: MachineId, name: &str, up: bool) {
        network::set_link(world, id, name, up);
    }

    fn sends_to(&self, world: &World, id: MachineId, to: &Host) -> bool {
        network::sends_to(world, id, to)
    }

    fn make(&self, world: &World, id: MachineId, name: &str) -> String {
        files::make(world, id, name)
    }

    fn changed(&self, world: &World, id: MachineId, name: &str) -> Option<Instant> {
        logs::changed(world, id, name).or_else(|| service_files::changed(world, id, name))
    }

    fn is_inferred(&self, name: &str) -> bool {
        files::is_inferred(name)
    }
}
