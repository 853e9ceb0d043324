//! The families of machines, one folder each, all with the same places inside, and what the lab asks of each of them.

use std::borrow::Cow;
use std::sync::Arc;

use family::Family;

use crate::shell::{Context, Session, Step, Task};
use crate::vm;
use crate::world::{Event, Happening, MachineId, Shell, System, World};

pub mod clones;
pub mod coverage;
pub mod entries;
pub mod facts;
pub mod family;
pub mod faults;
pub mod kinds;
pub mod linux;
pub mod password;
pub mod rhv;
pub mod vcsa;
pub mod vm_facts;

/// One kind of shell: what it shows and what it does with a line.
pub trait Console: Sync {
    /// The prompt as it stands now.
    fn prompt<'a>(&self, world: &'a World, session: &Session) -> Cow<'a, str>;

    /// Takes a line typed at the prompt.
    fn line(&self, cx: &mut Context<'_>, line: &str) -> Step;

    /// Takes Ctrl-D at the prompt.
    fn end_of_input(&self, cx: &mut Context<'_>) -> Step;

    /// What the keys do that a line is edited with.
    fn editing(&self) -> Editing {
        Editing::Readline
    }

    /// What Ctrl-C begins at the prompt.
    fn interrupt(&self) -> Option<Task> {
        None
    }

    /// What could stand at the end of `line`.
    fn complete(&self, world: &World, session: &Session, line: &str) -> Completion;

    /// What the keys bring back that go through the lines typed before; none where the shell keeps none itself.
    fn recall(&self, _session: &Session) -> Option<Recall> {
        None
    }
}

/// What could stand at the end of a line that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Where it would begin, in bytes.
    pub start: usize,
    /// The texts that it could be.
    pub found: Vec<String>,
    /// What is put behind the only one, unless it is a directory: one types on.
    pub end: &'static str,
}

impl Completion {
    /// What could stand in place of the last word of a line.
    #[must_use]
    pub fn of_last_word(line: &str, found: Vec<String>) -> Self {
        Self { start: line.rfind(char::is_whitespace).map_or(0, |at| at + 1), found, end: " " }
    }
}

/// The lines that a shell remembers.
#[derive(Clone, Debug)]
pub struct Recall {
    /// The oldest first.
    pub lines: Arc<Vec<String>>,
    /// The last word of such a line, as this shell splits it.
    pub last_word: fn(&str) -> &str,
}

/// What the keys do that a line is edited with, where shells differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Editing {
    /// As in bash.
    #[default]
    Readline,
    /// As the guide of the appliance shell has it: Ctrl-R shows the line again, Ctrl-X cuts it out.
    Appliance,
}

/// The innermost shell of a session; none before the login is through and after the last shell was left.
#[must_use]
pub fn console(session: &Session) -> Option<&'static dyn Console> {
    session.shells.last().map(|shell| match shell {
        Shell::Vcsa(shell) => vcsa::console(*shell),
        Shell::Linux(_) => &linux::bash::CONSOLE,
    })
}

/// A session is over: what its shells were on the machines is put right. Whether the command in front goes on without it.
pub fn hung_up(cx: &mut Context<'_>) -> bool {
    linux::parting::hung_up(cx)
}

/// A machine through which a session went went down: the person is back on the one before it.
pub fn lose(cx: &mut Context<'_>, machine: MachineId, why: crate::world::Closed) {
    linux::parting::lose(cx, machine, why);
}

/// Logs root in over the network, by a password, as an admin does from the desktop.
///
/// # Errors
/// What the machine is doing instead of taking logins, or why it keeps root out.
pub fn login(world: &World, id: MachineId) -> Result<Task, Refusal> {
    let task = family(world, id).login(world, id)?;
    linux::login::keeps_root_out(world, id).map_or(Ok(task), Err)
}

/// The family that a machine belongs to.
#[must_use]
pub fn family(world: &World, id: MachineId) -> &'static dyn Family {
    match world.machine(id).system {
        System::Vcsa(_) => &vcsa::family::Vcsa,
        System::Linux(_) => &linux::family::Linux,
        System::Rhv(_) => &rhv::family::Rhv,
    }
}

/// The facts of what machines make up together: name, type, meaning, value.
pub fn joint_facts(world: &World) -> impl Iterator<Item = (String, facts::Type, &'static str, facts::Fact)> {
    rhv::facts::of_clusters(world)
}

/// The account of that name, on a machine or in its directory.
#[must_use]
pub fn account(world: &World, machine: MachineId, user: &str) -> Option<linux::model::User> {
    let local = world.linux(machine).user(user);
    local.or_else(|| family(world, machine).directory_user(world, machine, user))
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
        Happening::Linux(what) => linux::events::happen(world, event.machine, &what),
        Happening::Rhv(what) => rhv::events::happen(world, event.machine, what),
    }
}

/// Moves a virtual machine of the lab's own environment to another of its hosts.
///
/// # Errors
/// Why that cannot be.
pub fn migrate(world: &mut World, vm: &str, host: &str) -> Result<(), String> {
    rhv::events::migrate(world, vm, host)
}

/// Whether an event is the next step of something that goes on already, and not just planned for later.
#[must_use]
pub fn is_under_way(event: &Event) -> bool {
    match &event.what {
        Happening::Vm(vm::Event::DriveReady | vm::Event::DiskCopied(_)) => true,
        Happening::Linux(what) => !matches!(what, linux::model::Event::ShutdownDue | linux::model::Event::CronWakes),
        // The agents never come to rest.
        Happening::Rhv(what) => matches!(what, rhv::model::Event::Launch(_) | rhv::model::Event::Migrated(..)),
        Happening::Vcsa(what) => !matches!(what, vcsa::model::Event::ShutdownDue | vcsa::model::Event::ShellTimeout),
    }
}
