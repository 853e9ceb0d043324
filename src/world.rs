//! The lab's state: all machines on one timeline, as plain data. Clones share what has not changed since.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sim::task::TaskId;
use crate::sim::{Faults, Instant, Queue, Span, Streams, Tasks};
pub use crate::systems::kinds::{Clusters, Happening, Offers, Shell, System};
use crate::systems::linux::model::Errand;
use crate::systems::linux::model::Linux;
pub use crate::systems::linux::model::Password;
use crate::vm::{Medium, Vm};

/// The fault points that stand for what is wrong with root's password, and end with it.
pub const PASSWORD_FAULTS: [&str; 2] = ["password.expired", "password.expiring"];

/// The fault point that stands for a machine's clock being wrong, and ends when it is set.
pub const CLOCK_FAULT: &str = "clock.wrong";

/// The fault point that stands for root's account being locked by logins that failed, and ends when their count is set back.
pub const LOCK_FAULT: &str = "account.locked";

/// Names a machine within its lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MachineId(pub usize);

/// The whole simulated world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The name of the lab.
    pub name: String,
    /// Virtual time.
    pub now: Instant,
    /// What is going to happen.
    pub queue: Queue<Event>,
    /// What goes on, whatever the sessions do.
    pub tasks: Tasks,
    /// Chance.
    pub streams: Streams,
    /// What shall go wrong.
    pub faults: Faults,
    /// Which payload a repository address holds.
    pub repositories: Arc<BTreeMap<String, Medium>>,
    /// What stands around the machines.
    #[serde(default)]
    pub surroundings: Surroundings,
    /// The address of the desktop from which admins log in.
    pub desktop: String,
    /// What machines make up together and none of them owns.
    #[serde(default)]
    pub clusters: Clusters,
    /// The storage on which another can be deployed.
    #[serde(default)]
    pub offers: Offers,
    machines: Vec<Arc<Machine>>,
    /// Sessions that end because their machine went down: taken by the lab after each event and command.
    dropped: Vec<(MachineId, Closed)>,
    /// Machines whose console has been taken from who sits there: taken by the lab like those.
    #[serde(default)]
    consoles: Vec<MachineId>,
    /// What is to be run without a person: taken by the lab like those.
    #[serde(skip)]
    errands: Vec<(MachineId, Errand)>,
    /// Processes of which there is news: taken by the lab like those.
    #[serde(default)]
    nudged: Vec<(MachineId, u32)>,
    #[serde(skip)]
    marks: Marks,
}

/// Counts what was changed, so that whoever looks time and again looks closely only where something may be another. Worlds are
/// the same whatever stands in it.
#[derive(Clone, Debug, Default)]
struct Marks {
    changes: u64,
    /// At which count a machine was looked at closely, with nothing to do.
    calm: Vec<Option<u64>>,
}

impl PartialEq for Marks {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Marks {}

/// One box with shells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Its name in the lab.
    pub name: String,
    /// Its network address.
    pub address: String,
    /// The passwords it accepts, unreadable; any when empty.
    pub passwords: Vec<Password>,
    /// Its virtual hardware.
    pub vm: Vm,
    /// What it is.
    pub system: System,
    /// Copies of it, by name.
    pub clones: BTreeMap<String, Arc<CloneOf>>,
    /// Copies that are being made.
    pub copying: Vec<Copying>,
    /// What the admin's browser keeps of its pages.
    pub browser: Browser,
}

impl Machine {
    /// Whether it accepts `text` as a password.
    #[must_use]
    pub fn accepts(&self, text: &str) -> bool {
        self.passwords.is_empty() || self.passwords.contains(&Password::of(&self.name, text))
    }

    /// Whether it accepts `text` as the password of the user with this number. Who has none of their own has root's.
    #[must_use]
    pub fn accepts_of(&self, uid: u32, text: &str) -> bool {
        let linux = self.system.linux();
        if let Some(accepted) = self.system.accepts_of(&self.name, uid, text) {
            return accepted;
        }
        match linux.user_name(uid).and_then(|name| linux.shadow.get(&name)) {
            Some(shadow) if shadow.locked || shadow.unset => false,
            Some(shadow) if uid != 0 => {
                shadow.password.map_or_else(|| self.accepts(text), |own| own == Password::of(&self.name, text))
            }
            _ => self.accepts(text),
        }
    }

    /// From now on it accepts this password only.
    pub fn change_password(&mut self, password: Password) {
        self.passwords = vec![password];
    }
}

/// A copy of a machine, made while the machine was on or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloneOf {
    /// Of which moment it is.
    pub at: Instant,
    /// The machine as it was.
    pub system: System,
    /// The passwords that it accepted; none when an appsh that did not know better kept the copy.
    pub passwords: Vec<Password>,
}

