//! The vCSA as a family: what the rest of the program asks of it, each answered where it belongs.

use std::sync::Arc;

use super::api::accounts::{self, PasswordStatus};
use super::api::{access, snmp, wall};
use super::model::{self, Action, Clients};
use super::services::DATABASE;
use super::{appliance, console, control, events, facts, faults, files, ha, login, logs, ports, psc, update_logs, web};
use crate::payload::Patch;
use crate::shell::{Context, Task};
use crate::sim::Instant;
use crate::systems::Refusal;
use crate::systems::facts::Definition;
use crate::systems::family::{Family, Page};
use crate::systems::faults::Fault;
use crate::systems::linux::model::{User, unit};
use crate::systems::linux::net::{self, Port};
use crate::systems::linux::tools::Tool;
use crate::vm::{Origin, ReadRate};
use crate::world::{MachineId, Shell, System, World};

/// The vCenter Server Appliance.
pub struct Vcsa;

impl Family for Vcsa {
    fn first_prompt(&self, _: &World, _: MachineId) -> String {
        appliance::PROMPT.to_owned()
    }

    fn login(&self, world: &World, id: MachineId) -> Result<Task, Refusal> {
        match login::refusal(world.vcsa(id)) {
            Some((why, passing)) => {
                Err(Refusal { why: format!("{} takes no logins: {why}", world.machine(id).name), passing })
            }
            None if world.linux(id).network.unconfigured => {
                let why = format!("{} takes no logins: it has no address", world.machine(id).name);
                Err(Refusal { why, passing: false })
            }
            None if !world.linux(id).takes_ssh() => {
                let why = format!("{} takes no logins: its port 22 refuses connections", world.machine(id).name);
                Err(Refusal { why, passing: access::ssh(world, id) })
            }
            None => Ok(login::task()),
        }
    }

    fn banner(&self, world: &World, id: MachineId) -> String {
        login::shown_before(world, id)
    }

    fn console(&self, world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
        console::login(world, id)
    }

    fn console_menu(&self, world: &mut World, id: MachineId, order: &[&str]) -> Result<String, String> {
        console::menu(world, id, order)
    }

    fn has_own_screen(&self) -> bool {
        true
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
        if let Some((why, _)) = login::refusal(world.vcsa(id)) {
            return Err(format!("{} cannot be asked to shut down: {why}", world.machine(id).name));
        }
        events::begin_shutdown(world, id, if again { Action::Reboot } else { Action::Poweroff });
        Ok(())
    }

    fn lives_by_linux(&self) -> bool {
        false
    }

    fn darken(&self, system: &mut System, now: Instant) {
        if let System::Vcsa(vcsa) = system {
            vcsa.go_dark(now);
        }
    }

    fn describe(&self, world: &World, id: MachineId) -> String {
        let running = &world.vcsa(id).running;
        format!("vcsa {} build {}", running.version, running.build)
    }

