//! What is true of every lab at every moment.

use std::collections::{BTreeMap, BTreeSet};

use appsh::lab::{Lab, Waits};
use appsh::operator::Operator;
use appsh::payload::Package;
use appsh::payload::catalog::RELEASE_PACKAGE;
use appsh::shell::{SessionId, Terminal};
use appsh::sim::Span;
use appsh::systems::vcsa::model::{Clients, Phase, Update, Vcsa};
use appsh::systems::vcsa::series::Line;
use appsh::systems::vcsa::services::State;
use appsh::systems::vcsa::software_update::State as UpdateState;
use appsh::vm::Power;
use appsh::world::{Closed, Machine, MachineId, World};

use crate::kept::Deed;

/// The invariants, and what of the past they need.
pub struct Invariants {
    before: BTreeMap<MachineId, Before>,
    /// What ran at the beginning.
    first: BTreeMap<MachineId, String>,
    /// Whether anybody ever agreed to anything.
    agreed: bool,
    /// What of interest has come to pass.
    pub seen: BTreeSet<&'static str>,
}

/// So long after its boot an appliance has not started all of its services.
const STARTS: Span = Span::secs(480);

/// What random histories must come to, or they show nothing.
pub const OF_INTEREST: &[&str] = &[
    "idle, staged",
    "installing",
    "awaiting-reboot",
    "interrupted",
    "interrupted, staged",
    "updated",
    "updated in part",
    "third-party only",
    "booting",
    "a service failed",
    "installing while it boots",
    "shutdown scheduled",
    "two sessions on a machine",
    "closed by a power cut",
    "a clone",
];

/// What was true of a machine before the last deed.
#[derive(Clone, Copy, PartialEq)]
struct Before {
    update: Update,
    services_down: bool,
    staged: usize,
}

impl Before {
    fn of(vcsa: &Vcsa) -> Self {
        let staged = vcsa.staged.as_ref().map_or(0, |staged| staged.packages.len());
        Self { update: vcsa.update, services_down: vcsa.services.next_to_stop().is_none(), staged }
    }
}

/// Complaints about one machine.
struct Complaints<'a> {
    machine: &'a str,
    list: Vec<String>,
}

impl Complaints<'_> {
    fn unless(&mut self, holds: bool, what: &str) {
        if !holds {
            self.list.push(format!("{}: {what}", self.machine));
        }
    }
}

impl Invariants {
    pub fn new(operator: &Operator) -> Self {
        let world = operator.lab.world();
        let before = world.machines().map(|(id, _)| (id, Before::of(world.vcsa(id)))).collect();
        let first = world.machines().map(|(id, _)| (id, world.vcsa(id).running.version.clone())).collect();
        Self { before, first, agreed: false, seen: BTreeSet::new() }
    }

    /// What does not hold after a deed, in words.
    pub fn check(&mut self, operator: &Operator, deed: Option<&Deed>) -> Vec<String> {
        self.agreed |= matches!(deed, Some(Deed::Line(line)) if line == "yes" || line.contains("--a"));
        let went_back = matches!(deed, Some(Deed::Direct(line)) if !line.starts_with("%advance"));
        let world = operator.lab.world();
        let mut broken = sessions(&operator.lab);
        for (id, machine) in world.machines() {
            let vcsa = world.vcsa(id);
            let mut complaints = Complaints { machine: &machine.name, list: Vec::new() };
            releases(vcsa, &mut complaints);
            self.staging(vcsa, world, &mut complaints);
            room(vcsa, &mut complaints);
            state_of_updates(vcsa, &mut complaints);
            services(vcsa, (!went_back).then(|| self.before[&id]), &mut complaints);
            power(world, id, machine, &operator.lab, &mut complaints);
            broken.extend(complaints.list);
            self.see(id, machine, vcsa, &operator.lab);
            self.before.insert(id, Before::of(vcsa));
        }
        broken
    }