/// A copy of a machine that is being made, disk by disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copying {
    /// The task that makes it.
    pub task: TaskId,
    /// What it is going to be called.
    pub name: String,
    /// The machine as it was when the task began.
    pub copy: Arc<CloneOf>,
    /// How many disks are copied.
    pub disks: usize,
}

/// The admin's browser, as far as it matters to a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Browser {
    /// The version of the web client whose files are in the cache.
    pub cached: Option<String>,
}

/// A login on a machine from which a session went on to another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The machine.
    pub machine: MachineId,
    /// Its shells, the innermost last.
    pub shells: Vec<Shell>,
    /// The number of its terminal line.
    #[serde(default)]
    pub line: u32,
    /// By which name the secure shell was told to go on from it; nothing where another way led on.
    #[serde(default)]
    pub called: String,
    /// The process that led on from it.
    #[serde(default)]
    pub by: u32,
}

/// Something that happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// To which machine.
    pub machine: MachineId,
    /// What.
    pub what: Happening,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// The person left (`exit`, Ctrl-D).
    Exit,
    /// The machine refused the login.
    Denied,
    /// The machine restarts.
    Reboot,
    /// The machine was shut down.
    Poweroff,
    /// The machine lost power.
    PowerCut,
    /// The line went dead while a command asked something.
    HangUp,
}

impl Closed {
    /// The reason in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exit => "exit",
            Self::Denied => "login denied",
            Self::Reboot => "reboot",
            Self::Poweroff => "poweroff",
            Self::PowerCut => "power cut",
            Self::HangUp => "hang-up",
        }
    }
}

/// What stands in the network around the machines, by address. Nobody logs in there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Surroundings {
    /// The way to other nets.
    pub gateway: Option<String>,
    /// A name server, which knows the machines by their names.
    pub names: Option<String>,
    /// A time server.
    pub time: Option<String>,
    /// What the name server knows beside the machines: addresses by name.
    pub hosts: BTreeMap<String, String>,
    /// The address that the DHCP server keeps for a hardware address.
    pub leases: BTreeMap<String, String>,
    /// The address that it gives to any other.
    pub pool: Option<String>,
}

impl Surroundings {
    /// The address that a machine with this hardware address gets.
    #[must_use]
    pub fn lease(&self, hardware: &str) -> Option<&str> {
        let kept =
            self.leases.iter().find(|(known, _)| known.eq_ignore_ascii_case(hardware)).map(|(_, address)| address);
        kept.or(self.pool.as_ref()).map(String::as_str)
    }

    /// The address of a name that the name server knows beside the machines, with the name in full.
    #[must_use]
    pub fn host(&self, name: &str) -> Option<(&str, &str)> {
        let found = self.hosts.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim_end_matches('.')));
        found.map(|(name, address)| (name.as_str(), address.as_str()))
    }

    /// Whether something at an address answers ping.
    #[must_use]
    pub fn has(&self, address: &str) -> bool {
        [&self.gateway, &self.names, &self.time].iter().any(|own| own.as_deref() == Some(address))
    }
}

impl World {
    /// A world without machines.
    #[must_use]
    pub fn new(name: &str, start: Instant, seed: u64, desktop: &str) -> Self {
        Self {
            name: name.to_owned(),
            now: start,
            queue: Queue::default(),
            tasks: Tasks::default(),
            streams: Streams::new(seed),
            faults: Faults::default(),
            repositories: Arc::default(),
            surroundings: Surroundings::default(),
            desktop: desktop.to_owned(),
            clusters: Clusters::default(),
            offers: Offers::default(),
            machines: Vec::new(),
            dropped: Vec::new(),
            consoles: Vec::new(),
            errands: Vec::new(),
            nudged: Vec::new(),
            marks: Marks::default(),
        }
    }

    /// Adds a machine.
    pub fn add(&mut self, machine: Machine) -> MachineId {
        self.stir();
        self.machines.push(Arc::new(machine));
        MachineId(self.machines.len() - 1)
    }

    /// Takes the machines out, to be kept apart from the rest of the world.
    pub fn take_machines(&mut self) -> Vec<Arc<Machine>> {
        std::mem::take(&mut self.machines)
    }

    /// Puts machines back that were taken out.
    pub fn put_machines(&mut self, machines: Vec<Arc<Machine>>) {
        self.stir();
        self.machines = machines;
    }

    /// The machines in the lab's order.
    pub fn machines(&self) -> impl Iterator<Item = (MachineId, &Machine)> {
        self.machines.iter().enumerate().map(|(i, machine)| (MachineId(i), machine.as_ref()))
    }