    fn doing(&self, world: &World, id: MachineId) -> &'static str {
        world.vcsa(id).doing()
    }

    fn answers_ping(&self, world: &World, id: MachineId) -> bool {
        world.vcsa(id).answers_ping()
    }

    fn admits(&self, world: &World, id: MachineId, from: &str) -> bool {
        wall::admits(world, id, from)
    }

    fn vcenter_of(&self, world: &World, id: MachineId) -> MachineId {
        ha::active_of(world, id).unwrap_or(id)
    }

    fn has_database(&self, world: &World, id: MachineId) -> bool {
        world.vcsa(id).services.definitions().iter().any(|service| service.name == DATABASE)
    }

    fn serves_vcenter(&self, world: &World, id: MachineId) -> bool {
        psc::clients(world, id) == Clients::Connected && !faults::distrusts_all(world.vcsa(id))
    }

    fn page(&self, world: &World, id: MachineId, port: u16, path: &str, cached: Option<&str>) -> Page {
        let page = web::page(world.vcsa(id), port, path, cached);
        if page.signs_in { psc::page(world, id).unwrap_or(page) } else { page }
    }

    fn about(&self, world: &World, id: MachineId) -> Option<String> {
        web::about(world.vcsa(id)).filter(|_| psc::signs_in(world, id) && !faults::distrusts_all(world.vcsa(id)))
    }

    fn read_rate<'w>(&self, world: &'w World, id: MachineId, origin: Origin) -> &'w ReadRate {
        let rates = &world.vcsa(id).rates;
        match origin {
            Origin::Client => &rates.client,
            Origin::Datastore => &rates.datastore,
        }
    }

    fn directory_user(&self, world: &World, id: MachineId, name: &str) -> Option<User> {
        world.vcsa(id).sso_account(name)
    }

    fn own_shell(&self, uid: u32) -> Option<Shell> {
        Some(Shell::Vcsa(if uid == 0 { model::Shell::OfRoot } else { model::Shell::Of(uid) }))
    }

    fn password_expired(&self, world: &World, id: MachineId, name: &str) -> bool {
        accounts::get(world, id, name).is_ok_and(|account| account.password == PasswordStatus::Expired)
    }

    fn high_availability(&self, world: &mut World, id: MachineId, order: Option<&str>) -> Result<String, String> {
        ha::order(world, id, order)
    }

    fn facts(&self) -> &'static [Definition] {
        facts::FACTS
    }

    fn faults(&self) -> &'static [Fault] {
        faults::FAULTS
    }

    fn faults_changed(&self, world: &mut World, id: MachineId) {
        let (wrong, ahead) = (world.suffers(id, faults::CLOCK_WRONG), world.linux(id).zone.ahead());
        let now = world.now.utc().unix_timestamp();
        if wrong && ahead == 0 {
            world.linux_mut(id).zone.set_ahead(now, -faults::CLOCK_BEHIND);
        } else if !wrong && ahead == -faults::CLOCK_BEHIND {
            world.linux_mut(id).zone.set_ahead(now, 0);
        }
        faults::fill_disks(world, id);
        faults::lock_root(world, id);
        faults::mend(world, id);
    }

    fn refuses_fault(&self, world: &World, id: MachineId, fault: &Fault) -> Option<String> {
        faults::refusal(world, id, fault)
    }

    fn few_objects(&self, world: &World, id: MachineId, kind: &str) -> Vec<&'static str> {
        if kind == faults::UPDATE_PHASE { world.vcsa(id).series().flow.phases() } else { Vec::new() }
    }

    fn object_called(&self, world: &World, id: MachineId, kind: &str, name: &str) -> Option<&'static str> {
        let service = world.vcsa(id).services.find(name).filter(|_| kind == faults::SERVICE);
        service.map(|service| service.name)
    }

    fn objects<'w>(&self, world: &'w World, id: MachineId, kind: &str, patches: &'w [Arc<Patch>]) -> Vec<&'w str> {
        let vcsa = world.vcsa(id);
        if kind == faults::SERVICE {
            return vcsa.services.iter().map(|(service, _)| service.name).collect();
        }
        if kind == faults::UPDATE_PHASE {
            return vcsa.series().flow.phases();
        }
        let staged = vcsa.staged.iter().map(|staged| &staged.patch);
        let offered = staged.chain(patches).flat_map(|patch| &patch.packages).map(|package| package.name.as_str());
        vcsa.installed.packages.iter().map(|(name, _)| name).chain(offered).collect()
    }

    fn unit_state(&self, world: &World, id: MachineId, name: &str) -> Option<unit::State> {
        control::unit_state(world, id, name)
    }

    fn ask_unit(&self, world: &mut World, id: MachineId, name: &str, start: bool) -> bool {
        if start {
            snmp::is_asked(world, id, name);
        }
        control::ask_unit(world, id, name, start)
    }

    fn comes_up(&self, world: &World, id: MachineId, unit: &str) -> bool {
        snmp::comes_up(world, id, unit)
    }

    fn process_died(&self, world: &mut World, id: MachineId, pid: u32) -> bool {
        control::has_died(world, id, pid)
    }

    fn programs(&self) -> &'static [Tool] {
        files::PROGRAMS
    }

    fn ports(&self) -> &'static [Port] {
        ports::PORTS
    }

    fn datagram_ports(&self, world: &World, id: MachineId) -> Vec<Port> {
        vec![Port::local(53, &[net::NAME_CACHE]), Port::open(world.vcsa(id).settings.snmp.port, &[snmp::DAEMON])]
    }

    fn make(&self, world: &World, id: MachineId, name: &str) -> String {
        files::make(world.vcsa(id), name)
    }

    fn is_inferred(&self, name: &str) -> bool {
        files::is_inferred(name)
    }

    fn changed(&self, world: &World, id: MachineId, name: &str) -> Option<Instant> {
        let vcsa = world.vcsa(id);
        match name.strip_prefix(update_logs::MADE) {
            Some(log) => update_logs::changed(vcsa, log),
            None => logs::changed(vcsa, name.strip_prefix(logs::MADE)?),
        }
    }
}