    fn see(&mut self, id: MachineId, machine: &Machine, vcsa: &Vcsa, lab: &Lab) {
        let on_it = |closed| lab.sessions().filter(|s| s.machine == id && s.closed == closed).count();
        let staged = vcsa.staged.is_some();
        // Some services would still be on their way up if nothing had been begun meanwhile.
        let starting = lab.now().since(vcsa.linux.booted) < STARTS;
        let moments = [
            (vcsa.update.word(), true),
            ("idle, staged", vcsa.update == Update::Idle && staged),
            ("interrupted, staged", vcsa.update == Update::Interrupted && staged),
            ("updated", vcsa.running.version != self.first[&id]),
            ("kept disks", vcsa.backup.is_some()),
            ("updated in part", vcsa.update == Update::Interrupted && is_torn(vcsa)),
            ("third-party only", vcsa.staged.as_ref().is_some_and(|staged| staged.third_party_only)),
            ("booting", vcsa.phase == Phase::Network),
            ("a service failed", vcsa.services.iter().any(|(_, state)| state == State::Failed)),
            ("installing while it boots", vcsa.update == Update::Installing && starting && vcsa.boots > 1),
            ("shutdown scheduled", vcsa.shutdown.is_some()),
            ("two sessions on a machine", on_it(None) > 1),
            ("closed by a power cut", on_it(Some(Closed::PowerCut)) > 0),
            ("a clone", !machine.clones.is_empty()),
        ];
        self.seen.extend(moments.into_iter().filter(|(_, so)| *so).map(|(what, _)| what));
    }

    /// What is staged is what the payload has and the appliance lacks, and somebody agreed to its licence.
    fn staging(&self, vcsa: &Vcsa, world: &World, complaints: &mut Complaints<'_>) {
        let Some(staged) = &vcsa.staged else { return };
        let there: BTreeSet<&str> = staged.packages.iter().map(|package| package.name.as_str()).collect();
        let newer = vcsa.installed.packages.newer(&staged.patch, staged.third_party_only);
        let newer: BTreeSet<&str> = newer.iter().map(|package| package.name.as_str()).collect();
        complaints.unless(there == newer, "staged is not payload minus installed");
        let under_way = matches!(vcsa.update, Update::Installing | Update::Interrupted);
        complaints.unless(under_way || !there.is_empty(), "all that was staged is installed, and it is still staged");
        let size = |package: &Package| package.real_size.unwrap_or(package.body.size);
        let sum: u64 = if staged.copied { staged.packages.iter().map(size).sum() } else { 0 };
        let partial = vcsa.partial.as_ref().map_or(0, |partial| partial.bytes);
        complaints
            .unless(vcsa.staged_bytes() == sum + partial, "the staging area does not hold the sum of the staged sizes");
        complaints.unless(staged.eula_accepted <= world.now, "the licence was accepted in the future");
        complaints.unless(self.agreed, "something is staged and nobody agreed to a licence");
    }
}

/// Whether some packages of an installation are changed and others are not, or what comes behind them is missing.
fn is_torn(vcsa: &Vcsa) -> bool {
    let goes_on = vcsa.series().line >= Line::V7_0;
    let torn = |changed, total| (1..total).contains(&changed) || goes_on && changed == total;
    vcsa.installation.as_ref().is_some_and(|all| torn(all.changed, all.total))
}

/// The version follows from the installed packages; what runs follows from what was installed at the boot.
fn releases(vcsa: &Vcsa, complaints: &mut Complaints<'_>) {
    let release = vcsa.installed.release();
    let package = vcsa.installed.packages.get(RELEASE_PACKAGE).map(|package| package.version.clone());
    let named = format!("{}-{}", release.version, release.build);
    complaints.unless(package == Some(named), "the installed version is not that of the release package");
    if vcsa.update == Update::Idle || matches!(vcsa.phase, Phase::Loading | Phase::Network) {
        complaints.unless(vcsa.running == release, "what runs is not what was installed at the boot");
    }
    let kept = vcsa.backup.is_some();
    complaints.unless(vcsa.update != Update::Interrupted || is_torn(vcsa) || kept, "nothing is torn by what broke off");
    complaints.unless(
        vcsa.update != Update::AwaitingReboot || matches!(vcsa.phase, Phase::Up | Phase::Stopping(_) | Phase::Off),
        "a machine that boots awaits no reboot",
    );
}

/// What is staged lies on the disks, and what a stage that broke off has left is counted there.
fn room(vcsa: &Vcsa, complaints: &mut Complaints<'_>) {
    let taken: u64 = vcsa.linux.fs.mounts().map(|(_, mount)| mount.used_by_model).sum();
    let partial = vcsa.partial.as_ref().map_or(0, |partial| partial.bytes);
    complaints.unless(taken == partial, "the disks hold something else than what a stage has left");
    complaints.unless(!vcsa.lacks_staged_files(), "what is staged is not on the disks");
}