    /// The machine called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<MachineId> {
        self.machines().find(|(_, machine)| machine.name == name).map(|(id, _)| id)
    }

    /// The machine `id`.
    #[must_use]
    pub fn machine(&self, id: MachineId) -> &Machine {
        &self.machines[id.0]
    }

    /// The machine `id`, to be changed.
    pub fn machine_mut(&mut self, id: MachineId) -> &mut Machine {
        self.stir();
        Arc::make_mut(&mut self.machines[id.0])
    }

    /// Something is changed that a machine may be looked at for.
    pub fn stir(&mut self) {
        self.marks.changes += 1;
    }

    /// How much was changed so far.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.marks.changes
    }

    /// Whether nothing was changed, and no fault is set, since a machine was found calm.
    #[must_use]
    pub fn is_calm(&self, id: MachineId) -> bool {
        self.marks.calm.get(id.0) == Some(&Some(self.marks.changes)) && self.faults.rules().is_empty()
    }

    /// A machine was looked at closely from this count on; it is calm if there was nothing to do.
    pub fn looked_at(&mut self, id: MachineId, count: u64) {
        let calm = (count == self.marks.changes && self.faults.rules().is_empty()).then_some(count);
        if self.marks.calm.len() <= id.0 {
            self.marks.calm.resize(id.0 + 1, None);
        }
        self.marks.calm[id.0] = calm;
    }

    /// The operating system of the machine `id`.
    #[must_use]
    pub fn linux(&self, id: MachineId) -> &Linux {
        self.machine(id).system.linux()
    }

    /// The operating system of the machine `id`, to be changed.
    pub fn linux_mut(&mut self, id: MachineId) -> &mut Linux {
        self.machine_mut(id).system.linux_mut()
    }

    /// Schedules something for a machine, `span` from now.
    pub fn after(&mut self, machine: MachineId, span: Span, what: impl Into<Happening>) -> crate::sim::queue::Ticket {
        self.queue.schedule(self.now + span, Event { machine, what: what.into() })
    }

    /// Asks whether a fault strikes `object` of a machine at `point`.
    pub fn strikes(&mut self, id: MachineId, point: &str, object: &str) -> bool {
        if self.faults.rules().is_empty() {
            return false;
        }
        let name = &self.machines[id.0].name;
        self.faults.strike(name, point, object)
    }

    /// Whether a fault that lasts as long as its rule is set for a machine.
    #[must_use]
    pub fn suffers(&self, id: MachineId, point: &str) -> bool {
        self.faults.holds(&self.machines[id.0].name, point)
    }

    /// Root of a machine has a new password: faults of the old one are over.
    pub fn change_password(&mut self, id: MachineId, password: Password) {
        self.machine_mut(id).change_password(password);
        self.renew_password(id);
    }

    /// The password of root is as good as new.
    pub fn renew_password(&mut self, id: MachineId) {
        let now = self.now;
        if let Some(shadow) = self.linux_mut(id).shadow.get_mut("root") {
            (shadow.changed, shadow.locked, shadow.unset) = (Some(now), false, false);
        }
        let machine = &self.machines[id.0];
        for point in PASSWORD_FAULTS {
            self.faults.settle(&machine.name, point);
        }
    }

    /// What a fault point of a machine stood for was put right.
    pub fn settle(&mut self, id: MachineId, point: &str) {
        let machine = &self.machines[id.0];
        self.faults.settle(&machine.name, point);
    }

    /// Sets the clock of a machine so many seconds ahead of the lab's time.
    pub fn set_clock(&mut self, id: MachineId, ahead: i64) {
        let now = self.now.utc().unix_timestamp();
        self.linux_mut(id).zone.set_ahead(now, ahead);
        let machine = &self.machines[id.0];
        self.faults.settle(&machine.name, CLOCK_FAULT);
    }

    /// Ends all sessions of a machine, once the present event or command is through.
    pub fn drop_sessions(&mut self, id: MachineId, why: Closed) {
        self.dropped.push((id, why));
    }

    /// They do not end for this reason after all.
    pub fn keep_sessions(&mut self, id: MachineId, why: Closed) {
        self.dropped.retain(|dropped| *dropped != (id, why));
    }

    /// Ends the session at the console of a machine, once the present event or command is through.
    pub fn free_console(&mut self, id: MachineId) {
        self.consoles.push(id);
    }

    /// The machines at whose consoles nobody is any more.
    pub fn take_consoles(&mut self) -> Vec<MachineId> {
        std::mem::take(&mut self.consoles)
    }

    /// Something is to be run on a machine without a person.
    pub fn begin(&mut self, id: MachineId, errand: Errand) {
        self.errands.push((id, errand));
    }

    /// What is to be run without a person.
    pub fn take_errands(&mut self) -> Vec<(MachineId, Errand)> {
        std::mem::take(&mut self.errands)
    }

    /// Wakes whoever awaits news of a process.
    pub fn nudge(&mut self, id: MachineId, pid: u32) {
        self.nudged.push((id, pid));
    }

    /// The processes of which there is news.
    pub fn take_nudged(&mut self) -> Vec<(MachineId, u32)> {
        std::mem::take(&mut self.nudged)
    }

    /// The machines whose sessions must end now.
    pub fn take_dropped(&mut self) -> Vec<(MachineId, Closed)> {
        std::mem::take(&mut self.dropped)
    }
}
