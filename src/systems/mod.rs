//! The families of machines, one folder each, all with the same places inside, and what the lab asks of each of them.

use std::borrow::Cow;

use crate::shell::{Context, Session, Step, Task};
use crate::vm;
use crate::world::{Event, Happening, MachineId, Shell, System, World};

pub mod clones;
pub mod coverage;
pub mod facts;
pub mod vcsa;
pub mod vm_facts;

/// One kind of shell: what it shows and what it does with a line.
pub trait Console: Sync {
    /// The prompt as it stands now.
    fn prompt<'a>(&self, world: &'a World, session: &Session) -> Cow<'a, str>;

    /// Takes a line typed at the prompt.
    fn line(&self, cx: &mut Context<'_>, line: &str) -> Step;

    /// Takes Ctrl-D at the prompt.
    fn end_of_input(&self, cx: &mut Context<'_>);

    /// What could stand in place of the last word of `line`.
    fn complete(&self, world: &World, session: &Session, line: &str) -> Vec<String>;
}

/// The innermost shell of a session; none before the login is through and after the last shell was left.
#[must_use]
pub fn console(session: &Session) -> Option<&'static dyn Console> {
    session.shells.last().map(|shell| match shell {
        Shell::Vcsa(shell) => vcsa::console(*shell),
    })
}

/// The prompt at which a login on a machine ends.
#[must_use]
pub fn first_prompt(world: &World, id: MachineId) -> &'static str {
    match world.machine(id).system {
        System::Vcsa(_) => vcsa::appliance::PROMPT,
    }
}

/// The login on a machine, as a task that ends at the first prompt.
///
/// # Errors
/// What the machine is doing instead of taking logins.
pub fn login(world: &World, id: MachineId) -> Result<Task, Refusal> {
    let machine = world.machine(id);
    match &machine.system {
        System::Vcsa(vcsa) => match vcsa::login::refusal(vcsa) {
            Some((why, passing)) => Err(Refusal { why: format!("{} takes no logins: {why}", machine.name), passing }),
            None => Ok(vcsa::login::task()),
        },
    }
}

/// Why a machine takes no login now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it is doing instead, as a sentence.
    pub why: String,
    /// Whether that passes by itself.
    pub passing: bool,
}

/// Lets something happen.
pub fn happen(world: &mut World, event: Event) {
    match event.what {
        Happening::Vm(vm::Event::DriveReady) => world.machine_mut(event.machine).vm.drive.connect(),
        Happening::Vm(vm::Event::DiskCopied(task)) => clones::disk_copied(world, event.machine, task),
        Happening::Vcsa(what) => vcsa::events::happen(world, event.machine, what),
    }
}

/// Whether an event is the next step of something that goes on already, and not just planned for later.
#[must_use]
pub fn is_under_way(event: &Event) -> bool {
    match &event.what {
        Happening::Vm(vm::Event::DriveReady | vm::Event::DiskCopied(_)) => true,
        Happening::Vcsa(what) => !matches!(what, vcsa::model::Event::ShutdownDue | vcsa::model::Event::ShellTimeout),
    }
}

/// Switches a machine on; nothing happens to one that is on.
pub fn power_on(world: &mut World, id: MachineId) {
    match world.machine(id).system {
        System::Vcsa(_) => vcsa::events::power_on(world, id),
    }
}

/// Takes the power from a machine: what was in memory is lost, and its sessions end.
pub fn cut_power(world: &mut World, id: MachineId) {
    match world.machine(id).system {
        System::Vcsa(_) => vcsa::events::cut_power(world, id),
    }
}

/// How fast a machine's drive reads discs of this origin.
#[must_use]
pub fn read_rate(world: &World, id: MachineId, origin: vm::Origin) -> &vm::ReadRate {
    match &world.machine(id).system {
        System::Vcsa(vcsa) => match origin {
            vm::Origin::Client => &vcsa.rates.client,
            vm::Origin::Datastore => &vcsa.rates.datastore,
        },
    }
}

/// What a machine is doing, in a few words.
#[must_use]
pub fn state_word(system: &System) -> &'static str {
    match system {
        System::Vcsa(vcsa) => vcsa.doing(),
    }
}

/// Shuts a machine down in order, as its guest tools do when asked from outside.
///
/// # Errors
/// Why its guest tools cannot be asked.
pub fn shut_down(world: &mut World, id: MachineId) -> Result<(), String> {
    match &world.machine(id).system {
        System::Vcsa(vcsa) => {
            if let Some((why, _)) = vcsa::login::refusal(vcsa) {
                return Err(format!("{} cannot be asked to shut down: {why}", world.machine(id).name));
            }
            vcsa::events::begin_shutdown(world, id, vcsa::model::Action::Poweroff);
            Ok(())
        }
    }
}
