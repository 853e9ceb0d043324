//! A family of machines, as everything outside of it sees it: the lab, the director, the tables. A new family implements
//! this once and is named in `world.rs` (its model, shells and events) and in `systems/mod.rs`.

use std::sync::Arc;

use super::Refusal;
use super::facts::Definition;
use super::faults::Fault;
use super::linux::interface::Link;
use super::linux::model::{User, unit};
use super::linux::net::{Host, Port};
use super::linux::tools::Tool;
use crate::payload::Patch;
use crate::shell::{Context, Task};
use crate::sim::Instant;
use crate::vm::{Origin, ReadRate};
use crate::world::{MachineId, Shell, System, World};

/// What a family answers about one of its machines. Every method is asked only about machines of the family.
pub trait Family: Sync {
    /// The prompt at which a login ends.
    fn first_prompt(&self, world: &World, id: MachineId) -> String;

    /// The login, as a task that ends at the first prompt.
    ///
    /// # Errors
    /// What the machine is doing instead of taking logins.
    fn login(&self, world: &World, id: MachineId) -> Result<Task, Refusal>;

    /// What the secure shell shows before anybody is let in.
    fn banner(&self, world: &World, id: MachineId) -> String {
        let _ = (world, id);
        String::new()
    }

    /// The same at the console of the machine: the terminal that it is for the machine, and the login.
    ///
    /// # Errors
    /// What the machine shows there instead.
    fn console(&self, world: &World, id: MachineId) -> Result<(&'static str, Task), Refusal> {
        let why = format!("not modelled: the console of {}", world.machine(id).name);
        Err(Refusal { why, passing: false })
    }

    /// What the menus at the console of the machine show, or what an order there does.
    ///
    /// # Errors
    /// Why not, in a sentence.
    fn console_menu(&self, world: &mut World, id: MachineId, order: &[&str]) -> Result<String, String> {
        let _ = order;
        Err(format!("the console of {} has no menus", world.machine(id).name))
    }

    /// Whether the console has a screen of the family's own, instead of what its Linux shows there.
    fn has_own_screen(&self) -> bool {
        false
    }

    /// What is shown once a user is let in from an address; the shell that the login opens. The session is on the machine.
    fn greet(&self, cx: &mut Context<'_>, user: &User, from: &str) -> Shell;

    /// Switches a machine on; nothing happens to one that is on.
    fn power_on(&self, world: &mut World, id: MachineId);

    /// Takes the power away: what was in memory is lost, and the sessions end.
    fn cut_power(&self, world: &mut World, id: MachineId);

    /// Shuts a machine down in order, as its guest tools do when asked from outside; it boots again if `again`.
    ///
    /// # Errors
    /// Why its guest tools cannot be asked.
    fn shut_down(&self, world: &mut World, id: MachineId, again: bool) -> Result<(), String>;

    /// Whether a machine is up and down when its Linux is; where it is not, the family says so itself.
    fn lives_by_linux(&self) -> bool {
        true
    }

    /// Leaves of a running machine's copy what is on its disks.
    fn darken(&self, system: &mut System, now: Instant);

    /// What a machine is, in a few words: its software and version.
    fn describe(&self, world: &World, id: MachineId) -> String;

    /// What a machine is doing, in a few words.
    fn doing(&self, world: &World, id: MachineId) -> &'static str;

    /// Whether ping is answered.
    fn answers_ping(&self, world: &World, id: MachineId) -> bool;

    /// Whether the machine's firewall lets in what comes from an address.
    fn admits(&self, world: &World, id: MachineId, from: &str) -> bool {
        let _ = (world, id, from);
        true
    }

    /// Whether the other machines of the lab know its name and address.
    fn is_known_by_name(&self, world: &World, id: MachineId) -> bool {
        let _ = (world, id);
        true
    }

    /// The machine at which a client finds the vCenter that one is a part of: of a cluster, the node that serves.
    fn vcenter_of(&self, world: &World, id: MachineId) -> MachineId {
        let _ = world;
        id
    }

    /// Whether a database is on the machine's disks, which suffers when they are slow.
    fn has_database(&self, world: &World, id: MachineId) -> bool {
        let _ = (world, id);
        false
    }

    /// Whether vCenter runs on this machine and serves its clients.
    fn serves_vcenter(&self, world: &World, id: MachineId) -> bool;

    /// What a browser gets; `cached` is the version whose files it kept from an earlier visit.
    fn page(&self, world: &World, id: MachineId, port: u16, path: &str, cached: Option<&str>) -> Page;

    /// What the client's About says, once one can connect with it.
    fn about(&self, world: &World, id: MachineId) -> Option<String>;

    /// The user of a directory who is called so and can log in, where the machine knows one.
    fn directory_user(&self, world: &World, id: MachineId, name: &str) -> Option<User> {
        let _ = (world, id, name);
        None
    }

    /// The shell of its own that it gives to a user of this number who has it as login shell.
    fn own_shell(&self, _uid: u32) -> Option<Shell> {
        None
    }

    /// Whether an account's password must be changed before anything else.
    fn password_expired(&self, world: &World, id: MachineId, name: &str) -> bool {
        world.linux(id).shadow.get(name).is_some_and(|shadow| shadow.is_expired(world.now))
    }

    /// What the client shows of the cluster that keeps vCenter available, or does with it.
    ///
    /// # Errors
    /// Why not, in a sentence.
    fn high_availability(&self, world: &mut World, id: MachineId, order: Option<&str>) -> Result<String, String> {
        let _ = order;
        Err(format!("no vCenter runs on {}", world.machine(id).name))
    }

    /// How fast the machine's drive reads discs of this origin.
    fn read_rate<'w>(&self, world: &'w World, id: MachineId, origin: Origin) -> &'w ReadRate;