/// The state file, the staging area, the disks that were kept and the phase of an installation tell one story.
fn state_of_updates(vcsa: &Vcsa, complaints: &mut Complaints<'_>) {
    let (state, update) = (vcsa.software_update.state, vcsa.update);
    let waiting = vcsa.staged.is_some() || vcsa.tool_busy;
    complaints.unless(state != UpdateState::UpdatesPending || waiting, "an update is pending, and none is staged");
    complaints.unless(
        update != Update::Installing
            || state == UpdateState::InstallInProgress
            || !vcsa.series().update_state.is_told(),
        "packages are changed, and the state is another",
    );
    let keeps = vcsa.series().line == Line::V8_0;
    complaints.unless(
        !keeps || !matches!(update, Update::Installing | Update::Interrupted) || vcsa.backup.is_some(),
        "an installation of 8.0 is torn, and the disks were not kept",
    );
    complaints.unless(keeps || vcsa.backup.is_none(), "disks are kept where nothing keeps them");
    complaints.unless(
        vcsa.installation.is_some() || !matches!(update, Update::Installing | Update::Interrupted),
        "an installation of nothing",
    );
}

/// The services of vCenter are stopped from the end of the pre-install step until the reboot.
fn services(vcsa: &Vcsa, before: Option<Before>, complaints: &mut Complaints<'_>) {
    let down = vcsa.services.next_to_stop().is_none();
    complaints.unless(vcsa.update != Update::AwaitingReboot || down, "services run while the reboot is awaited");
    if let Some(before) = before
        && (before.update, vcsa.update) == (Update::Installing, Update::Installing)
    {
        complaints.unless(!before.services_down || down, "services came back during an installation");
        let now = Before::of(vcsa);
        complaints.unless(now.staged >= before.staged || down, "packages are changed while services run");
    }
    for (definition, state) in vcsa.services.iter() {
        if state == State::StartPending {
            let ready = definition.needs.iter().all(|needed| vcsa.services.runs(needed));
            complaints.unless(ready, &format!("{} starts before what it needs", definition.name));
        }
    }
    let serves = vcsa.clients() == Clients::Connected;
    let reachable = matches!(vcsa.phase, Phase::Up | Phase::Stopping(_));
    complaints.unless(!serves || reachable, "clients reach a machine that is not up");
}

/// What is off has no life in it; a tool at work has somebody who runs it; a shutdown that is scheduled will come.
fn power(world: &World, id: MachineId, machine: &Machine, lab: &Lab, complaints: &mut Complaints<'_>) {
    let vcsa = world.vcsa(id);
    let off = vcsa.phase == Phase::Off;
    complaints.unless((machine.vm.power == Power::Off) == off, "power and phase contradict each other");
    let stopped = vcsa.services.iter().all(|(_, state)| state == State::Stopped);
    complaints.unless(!off || stopped, "services run on a machine without power");
    let mut open = lab.sessions().filter(|session| session.machine == id && session.closed.is_none());
    let busy = lab.busy();
    let tool_has_user = open.any(|session| busy.contains(&session.id));
    complaints.unless(!vcsa.tool_busy || tool_has_user, "the tool is busy, and nobody runs it");
    complaints.unless(vcsa.update != Update::Installing || tool_has_user, "nobody runs the installation");
    let open = lab.sessions().any(|session| session.machine == id && session.closed.is_none());
    complaints.unless(!open || vcsa.phase == Phase::Up, "there is a session on a machine that is not up");
    if let Some(shutdown) = &vcsa.shutdown {
        let due = world.queue.iter().any(|(at, event)| event.machine == id && at == shutdown.ticket.at());
        complaints.unless(due && shutdown.ticket.at() >= world.now, "the scheduled shutdown will not come");
    }
    let late = world.queue.iter().any(|(at, _)| at < world.now);
    complaints.unless(!late, "something was due and has not happened");
}

/// A session waits for what can come; a lab in which none runs a command is at rest.
fn sessions(lab: &Lab) -> Vec<String> {
    let mut broken = Vec::new();
    for session in lab.sessions() {
        let SessionId(number) = session.id;
        if let Waits::Time(moment) = lab.waits(session.id)
            && lab.next_due().is_none_or(|due| due > moment)
        {
            broken.push(format!("session {number} waits for {moment}, and nothing is due then"));
        }
        if lab.waits(session.id) == Waits::Prompt && session.shells.is_empty() {
            broken.push(format!("session {number} is at a prompt without a shell"));
        }
        // An update from 7.0 on asks for the administrator's password wherever it is run.
        let update = lab.world().vcsa(session.machine).tool_busy;
        if session.terminal == Terminal::PIPE && lab.waits(session.id) == Waits::Secret && !update {
            broken.push(format!("session {number} asks a pipe for a secret"));
        }
    }
    if lab.is_quiet() != lab.rest().is_some() {
        broken.push("a lab in which no command runs cannot be saved".to_owned());
    }
    broken
}