    /// The facts of the family.
    fn facts(&self) -> &'static [Definition];

    /// What can go wrong in the family.
    fn faults(&self) -> &'static [Fault];

    /// Faults were added or taken out: what of them is a state of the machine is so from now on.
    fn faults_changed(&self, world: &mut World, id: MachineId) {
        let _ = (world, id);
    }

    /// Why a fault can do nothing to a machine as it is.
    fn refuses_fault(&self, world: &World, id: MachineId, fault: &Fault) -> Option<String> {
        let _ = (world, id, fault);
        None
    }

    /// The object that goes by another of its names, too, as the machine's own tools know it.
    fn object_called(&self, world: &World, id: MachineId, kind: &str, name: &str) -> Option<&'static str> {
        let _ = (world, id, kind, name);
        None
    }

    /// The objects of a kind of which there are few: they are told wherever the kind is.
    fn few_objects(&self, world: &World, id: MachineId, kind: &str) -> Vec<&'static str> {
        let _ = (world, id, kind);
        Vec::new()
    }

    /// The names of the objects that a fault may be for; `patches` are the updates within the machine's reach.
    fn objects<'w>(&self, world: &'w World, id: MachineId, kind: &str, patches: &'w [Arc<Patch>]) -> Vec<&'w str>;

    /// The programs that only machines of the family have.
    fn programs(&self) -> &'static [Tool] {
        &[]
    }

    /// The state of a unit that follows a model of the family's own; nothing when it is a unit like any other.
    fn unit_state(&self, world: &World, id: MachineId, name: &str) -> Option<unit::State> {
        let _ = (world, id, name);
        None
    }

    /// Someone asks for a unit to be started, or stopped. `false` when it is a unit like any other. What becomes of the
    /// request shows in [`Family::unit_state`]: while that is on its way, the one who asked waits.
    fn ask_unit(&self, world: &mut World, id: MachineId, name: &str, start: bool) -> bool {
        let _ = (world, id, name, start);
        false
    }

    /// Units that are not started: a condition in their file does not hold.
    fn skips(&self, world: &World, id: MachineId) -> &'static [&'static str] {
        let _ = (world, id);
        &[]
    }

    /// Whether the program of a unit like any other runs as the machine is set up, or ends at once.
    fn comes_up(&self, world: &World, id: MachineId, unit: &str) -> bool {
        let _ = (world, id, unit);
        true
    }

    /// Something has changed about a machine beside what the family did itself: a unit, its power, a fault that lasts.
    fn stirred(&self, world: &mut World, id: MachineId) {
        let _ = (world, id);
    }

    /// A signal has killed a process that is no coroutine. `false` when it belongs to a unit like any other.
    fn process_died(&self, world: &mut World, id: MachineId, pid: u32) -> bool {
        let _ = (world, id, pid);
        false
    }

    /// The bridge that the machine's network card is a port of.
    fn bridge(&self, world: &World, id: MachineId) -> Option<&'static str> {
        let _ = (world, id);
        None
    }

    /// The links beside the network card and its bridge.
    fn links(&self, world: &World, id: MachineId) -> Vec<Link> {
        let _ = (world, id);
        Vec::new()
    }

    /// Whether there is something at the other end of the machine's network card.
    fn is_plugged(&self, world: &World, id: MachineId) -> bool {
        let _ = (world, id);
        true
    }

    /// Somebody sets one of [`Family::links`] up or down.
    fn set_link(&self, world: &mut World, id: MachineId, name: &str, up: bool) {
        let _ = (world, id, name, up);
    }

    /// Whether what the machine sends comes as far as the nets of the lab, or to one that is nearer.
    fn sends_to(&self, world: &World, id: MachineId, to: &Host) -> bool {
        let _ = to;
        !world.linux(id).network.by_hand.port_down
    }

    /// The TCP ports on which daemons of the family's own listen, beside those of its pages.
    fn ports(&self) -> &'static [Port] {
        &[]
    }

    /// The UDP ports on which daemons of the family's own listen.
    fn datagram_ports(&self, world: &World, id: MachineId) -> Vec<Port> {
        let _ = (world, id);
        Vec::new()
    }

    /// What a file of the family holds whose content has this name (see `linux::made_files`).
    fn make(&self, world: &World, id: MachineId, name: &str) -> String {
        let _ = (world, id);
        unreachable!("no file of this family is made from {name}")
    }

    /// Whether what such a file holds is made up for want of a source.
    fn is_inferred(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// When such a file was changed last, where the model knows (see `linux::made_files`).
    fn changed(&self, world: &World, id: MachineId, name: &str) -> Option<Instant> {
        let _ = (world, id, name);
        None
    }
}

/// A web page, and the version of the client whose files the browser keeps from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the browser shows.
    pub text: String,
    /// The version of the files it caches, if this page brings any.
    pub caches: Option<String>,
    /// Whether it is one at which users log in, whoever lets them in.
    pub signs_in: bool,
    /// The port to which it sends a browser on, if it does.
    pub leads_to: Option<u16>,
}

impl Page {
    /// A page that leaves nothing in the browser's cache.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), caches: None, signs_in: false, leads_to: None }
    }
}
